package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

func outboxRows() bulk {
	return insert("outbox", "id", "lane", "seq", "conversation", "channel", "account", "address", "body", "repeatable",
		"state", "attempts", "not_before", "lease_until", "reason", "created_at")
}

// outboxValues is a sending's row; seq orders it within its lane.
func (s *Store) outboxValues(m chat.Sending, seq int64, conversation string, now int64) []any {
	repeatable := int64(0)
	if m.Repeatable {
		repeatable = 1
	}
	return []any{
		s.number(), m.Lane, seq, conversation, m.Channel, m.Account, m.Address, m.Body, repeatable,
		string(chat.SendingQueued), int64(0), now, int64(0), "", now,
	}
}

// Announcement is what a webhook gets of a ticket. Its JSON form is a contract.
type Announcement struct {
	ID     string      `json:"id"` // unique, so that a receiver knows a repeat
	Event  desk.Event  `json:"event"`
	At     time.Time   `json:"at"`
	Ticket desk.Ticket `json:"ticket"`
}

// announcements are the rows that tell every webhook account of an event. Each account has its own lane, so
// that one which is down does not hold up another.
func (s *Store) announcements(t desk.Ticket, e desk.Event, version int64) (rows [][]any) {
	for _, account := range s.opt.Announce {
		body := text(Announcement{ID: s.id(), Event: e, At: t.UpdatedAt, Ticket: t})
		rows = append(rows, s.outboxValues(chat.Sending{
			Lane: "ticket:" + t.ID + ":" + account, Channel: "webhook", Account: account, Body: json.RawMessage(body), Repeatable: true,
		}, version, t.Conversation, t.UpdatedAt.UnixMilli()))
	}
	return rows
}

// heads chooses, of outbox AS o, what is the first of its lane that is not settled.
const heads = `NOT EXISTS (SELECT 1 FROM outbox e WHERE e.lane = o.lane AND e.seq < o.seq AND e.state IN ('queued', 'sending'))`

// Take leases what is due.
func (s *Store) Take(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	at := now.UnixMilli()
	due, err := s.due(ctx)
	if err != nil || due == 0 || due > at {
		return nil, err
	}
	var taken []chat.Sending
	err = s.do(ctx, "take from the outbox", func(ctx context.Context, t *tx) (err error) {
		if _, err := t.exec(ctx, `UPDATE outbox SET state = CASE repeatable WHEN 1 THEN 'queued' ELSE 'unknown' END,
			reason = 'the sender stopped before it knew whether this arrived' WHERE state = 'sending' AND lease_until <= $1`, at); err != nil {
			return err
		}
		taken, err = all(ctx, t, scanSending, `UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease_until = $1
			WHERE id IN (SELECT o.id FROM outbox o WHERE o.state = 'queued' AND o.not_before <= $2 AND `+heads+`
				ORDER BY o.not_before, o.id LIMIT $3`+s.d.skipLocked+`)
			RETURNING id, lane, channel, account, address, body, attempts, repeatable`, at+lease.Milliseconds(), at, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

func scanSending(r row) (m chat.Sending, err error) {
	var repeatable int64
	err = r.Scan(&m.ID, &m.Lane, &m.Channel, &m.Account, &m.Address, &m.Body, &m.Attempts, &repeatable)
	m.Repeatable = repeatable == 1
	return m, err
}

// Settle ends a lease. That something arrived is believed even after the lease ran out; anything
// else only during it.
func (s *Store) Settle(ctx context.Context, id int64, end chat.Settlement) error {
	from := `state = 'sending'`
	if end.State == chat.SendingSent {
		from = `state IN ('queued', 'sending', 'unknown')`
	}
	notBefore := int64(0)
	if !end.NotBefore.IsZero() {
		notBefore = end.NotBefore.UnixMilli()
	}
	return s.do(ctx, "settle a sending", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `UPDATE outbox SET state = $1, not_before = $2, reason = $3, lease_until = 0 WHERE id = $4 AND `+from,
			string(end.State), notBefore, end.Reason, id)
		if err == nil && n == 0 {
			return refusal{fmt.Errorf("sending %d: %w", id, chat.ErrConflict)}
		}
		return err
	}, outboxKey)
}

// due is when something in the outbox wants attention next: milliseconds UTC, 0 for never.
func (s *Store) due(ctx context.Context) (ms int64, err error) {
	_, err = first(ctx, s.read, []any{&ms}, `SELECT COALESCE(MIN(CASE o.state WHEN 'queued' THEN o.not_before ELSE o.lease_until END), 0)
		FROM outbox o WHERE o.state IN ('queued', 'sending') AND `+heads)
	if err != nil {
		return 0, s.fault("look into the outbox", err)
	}
	return ms, nil
}

// Ready returns when something may be due.
func (s *Store) Ready(ctx context.Context) error {
	return s.hub.wait(ctx, s.ending, outboxKey, func() (bool, time.Duration, error) {
		due, err := s.due(ctx)
		if err != nil || due == 0 {
			return false, 0, err
		}
		left := time.Duration(due-s.now()) * time.Millisecond
		return left <= 0, left, nil
	})
}
