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
		"state", "attempts", "not_before", "lease_until", "reason", "created_at", "done")
}

// outboxValues is a sending's row; seq orders it within its lane, and it is due at once.
func (s *Store) outboxValues(m chat.Sending, seq int64, conversation string, now int64) []any {
	return s.heldBack(m, seq, conversation, now, now)
}

// heldBack is the row of a sending that is due only then.
func (s *Store) heldBack(m chat.Sending, seq int64, conversation string, now, due int64) []any {
	repeatable := int64(0)
	if m.Idempotent {
		repeatable = 1
	}
	return []any{
		s.number(), m.Lane, seq, conversation, m.Channel, m.Account, m.Address, m.Body, repeatable,
		string(chat.SendingQueued), int64(0), due, int64(0), "", now, int64(0),
	}
}

// Announcement is what a webhook gets of a ticket. Its JSON form is a contract.
type Announcement struct {
	ID     string      `json:"id"` // unique, so that a receiver knows a repeat
	Event  desk.Event  `json:"event"`
	At     time.Time   `json:"at"`
	Ticket desk.Ticket `json:"ticket"`
}

// announcements are the rows that tell every destination of an event. Each has its own lane, so that one
// which is down does not hold up another.
func (s *Store) announcements(t desk.Ticket, e desk.Event, version int64) (rows [][]any) {
	for _, to := range s.opt.Announce {
		body := text(Announcement{ID: s.id(), Event: e, At: t.UpdatedAt, Ticket: t})
		rows = append(rows, s.outboxValues(chat.Sending{
			Lane:    "ticket:" + t.ID + ":" + laneOf(to),
			Channel: to.Channel, Account: to.Account, Address: to.Address, Body: json.RawMessage(body), Idempotent: true,
		}, version, t.Conversation, t.UpdatedAt.UnixMilli()))
	}
	return rows
}

// laneOf tells a destination's lanes from those of others.
func laneOf(d chat.Destination) string { return d.Channel + "/" + d.Account }

// heads chooses, of outbox AS o, what is the first of its lane that is not settled.
const heads = `NOT EXISTS (SELECT 1 FROM outbox e WHERE e.lane = o.lane AND e.seq < o.seq AND e.state IN ('queued', 'sending'))`

// Lease leases what is due.
func (s *Store) Lease(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	at := now.UnixMilli()
	soonest, err := s.soonest(ctx)
	if err != nil || soonest == 0 || soonest > at {
		return nil, err
	}
	var taken []chat.Sending
	err = s.do(ctx, "take from the outbox", func(ctx context.Context, t *tx) (err error) {
		if err := t.expire(ctx, at); err != nil {
			return err
		}
		taken, err = all(ctx, t, scanSending, `UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease_until = $1
			WHERE id IN (SELECT o.id FROM outbox o WHERE o.state = 'queued' AND o.not_before <= $2 AND `+heads+`
				ORDER BY o.not_before, o.id LIMIT $3`+s.d.skipLocked+`)
			RETURNING `+sendingColumns, at+lease.Milliseconds(), at, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// expire ends the leases that ran out.
func (t *tx) expire(ctx context.Context, now int64) error {
	lost, err := all(ctx, t, one[int64], `UPDATE outbox SET state = CASE repeatable WHEN 1 THEN 'queued' ELSE 'unknown' END,
		reason = $1 WHERE state = 'sending' AND lease_until <= $2 RETURNING id`, "发送途中程序停了，不知道送到没有", now)
	if err != nil {
		return err
	}
	for _, id := range lost {
		if err := t.lost(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// LeaseLane leases everything that is queued in one lane.
func (s *Store) LeaseLane(ctx context.Context, lane string, behind int64, lease time.Duration) ([]chat.Sending, error) {
	var taken []chat.Sending
	err := s.do(ctx, "take a lane from the outbox", func(ctx context.Context, t *tx) error {
		taken = nil
		now := s.now()
		if err := t.expire(ctx, now); err != nil {
			return err
		}
		var leased int64
		if _, err := first(ctx, t, []any{&leased}, `SELECT COUNT(*) FROM outbox WHERE lane = $1 AND state = 'sending' AND id <> $2`, lane, behind); err != nil || leased > 0 {
			return err
		}
		ids, err := all(ctx, t, one[int64], `SELECT o.id FROM outbox o WHERE o.lane = $1 AND o.state = 'queued' ORDER BY o.seq`+s.d.lockSending, lane)
		if err != nil {
			return err
		}
		for _, id := range ids {
			m, err := all(ctx, t, scanSending, `UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease_until = $1
				WHERE id = $2 AND state = 'queued' RETURNING `+sendingColumns, now+lease.Milliseconds(), id)
			if err != nil {
				return err
			}
			taken = append(taken, m...)
		}
		return nil
	}, outboxKey)
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// sendingColumns is what scanSending reads.
const sendingColumns = `id, lane, channel, account, address, body, attempts, repeatable, created_at, done`

func scanSending(r row) (m chat.Sending, err error) {
	var repeatable, queued int64
	err = r.Scan(&m.ID, &m.Lane, &m.Channel, &m.Account, &m.Address, &m.Body, &m.Attempts, &repeatable, &queued, &m.PartsSent)
	m.Idempotent, m.QueuedAt = repeatable == 1, moment(queued)
	return m, err
}

// Settle ends a lease. That something arrived is believed even after the lease ran out; anything
// else only during it.
func (s *Store) Settle(ctx context.Context, id int64, end chat.Settlement) error {
	from := `state = 'sending'`
	if end.State == chat.SendingSent {
		from = `state IN ('queued', 'sending', 'unknown')`
	}
	notBefore := int64(1) // at once; 0 would be never
	if !end.NotBefore.IsZero() {
		notBefore = end.NotBefore.UnixMilli()
	}
	untried := int64(0)
	if end.Untried {
		untried = 1
	}
	if err := checkMarks(end.KV); err != nil {
		return err
	}
	return s.do(ctx, "settle a sending", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `UPDATE outbox SET state = $1, not_before = $2, reason = $3, attempts = attempts - $4, lease_until = 0,
			done = CASE WHEN done < $5 THEN $5 ELSE done END WHERE id = $6 AND `+from, string(end.State), notBefore, end.Reason, untried, int64(end.PartsSent), id)
		if err == nil && n == 0 {
			return refusal{fmt.Errorf("sending %d: %w", id, chat.ErrConflict)}
		}
		if err == nil && (end.State == chat.SendingDead || end.State == chat.SendingUnknown) {
			err = t.lost(ctx, id)
		}
		if err != nil {
			return err
		}
		return t.mark(ctx, end.KV)
	}, outboxKey)
}

// Release makes due at once whatever is queued in a lane: what it waited for has happened.
func (s *Store) Release(ctx context.Context, lane string) error {
	return s.do(ctx, "release a lane of the outbox", func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, `UPDATE outbox SET not_before = 1 WHERE lane = $1 AND state = 'queued'`, lane)
		return err
	}, outboxKey)
}

// Lost makes a sending dead that its host took and could not deliver, as it says later. chat.ErrConflict
// where it is dead already, or unknown here.
func (s *Store) Lost(ctx context.Context, id int64, reason string) error {
	return s.do(ctx, "take note of a lost sending", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `UPDATE outbox SET state = 'dead', reason = $1, lease_until = 0 WHERE id = $2 AND state <> 'dead'`, reason, id)
		if err == nil && n == 0 {
			return refusal{fmt.Errorf("sending %d: %w", id, chat.ErrConflict)}
		}
		if err != nil {
			return err
		}
		return t.lost(ctx, id)
	}, outboxKey)
}

// soonest is when the outbox may want attention next, by a look at two indexes: milliseconds UTC, 0 for never.
func (s *Store) soonest(ctx context.Context) (ms int64, err error) {
	_, err = first(ctx, s.read, []any{&ms}, `SELECT COALESCE(MIN(soon.at), 0) FROM (SELECT MIN(not_before) AS at FROM outbox WHERE state = 'queued'
		UNION ALL SELECT MIN(lease_until) FROM outbox WHERE state = 'sending') AS soon`)
	if err != nil {
		return 0, s.fault("look into the outbox", err)
	}
	return ms, nil
}

// due is soonest for the heads of the lanes, for what waits behind a head wants nothing.
func (s *Store) due(ctx context.Context) (ms int64, err error) {
	if ms, err = s.soonest(ctx); err != nil || ms == 0 || ms > s.now() {
		return ms, err
	}
	_, err = first(ctx, s.read, []any{&ms}, `SELECT COALESCE(MIN(CASE o.state WHEN 'queued' THEN o.not_before ELSE o.lease_until END), 0)
		FROM outbox o WHERE o.state IN ('queued', 'sending') AND `+heads)
	if err != nil {
		return 0, s.fault("look into the outbox", err)
	}
	return ms, nil
}

// WaitDue returns when something may be due.
func (s *Store) WaitDue(ctx context.Context) error {
	return s.hub.wait(ctx, s.ending, outboxKey, func() (bool, time.Duration, error) {
		due, err := s.due(ctx)
		if err != nil || due == 0 {
			return false, 0, err
		}
		left := time.Duration(due-s.now()) * time.Millisecond
		return left <= 0, left, nil
	})
}
