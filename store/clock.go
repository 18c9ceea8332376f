package store

import (
	"context"
	"time"

	"github.com/yingda/yingda/chat"
)

const (
	clockInterval = time.Minute      // how often watchClock looks
	clockSlack    = 5 * time.Minute  // by which nodes' clocks may differ; what is written further ahead was written by a wrong one
	longestLease  = 10 * time.Minute // no lease is as long
)

// watchClock corrects, every minute, what a clock that was ahead has left in the outbox, until the store ends.
func (s *Store) watchClock() {
	for s.ending.Err() == nil {
		n, err := s.CorrectClock(s.ending)
		switch {
		case s.ending.Err() != nil:
		case err != nil:
			s.opt.Log.WarnContext(s.ending, "the outbox was not looked through for times that lie ahead", "error", err)
		case n > 0:
			s.opt.Log.WarnContext(s.ending, "the clock was ahead: sendings that it had put off go out now; keep NTP running", "sendings", n)
		}
		_ = chat.Sleep(s.ending, clockInterval) // its only error is the end
	}
}

// CorrectClock makes due what was queued, or leased, by a clock that was ahead of what it is now: else that would wait
// until the clock is there again. It returns how many sendings these were.
func (s *Store) CorrectClock(ctx context.Context) (corrected int, err error) {
	now := s.now()
	ahead := now + clockSlack.Milliseconds()
	var found int64
	if _, err := queryOne(ctx, s.reading("look for times that lie ahead"), []any{&found}, `SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'queued' AND not_before > $1 AND (created_at > $1 OR lease_until > $1))
		+ (SELECT COUNT(*) FROM outbox WHERE state = 'sending' AND lease_until > $2)`, ahead, now+longestLease.Milliseconds()); err != nil || found == 0 {
		return 0, err
	}
	return transactValue(ctx, s, "correct times that lie ahead", func(ctx context.Context, t *tx) (int, error) {
		queued, err := t.exec(ctx, `UPDATE outbox SET not_before = 1 WHERE state = 'queued' AND not_before > $1 AND (created_at > $1 OR lease_until > $1)`, ahead)
		if err != nil {
			return 0, err
		}
		leased, err := t.exec(ctx, `UPDATE outbox SET lease_until = $1 WHERE state = 'sending' AND lease_until > $2`, now, now+longestLease.Milliseconds())
		return int(queued + leased), err
	}, outboxKey)
}
