package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// errStale is a turn whose conversation is not any more as the bot found it.
var errStale = errors.New("the conversation was changed meanwhile")

// Turn does one turn of a conversation as a whole.
func (s *Store) Turn(ctx context.Context, m chat.Message, step bot.StepFunc) (bot.TurnResult, error) {
	unlock, err := s.turns.lock(ctx, m.Conversation)
	if err != nil {
		return bot.TurnResult{}, err
	}
	defer unlock()
	for range maxAttempts {
		before, seq, err := s.loadConversation(ctx, m)
		if err != nil {
			return bot.TurnResult{}, err
		}
		if seq > 0 {
			return s.repeatedTurn(ctx, before, m, seq)
		}
		p, err := s.planTurn(ctx, before, m, step)
		if err != nil {
			return bot.TurnResult{}, err
		}
		err = s.committer.commit(ctx, p.job)
		if err == nil {
			s.cache.put(p.after)
			return p.result, nil
		}
		if !errors.Is(err, errStale) {
			return bot.TurnResult{}, fmt.Errorf("keep a turn: %w", err)
		}
		s.cache.drop(m.Conversation)
	}
	return bot.TurnResult{}, fmt.Errorf("%w: conversation %q changes all the time", chat.ErrBusy, m.Conversation)
}

// loadConversation is the conversation as it stands, or the seq of the entry that is this message already.
func (s *Store) loadConversation(ctx context.Context, m chat.Message) (c *cachedConversation, seq int64, err error) {
	if c := s.cache.get(m.Conversation); c != nil && !slices.Contains(c.externalIDs, m.ExternalID) {
		return c, 0, nil
	}
	var row conversationRow
	found, err := queryOne(ctx, s.reading("read a conversation"), append(fields(&row), &seq), `SELECT `+columnNames[conversationRow]("c.")+`,
			COALESCE((SELECT e.seq FROM entries e WHERE e.channel = $2 AND e.external = $3 AND e.conversation = c.id), 0)
		FROM conversations c WHERE c.id = $1`, m.Conversation, m.Channel, m.ExternalID)
	if err := orNotFound(found, err, "conversation %q", m.Conversation); err != nil {
		return nil, 0, err
	}
	c = &cachedConversation{Conversation: row.conversation(), version: row.Version, customerAt: row.CustomerAt, tokenHash: row.TokenHash.V}
	if err := json.Unmarshal([]byte(row.Session), &c.session); err != nil {
		return nil, 0, fmt.Errorf("read the session of conversation %q: %w", row.ID, err)
	}
	if row.Ticket != "" {
		t, err := findTicket(ctx, s.reading("read a conversation's ticket"), row.Ticket, "")
		if err != nil {
			return nil, 0, err
		}
		c.ticket = &t.Ticket
	}
	return c, seq, nil
}

// turnPlan is a turn that is ready to be committed.
type turnPlan struct {
	job    *writeJob
	result bot.TurnResult
	after  *cachedConversation // the conversation once it is committed
}

// planTurn lets the bot decide on a fresh copy of the session, and makes rows of the outcome without a look at the
// database.
func (s *Store) planTurn(ctx context.Context, before *cachedConversation, m chat.Message, step bot.StepFunc) (p turnPlan, err error) {
	session := before.newSession()
	out, err := step(ctx, &session)
	if err != nil {
		return p, err
	}
	c, now := before.Conversation, s.now()
	a := s.newAppender(c, now)
	a.replyWindow = m.ReplyWindow.Milliseconds()
	recalled, err := s.findRecalled(ctx, m)
	if err != nil {
		return p, err
	}
	p.result = a.addTurn(m, recalled, out)
	p.result.Proven = session.Proven
	c.Device, c.Holder, c.LastSeq = session.Device, cmp.Or(session.Holder, chat.HolderBot), a.seq
	ticket, event, err := s.turnTicket(ctx, before, c, m, out, now)
	if err != nil {
		return p, err
	}
	rows := &turnRows{recalled: recalled, sealed: out.Sealed, kv: turnKV(m)}
	if event == desk.EventOpened {
		p.result.Ticket = ticket
		a.tickets = []ticketRow{newTicketRow(versionedTicket{Ticket: *ticket, version: 1, origin: m.Origin})}
		a.audit = []auditRow{s.newAudit("bot", string(event), ticket.ID, string(ticket.Reason))}
		a.outbox = append(a.outbox, s.newAnnouncements(*ticket, event, 1)...)
	}
	if event == desk.EventClosed {
		rows.withdrawal = &withdrawal{s: s, ticket: *ticket, from: before.ticket.State}
	}
	if isOpen(ticket) || event != "" {
		a.outbox = append(a.outbox, s.newActivities(c, a.added, desk.Activity{Event: event, Ticket: ticket}, now)...)
	}
	rows.newRows = a.newRows
	customerAt := customerAtOf(ticket)
	rows.advance = advanceRow{
		ID: c.ID, Version: before.version, LastSeq: c.LastSeq, Session: string(a.marshal(session)), Device: asJSON[chat.Device]{c.Device},
		Holder: c.Holder, CustomerAt: customerAt, UpdatedAt: now,
	}
	if ticket != nil {
		rows.advance.Ticket, p.result.Newest = ticket.ID, ticket.Number
	}
	p.job = &writeJob{rows: rows, wake: []string{c.ID}}
	if len(rows.outbox) > 0 {
		p.job.wake = append(p.job.wake, outboxKey)
	}
	p.after = before.next(c, session, ticket, customerAt, m.ExternalID)
	return p, cmp.Or(a.err, validateKV(rows.kv))
}

// turnKV is what is kept with a message: its own values belong to the conversation, the cursor to nobody.
func turnKV(m chat.Message) (pairs []chat.KV) {
	for _, kv := range m.KV {
		kv.Conversation = m.Conversation
		pairs = append(pairs, kv)
	}
	if m.Cursor != nil {
		pairs = append(pairs, *m.Cursor)
	}
	return pairs
}

// addTurn adds a message, which takes back the entry of seq recalled where that is not 0, and what is said to it.
func (a *appender) addTurn(m chat.Message, recalled int64, out bot.Outcome) (result bot.TurnResult) {
	message := chat.Entry{From: chat.FromCustomer, Text: m.Text, Attachments: m.Attachments, Enclosure: m.Enclosure, CorrectsSeq: recalled}
	if !m.At.IsZero() {
		message.At = timeOf(m.At.UnixMilli())
	}
	result.Message = a.add(message, origin{channel: m.Channel, externalID: m.ExternalID})
	answers := origin{answers: result.Message.Seq}
	if !out.Silent {
		for _, r := range append([]chat.Reply{out.Reply}, out.More...) {
			result.Replies = append(result.Replies, a.add(chat.Entry{From: chat.FromBot, Text: r.Text, Reply: &r}, answers))
		}
	}
	if out.System != "" {
		result.Replies = append(result.Replies, a.add(chat.Entry{From: chat.FromSystem, Text: out.System}, answers))
	}
	return result
}

// repeatedTurn is what a message led to when it came first.
func (s *Store) repeatedTurn(ctx context.Context, c *cachedConversation, m chat.Message, seq int64) (bot.TurnResult, error) {
	entries, err := s.selectEntries(ctx, m.Conversation, `(seq = $2 OR answers = $2) ORDER BY seq`, seq)
	if err != nil {
		return bot.TurnResult{}, err
	}
	result := bot.TurnResult{Repeat: true, Proven: c.session.Proven}
	if c.ticket != nil {
		result.Newest = c.ticket.Number
	}
	for _, e := range entries {
		if e.Seq == seq {
			result.Message = e
		} else {
			result.Replies = append(result.Replies, e)
		}
	}
	return result, nil
}

// advanceRow moves a conversation on from the version that was read; its table is the list of VALUES.
type advanceRow struct {
	ID, Session, Ticket         string
	Version, LastSeq, UpdatedAt int64
	CustomerAt                  int64
	Device                      asJSON[chat.Device]
	Holder                      chat.Holder
}

func (*advanceRow) table() string { return "v" }

// advance moves conversations on, and returns how many were still at their version.
func advance(ctx context.Context, t *tx, rows []advanceRow) (int64, error) {
	// Two nodes that advance the same conversations take them in the same order.
	slices.SortFunc(rows, func(a, b advanceRow) int { return strings.Compare(a.ID, b.ID) })
	return bulk(ctx, t, bulkStatement{
		head: `WITH `, middle: ` AS (VALUES `,
		tail: `) UPDATE conversations AS c SET version = c.version + 1, last_seq = v.last_seq, session = v.session, device = v.device,
			holder = v.holder, ticket = v.ticket, customer_at = v.customer_at, updated_at = v.updated_at FROM v WHERE c.id = v.id AND c.version = v.version`,
		typed: true,
	}, rows)
}

// turnRows is what one turn writes.
type turnRows struct {
	newRows
	advance    advanceRow
	recalled   int64       // the seq of the entry whose words are erased; 0 for none
	withdrawal *withdrawal // nil for none
	kv         []chat.KV
	sealed     []byte // nil for none
}

// writeBatch writes turns of different conversations. errStale when one of them is not as it was planned.
func (*turnRows) writeBatch(ctx context.Context, t *tx, all []batchable) error {
	advances, sum, kv := make([]advanceRow, 0, len(all)), newRows{}, []chat.KV(nil)
	for _, one := range all {
		turn := one.(*turnRows)
		advances, kv = append(advances, turn.advance), append(kv, turn.kv...)
		sum.addAll(turn.newRows)
	}
	for _, one := range all { // before the conversations, as desks do it: so neither waits for the other
		if w := one.(*turnRows).withdrawal; w != nil {
			if err := w.apply(ctx, t, &sum); err != nil {
				return err
			}
		}
	}
	n, err := advance(ctx, t, advances)
	if err == nil && n != int64(len(advances)) {
		err = errStale
	}
	if err == nil {
		err = sum.insert(ctx, t)
	}
	if errors.Is(err, chat.ErrConflict) { // a key that was free when it was planned
		err = errStale
	}
	if err == nil {
		err = putKV(ctx, t, kv)
	}
	for _, one := range all {
		turn := one.(*turnRows)
		if err == nil && turn.recalled != 0 {
			err = eraseEntry(ctx, t, turn.advance.ID, turn.recalled)
		}
		if err == nil && turn.sealed != nil {
			_, err = t.exec(ctx, `UPDATE conversations SET sealed = $1 WHERE id = $2`, turn.sealed, turn.advance.ID)
		}
	}
	return err
}
