package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/yingda/yingda/chat"
)

// laneIndexed is the condition of the index outbox_lane, word for word: SQLite uses a partial index only where a
// statement states its condition.
const laneIndexed = `state IN ('queued', 'sending')`

// laneHead chooses, of outbox AS o, what is the first of its lane that is not settled.
const laneHead = `NOT EXISTS (SELECT 1 FROM outbox e WHERE e.lane = o.lane AND e.seq < o.seq AND e.state IN ('queued', 'sending'))`

// Lease leases what is due.
func (s *Store) Lease(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	at := now.UnixMilli()
	queued, leased, err := s.nextDue(ctx)
	if next := earlier(queued, leased); err != nil || next == 0 || next > at {
		return nil, err
	}
	return transactValue(ctx, s, "lease from the outbox", func(ctx context.Context, t *tx) ([]chat.Sending, error) {
		if leased != 0 && leased <= at {
			if err := s.expireLeases(ctx, t, at); err != nil {
				return nil, err
			}
		}
		return leaseRows(ctx, t, at+lease.Milliseconds(), `id IN (SELECT o.id FROM outbox o
			WHERE o.state = 'queued' AND o.not_before <= $2 AND `+laneHead+` ORDER BY o.not_before, o.id LIMIT $3`+t.skipLocked+`)`, at, limit)
	})
}

// leaseRows leases the rows that a condition chooses, whose parameters begin with $2; those of a lane in its order.
func leaseRows(ctx context.Context, t *tx, until int64, condition string, args ...any) ([]chat.Sending, error) {
	rows, err := queryAll(ctx, t, scanRow[outboxRow], `UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease_until = $1 WHERE `+condition+
		` RETURNING `+columnNames[outboxRow](""), append([]any{until}, args...)...)
	slices.SortFunc(rows, func(a, b outboxRow) int { return cmp.Compare(a.Seq, b.Seq) })
	return convert(rows, (*outboxRow).sending), err
}

// expireLeases ends the leases that ran out.
func (s *Store) expireLeases(ctx context.Context, t *tx, now int64) error {
	expired, err := queryAll(ctx, t, scanValue[int64], `UPDATE outbox SET state = CASE repeatable WHEN 1 THEN 'queued' ELSE 'unknown' END,
		reason = $1 WHERE state = 'sending' AND lease_until <= $2 RETURNING id`, "发送途中程序停了，不知道送到没有", now)
	if err != nil {
		return err
	}
	for _, id := range expired {
		if err := s.reportUndelivered(ctx, t, id); err != nil {
			return err
		}
	}
	return nil
}

// LeaseLane leases everything that is queued in one lane.
func (s *Store) LeaseLane(ctx context.Context, lane string, behind int64, lease time.Duration) ([]chat.Sending, error) {
	return transactValue(ctx, s, "lease a lane of the outbox", func(ctx context.Context, t *tx) ([]chat.Sending, error) {
		now := s.now()
		if err := s.expireLeases(ctx, t, now); err != nil {
			return nil, err
		}
		var others int64
		if _, err := queryOne(ctx, t, []any{&others}, `SELECT COUNT(*) FROM outbox WHERE lane = $1 AND `+laneIndexed+` AND state = 'sending' AND id <> $2`, lane, behind); err != nil || others > 0 {
			return nil, err
		}
		return leaseRows(ctx, t, now+lease.Milliseconds(), `lane = $2 AND `+laneIndexed+` AND state = 'queued'`, lane)
	}, outboxKey)
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
	if err := validateKV(end.KV); err != nil {
		return err
	}
	return s.transact(ctx, "settle a sending", func(ctx context.Context, t *tx) error {
		err := t.execOne(ctx, fmt.Errorf("sending %d: %w", id, chat.ErrConflict), `UPDATE outbox SET state = $1, not_before = $2, reason = $3, attempts = attempts - $4, lease_until = $5,
			done = CASE WHEN done < $6 THEN $6 ELSE done END WHERE id = $7 AND `+from,
			string(end.State), notBefore, end.Reason, toInt(end.Untried), s.now(), int64(end.PartsSent), id)
		if err == nil && (end.State == chat.SendingDead || end.State == chat.SendingUnknown) {
			err = s.reportUndelivered(ctx, t, id)
		}
		if err != nil {
			return err
		}
		return putKV(ctx, t, end.KV)
	}, outboxKey)
}

// ReleaseLane makes due at once whatever is queued in a lane: what it waited for has happened.
func (s *Store) ReleaseLane(ctx context.Context, lane string) error {
	return s.transact(ctx, "release a lane of the outbox",
		statement(`UPDATE outbox SET not_before = 1 WHERE lane = $1 AND `+laneIndexed+` AND state = 'queued'`, lane), outboxKey)
}

// MarkUndelivered makes a sending dead that its host took and could not deliver, as it says later.
// chat.ErrConflict where it is dead already, or not known here.
func (s *Store) MarkUndelivered(ctx context.Context, id int64, reason string) error {
	return s.transact(ctx, "mark a sending as undelivered", func(ctx context.Context, t *tx) error {
		err := t.execOne(ctx, fmt.Errorf("sending %d: %w", id, chat.ErrConflict),
			`UPDATE outbox SET state = 'dead', reason = $1, lease_until = 0 WHERE id = $2 AND state <> 'dead'`, reason, id)
		if err != nil {
			return err
		}
		return s.reportUndelivered(ctx, t, id)
	}, outboxKey)
}

// ListUndelivered is what of a conversation has not arrived for certain, by the Seq of its entry.
func (s *Store) ListUndelivered(ctx context.Context, conversation string) (map[int64]chat.Settlement, error) {
	rows, err := selectRows[outboxRow](ctx, s.reading("list what has not arrived"), `WHERE conversation = $1 AND lane = $1 AND state <> 'sent'`, conversation)
	out := make(map[int64]chat.Settlement, len(rows))
	for _, r := range rows {
		out[r.Seq] = chat.Settlement{State: r.State, Reason: r.Reason}
	}
	return out, err
}

// nextDue is when the first queued sending is due and when the first lease ends, by a look at two indexes: milliseconds UTC,
// 0 for never.
func (s *Store) nextDue(ctx context.Context) (queued, leased int64, err error) {
	_, err = queryOne(ctx, s.reading("look into the outbox"), []any{&queued, &leased}, `SELECT COALESCE((SELECT MIN(not_before) FROM outbox WHERE state = 'queued'), 0),
		COALESCE((SELECT MIN(lease_until) FROM outbox WHERE state = 'sending'), 0)`)
	return queued, leased, err
}

// earlier is the earlier of two times, of which 0 is never.
func earlier(a, b int64) int64 {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// nextHeadDue is when the heads of the lanes may want attention next, for what waits behind a head wants nothing.
func (s *Store) nextHeadDue(ctx context.Context) (ms int64, err error) {
	queued, leased, err := s.nextDue(ctx)
	if ms = earlier(queued, leased); err != nil || ms == 0 || ms > s.now() {
		return ms, err
	}
	_, err = queryOne(ctx, s.reading("look into the outbox"), []any{&ms}, `SELECT COALESCE(MIN(CASE o.state WHEN 'queued' THEN o.not_before ELSE o.lease_until END), 0)
		FROM outbox o WHERE o.state IN ('queued', 'sending') AND `+laneHead)
	return ms, err
}

// WaitDue returns when something may be due.
func (s *Store) WaitDue(ctx context.Context) error {
	return s.hub.wait(ctx, s.ending, outboxKey, func() (bool, time.Duration, error) {
		due, err := s.nextHeadDue(ctx)
		if err != nil || due == 0 {
			return false, 0, err
		}
		left := time.Duration(due-s.now()) * time.Millisecond
		return left <= 0, left, nil
	})
}
