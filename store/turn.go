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
func (s *Store) Turn(ctx context.Context, m chat.Message, think bot.Think) (bot.Turned, error) {
	unlock, err := s.turns.lock(ctx, m.Conversation)
	if err != nil {
		return bot.Turned{}, err
	}
	defer unlock()
	for range tries {
		l, err := s.load(ctx, m)
		if err != nil {
			return bot.Turned{}, err
		}
		if l.repeats > 0 {
			return s.repeated(ctx, m, l.repeats)
		}
		session := l.session
		out, err := think(ctx, &session)
		if err != nil {
			return bot.Turned{}, err
		}
		w, turned, err := s.plan(l, m, session, out)
		if err != nil {
			return bot.Turned{}, err
		}
		switch err := s.commit(ctx, w); {
		case err == nil:
			return turned, nil
		case errors.Is(err, errStale):
			continue
		default:
			return bot.Turned{}, fmt.Errorf("keep a turn: %w", err)
		}
	}
	return bot.Turned{}, fmt.Errorf("%w: the conversation changes all the time", chat.ErrBusy)
}

// loaded is a conversation as a turn finds it.
type loaded struct {
	conversation chat.Conversation
	session      bot.Session
	version      int64
	ticket       string // id of the newest
	device       string // as it is kept
	repeats      int64  // seq of the entry that is this message already
}

// load reads all that a turn needs at once.
func (s *Store) load(ctx context.Context, m chat.Message) (l loaded, err error) {
	var raw string
	var elsewhere bool
	var t ticketRow
	into := append([]any{&raw, &l.version, &l.ticket, &l.repeats, &elsewhere}, t.into()...)
	var c conversationRow
	found, err := first(ctx, s.read, append(into, c.into()...), `
		SELECT c.session, c.version, c.ticket,
			COALESCE((SELECT e.seq FROM entries e WHERE e.channel = $2 AND e.external = $3 AND e.conversation = c.id), 0),
			EXISTS (SELECT 1 FROM entries e WHERE e.channel = $2 AND e.external = $3 AND e.conversation <> c.id),
			`+ticketColumns+`, `+conversationColumns+`
		FROM conversations c LEFT JOIN tickets t ON t.id = c.ticket WHERE c.id = $1`,
		m.Conversation, m.Channel, m.External)
	if err != nil {
		return l, s.fault("read a conversation", err)
	}
	if !found {
		return l, fmt.Errorf("conversation %q: %w", m.Conversation, chat.ErrNotFound)
	}
	if elsewhere {
		return l, fmt.Errorf("%w: another conversation has the message %q already", chat.ErrConflict, m.External)
	}
	if l.conversation, err = c.conversation(); err != nil {
		return l, err
	}
	if err := json.Unmarshal([]byte(raw), &l.session); err != nil {
		return l, fmt.Errorf("read a session: %w", err)
	}
	l.device = c.device
	l.session.Holder, l.session.Device = l.conversation.Holder, l.conversation.Device
	if l.ticket != "" {
		t.customer(l.conversation)
		ticket, err := t.ticket()
		if err != nil {
			return l, err
		}
		l.session.Ticket = &ticket
	}
	return l, nil
}

// turnRows is what one turn writes.
type turnRows struct {
	conversation []any // as advance takes it
	entries      [][]any
	attachments  [][]any
	ticket       [][]any // at most one
	audit        [][]any
	outbox       [][]any
	sealed       []byte
	id           string // of the conversation
}

// plan turns an outcome into rows, without a look at the database.
func (s *Store) plan(l loaded, m chat.Message, session bot.Session, out bot.Outcome) (*writeJob, bot.Turned, error) {
	c, now := l.conversation, s.now()
	a := s.appender(c, now)
	received := now
	if !m.At.IsZero() {
		received = m.At.UnixMilli()
	}
	message := chat.Entry{From: chat.FromCustomer, Text: m.Text, At: moment(received), Attachments: m.Attachments}
	turned := bot.Turned{Message: a.add(message, origin{channel: m.Channel, external: m.External})}
	answers := origin{answers: turned.Message.Seq}
	if !out.Silent {
		for _, r := range append([]chat.Reply{out.Reply}, out.More...) {
			turned.Replies = append(turned.Replies, a.add(chat.Entry{From: chat.FromBot, Text: r.Text, Reply: &r}, answers))
		}
	}
	if out.System != "" {
		turned.Replies = append(turned.Replies, a.add(chat.Entry{From: chat.FromSystem, Text: out.System}, answers))
	}
	rows := &turnRows{id: c.ID, sealed: out.Sealed}
	holder, newest := session.Holder, l.ticket
	if holder == "" {
		holder = chat.HolderBot
	}
	if out.Ticket != nil {
		c.Device = session.Device
		ticket := s.opened(c, *out.Ticket, now)
		turned.Ticket = &ticket
		holder, newest = chat.HolderAgent, ticket.ID
		rows.ticket = [][]any{ticketValues(ticket, 1)}
		rows.audit = [][]any{s.auditValues("bot", string(desk.Opened), ticket.ID, string(ticket.Reason))}
		rows.outbox = s.announcements(ticket, desk.Opened, 1)
	}
	raw, err := json.Marshal(session)
	if err != nil {
		return nil, turned, fmt.Errorf("write a session: %w", err)
	}
	device := l.device
	if session.Device != l.conversation.Device {
		device = text(session.Device)
	}
	rows.conversation = []any{c.ID, l.version, a.seq, string(raw), device, string(holder), newest, now}
	rows.entries, rows.attachments = a.entries, a.attachments
	rows.outbox = append(rows.outbox, a.outbox...)
	return &writeJob{turn: rows, wake: wakes(c.ID, len(rows.outbox) > 0)}, turned, a.err
}

// repeated is what a message led to when it came first.
func (s *Store) repeated(ctx context.Context, m chat.Message, seq int64) (bot.Turned, error) {
	entries, err := s.entries(ctx, m.Conversation, `(seq = $2 OR answers = $2)`, seq)
	if err != nil {
		return bot.Turned{}, err
	}
	turned := bot.Turned{Repeat: true}
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
