package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// tries is how often a turn is thought over when others keep changing its conversation.
const tries = 16

// Turn does one turn of a conversation as a whole.
func (s *Store) Turn(ctx context.Context, m chat.Message, think bot.StepFunc) (bot.TurnResult, error) {
	unlock, err := s.turns.lock(ctx, m.Conversation)
	if err != nil {
		return bot.TurnResult{}, err
	}
	defer unlock()
	for range tries {
		l, seq, err := s.load(ctx, m)
		if err != nil {
			return bot.TurnResult{}, err
		}
		if seq > 0 {
			return s.repeated(ctx, l, m, seq)
		}
		p, err := s.think(ctx, l, m, think)
		if err != nil {
			return bot.TurnResult{}, err
		}
		switch err := s.commit(ctx, p.job); {
		case err == nil:
			s.recent.put(p.after)
			return p.turned, nil
		case errors.Is(err, errStale):
			s.recent.drop(m.Conversation)
			continue
		default:
			return bot.TurnResult{}, fmt.Errorf("keep a turn: %w", err)
		}
	}
	return bot.TurnResult{}, fmt.Errorf("%w: the conversation changes all the time", chat.ErrBusy)
}

// load is the conversation as it stands, or the seq of the entry that is this message already.
func (s *Store) load(ctx context.Context, m chat.Message) (l remembered, seq int64, err error) {
	l, known := s.recent.get(m.Conversation)
	if known && !slices.Contains(l.heard, m.ExternalID) {
		return l, 0, nil
	}
	var elsewhere bool
	var newest string
	var c conversationRow
	var t ticketRow
	into := append([]any{&l.session, &l.version, &newest, &l.hash, &seq, &elsewhere}, t.into()...)
	found, err := first(ctx, s.read, append(into, c.into()...), `
		SELECT c.session, c.version, c.ticket, c.token_hash,
			COALESCE((SELECT e.seq FROM entries e WHERE e.channel = $2 AND e.external = $3 AND e.conversation = c.id), 0),
			EXISTS (SELECT 1 FROM entries e WHERE e.channel = $2 AND e.external = $3 AND e.conversation <> c.id),
			`+ticketColumns+`, `+conversationColumns+`
		FROM conversations c LEFT JOIN tickets t ON t.id = c.ticket WHERE c.id = $1`,
		m.Conversation, m.Channel, m.ExternalID)
	if err != nil {
		return l, 0, s.fault("read a conversation", err)
	}
	if !found {
		return l, 0, fmt.Errorf("conversation %q: %w", m.Conversation, chat.ErrNotFound)
	}
	if elsewhere {
		return l, 0, fmt.Errorf("%w: another conversation has the message %q already", chat.ErrConflict, m.ExternalID)
	}
	if l.conversation, err = c.conversation(); err != nil {
		return l, 0, err
	}
	l.device, l.ticket = c.device, nil
	if newest != "" {
		t.customer(l.conversation)
		ticket, err := t.ticket()
		if err != nil {
			return l, 0, err
		}
		l.ticket = &ticket
	}
	return l, seq, nil
}

// think lets the bot think on a fresh copy of the session.
func (s *Store) think(ctx context.Context, l remembered, m chat.Message, think bot.StepFunc) (planned, error) {
	var session bot.Session
	if err := json.Unmarshal([]byte(l.session), &session); err != nil {
		return planned{}, fmt.Errorf("read a session: %w", err)
	}
	session.Holder, session.Device = l.conversation.Holder, l.conversation.Device
	if l.ticket != nil {
		ticket := *l.ticket
		session.Ticket = &ticket
	}
	out, err := think(ctx, &session)
	if err != nil {
		return planned{}, err
	}
	return s.plan(l, m, session, out)
}

// turnRows is what one turn writes.
type turnRows struct {
	conversation []any // as advance takes it
	entries      [][]any
	attachments  [][]any
	ticket       [][]any // at most one
	audit        [][]any
	outbox       [][]any
	marks        []chat.KV
	sealed       []byte
	id           string // of the conversation
}

// planned is a turn that is ready to be committed.
type planned struct {
	job    *writeJob
	turned bot.TurnResult
	after  remembered // the conversation once it is committed
}

// plan turns an outcome into rows, without a look at the database.
func (s *Store) plan(l remembered, m chat.Message, session bot.Session, out bot.Outcome) (p planned, err error) {
	c, now, ticket := l.conversation, s.now(), l.ticket
	a := s.appender(c, now)
	a.hold = m.ReplyWindow.Milliseconds()
	p.turned = a.turn(m, out)
	rows := &turnRows{id: c.ID, sealed: out.Sealed}
	raw, err := json.Marshal(session)
	if err != nil {
		return p, fmt.Errorf("write a session: %w", err)
	}
	device := l.device
	if session.Device != c.Device {
		c.Device, device = session.Device, text(session.Device)
	}
	c.Holder, c.LastSeq = cmp.Or(session.Holder, chat.HolderBot), a.seq
	if out.Ticket != nil {
		opened := s.opened(c, *out.Ticket, now)
		ticket, p.turned.Ticket, c.Holder = &opened, &opened, chat.HolderAgent
		rows.ticket = [][]any{ticketValues(opened, 1)}
		rows.audit = [][]any{s.auditValues("bot", string(desk.EventOpened), opened.ID, string(opened.Reason))}
		rows.outbox = s.announcements(opened, desk.EventOpened, 1)
	}
	var event desk.Event
	if out.Ticket != nil {
		event = desk.EventOpened
	}
	if c.Holder == chat.HolderAgent {
		rows.outbox = append(rows.outbox, s.lines(c, a.said, "", event, ticket, now)...)
	}
	newest := ""
	if ticket != nil {
		newest, p.turned.Newest = ticket.ID, ticket.Number
	}
	rows.conversation = []any{c.ID, l.version, c.LastSeq, string(raw), device, string(c.Holder), newest, now}
	rows.entries, rows.attachments = a.entries, a.attachments
	rows.outbox = append(rows.outbox, a.outbox...)
	if rows.marks, err = turnMarks(m); err != nil {
		return p, err
	}
	p.job = &writeJob{turn: rows, wake: wakes(c.ID, len(rows.outbox) > 0)}
	p.after = l.next(c, string(raw), device, ticket, m.ExternalID)
	return p, a.err
}

// turnMarks are the marks of a message: its own belong to the conversation, the cursor to nobody.
func turnMarks(m chat.Message) (marks []chat.KV, err error) {
	for _, one := range m.KV {
		one.Conversation = m.Conversation
		marks = append(marks, one)
	}
	if m.Cursor != nil {
		marks = append(marks, *m.Cursor)
	}
	return marks, checkMarks(marks)
}

// turn adds a message and what is said to it.
func (a *appender) turn(m chat.Message, out bot.Outcome) (turned bot.TurnResult) {
	message := chat.Entry{From: chat.FromCustomer, Text: m.Text, Attachments: m.Attachments}
	if !m.At.IsZero() {
		message.At = moment(m.At.UnixMilli())
	}
	turned.Message = a.add(message, origin{channel: m.Channel, external: m.ExternalID})
	answers := origin{answers: turned.Message.Seq}
	if !out.Silent {
		for _, r := range append([]chat.Reply{out.Reply}, out.More...) {
			turned.Replies = append(turned.Replies, a.add(chat.Entry{From: chat.FromBot, Text: r.Text, Reply: &r}, answers))
		}
	}
	if out.System != "" {
		turned.Replies = append(turned.Replies, a.add(chat.Entry{From: chat.FromSystem, Text: out.System}, answers))
	}
	return turned
}

// repeated is what a message led to when it came first.
func (s *Store) repeated(ctx context.Context, l remembered, m chat.Message, seq int64) (bot.TurnResult, error) {
	entries, err := s.entries(ctx, m.Conversation, `(seq = $2 OR answers = $2)`, seq)
	if err != nil {
		return bot.TurnResult{}, err
	}
	turned := bot.TurnResult{Repeat: true}
	if l.ticket != nil {
		turned.Newest = l.ticket.Number
	}
	for _, e := range entries {
		if e.Seq == seq {
			turned.Message = e
		} else {
			turned.Replies = append(turned.Replies, e)
		}
	}
	return turned, nil
}

// turns writes turns of different conversations. errStale when one of them is not as it was thought.
func (t *tx) turns(ctx context.Context, turns []*turnRows) error {
	if len(turns) == 0 {
		return nil
	}
	advance, rows := make([][]any, 0, len(turns)), turnRows{}
	for _, turn := range turns {
		advance = append(advance, turn.conversation)
		rows.entries = append(rows.entries, turn.entries...)
		rows.attachments = append(rows.attachments, turn.attachments...)
		rows.ticket = append(rows.ticket, turn.ticket...)
		rows.audit = append(rows.audit, turn.audit...)
		rows.outbox = append(rows.outbox, turn.outbox...)
	}
	// Two nodes that advance the same conversations take them in the same order.
	slices.SortFunc(advance, func(a, b []any) int { return cmp.Compare(a[0].(string), b[0].(string)) })
	for _, step := range []struct {
		bulk bulk
		rows [][]any
	}{
		{advanceRows(), advance},
		{entryRows(), rows.entries},
		{attachmentRows(), rows.attachments},
		{ticketRows(), rows.ticket},
		{auditRows(), rows.audit},
		{outboxRows(), rows.outbox},
	} {
		touched, err := t.bulk(ctx, step.bulk, step.rows)
		if err != nil {
			return err
		}
		if touched != int64(len(step.rows)) {
			return errStale
		}
	}
	for _, turn := range turns {
		if err := t.mark(ctx, turn.marks); err != nil {
			return err
		}
		if turn.sealed == nil {
			continue
		}
		if _, err := t.exec(ctx, `UPDATE conversations SET sealed = $1 WHERE id = $2`, turn.sealed, turn.id); err != nil {
			return err
		}
	}
	return nil
}

// advanceRows moves conversations on from the version that was read.
func advanceRows() bulk {
	return bulk{
		head: `UPDATE conversations AS c SET version = c.version + 1, last_seq = v.column3, session = v.column4,
			device = v.column5, holder = v.column6, ticket = v.column7, updated_at = v.column8 FROM (VALUES `,
		tail:  `) AS v WHERE c.id = v.column1 AND c.version = v.column2`,
		width: 8,
		casts: []string{"TEXT", "BIGINT", "BIGINT", "TEXT", "TEXT", "TEXT", "TEXT", "BIGINT"},
	}
}
