package store

import (
	"context"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// Stats is how much waits. It is cheap: it reads small indexes only.
type Stats struct {
	Outbox  map[chat.SendingState]int // all but sent
	Oldest  time.Duration             // how long the oldest sending has been queued; 0 for none
	Waiting int                       // tickets that nobody has claimed
	Held    int                       // tickets that somebody works on
	Writes  int                       // writes that wait for a transaction
	Waits   int                       // callers of WaitDue and WaitGuide, and subscribers
}

// Stats counts what waits.
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	st := Stats{Outbox: map[chat.SendingState]int{}, Writes: len(s.committer.queue), Waits: s.hub.count()}
	type count struct {
		table, state string
		n            int
		oldest       int64
	}
	counts, err := queryAll(ctx, s.reading("count what waits"), func(r scanner) (c count, err error) {
		return c, r.Scan(&c.table, &c.state, &c.n, &c.oldest)
	}, `SELECT 'outbox', state, COUNT(*), MIN(created_at) FROM outbox WHERE state <> 'sent' GROUP BY state
		UNION ALL SELECT 'tickets', state, COUNT(*), MIN(created_at) FROM tickets WHERE state <> 'closed' GROUP BY state`)
	for _, c := range counts {
		switch {
		case c.table == "outbox":
			st.Outbox[chat.SendingState(c.state)] = c.n
			if c.state == string(chat.SendingQueued) {
				st.Oldest = time.Duration(s.now()-c.oldest) * time.Millisecond
			}
		case c.state == string(desk.StateWaiting):
			st.Waiting = c.n
		default:
			st.Held = c.n
		}
	}
	return st, err
}

// Health is what `yingda doctor` tells of the database.
type Health struct {
	Database  string        // "sqlite" or "postgres", with its version
	Trip      time.Duration // a write, there and back
	Integrity string        // "ok", or what is wrong
	Schema    int64         // the newest migration that ran
	Newest    int64         // the newest migration that this program knows
	Size      int64         // bytes
	Free      int64         // bytes of the file that nothing uses
	Clock     time.Duration // how far the database's clock is ahead of ours
	Ahead     time.Duration // how far the time of what was queued last is: a clock was ahead then, or ours is behind now
	Stats     Stats
}

// Check looks at the database from every side; where its schema is not this program's, at nothing but that.
func (s *Store) Check(ctx context.Context) (h Health, err error) {
	if h.Schema, h.Newest, err = s.db.versions(ctx, s.db.read); err != nil || h.Schema != h.Newest {
		return h, err
	}
	start := time.Now()
	if err := s.writeProbe(ctx); err != nil {
		return h, err
	}
	h.Trip = time.Since(start)
	var clock, newest int64
	q := s.reading("inspect the database")
	if _, err = queryOne(ctx, q, []any{&h.Database, &h.Size, &h.Free, &clock}, s.db.health); err != nil {
		return h, err
	}
	if _, err = queryOne(ctx, q, []any{&newest}, `SELECT COALESCE(MAX(created_at), 0) FROM outbox`); err != nil {
		return h, err
	}
	now := s.now()
	h.Clock, h.Ahead = time.Duration(clock-now)*time.Millisecond, time.Duration(max(newest-now, 0))*time.Millisecond
	if _, err = queryOne(ctx, q, []any{&h.Integrity}, s.db.integrity); err != nil {
		return h, err
	}
	h.Stats, err = s.Stats(ctx)
	return h, err
}

// pingInterval is how often a ping writes at most: probes come from whoever likes.
const pingInterval = time.Second

// ping is the last write of Ping.
type ping struct {
	mu   sync.Mutex
	last time.Time // when it began
	err  error
}

// Ping tells whether the database takes writes, by one that reaches the disk; within a second of the last one, what that found.
func (s *Store) Ping(ctx context.Context) error {
	s.ping.mu.Lock()
	if time.Since(s.ping.last) < pingInterval {
		defer s.ping.mu.Unlock()
		return s.ping.err
	}
	s.ping.last = time.Now()
	s.ping.mu.Unlock()
	err := s.writeProbe(ctx)
	s.ping.mu.Lock()
	defer s.ping.mu.Unlock()
	s.ping.err = err
	return err
}

// writeProbe writes a page.
func (s *Store) writeProbe(ctx context.Context) error {
	return s.SetKV(ctx, chat.KV{Key: "store:probe", Value: []byte(s.newID()), ExpiresAt: s.opt.Now().Add(24 * time.Hour)})
}
