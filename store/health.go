package store

import (
	"context"
	"fmt"
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
	Waits   int                       // callers of WaitEntries, WaitDue and WaitGuide
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
	Stats     Stats
}

// Check looks at the database from every side.
func (s *Store) Check(ctx context.Context) (h Health, err error) {
	start := time.Now()
	if err := s.transact(ctx, "write", statement(`UPDATE revisions SET author = author WHERE revision = -1`)); err != nil {
		return h, err
	}
	h.Trip = time.Since(start)
	var clock int64
	q := s.reading("inspect the database")
	if _, err = queryOne(ctx, q, []any{&h.Database, &h.Size, &h.Free, &clock}, s.db.health); err != nil {
		return h, err
	}
	h.Clock = time.Duration(clock-s.now()) * time.Millisecond
	if _, err = queryOne(ctx, q, []any{&h.Integrity}, s.db.integrity); err != nil {
		return h, err
	}
	p, err := s.db.migrations(s.db.read)
	if err != nil {
		return h, err
	}
	if h.Schema, h.Newest, err = p.GetVersions(ctx); err != nil {
		return h, fmt.Errorf("read the schema's version: %w", err)
	}
	h.Stats, err = s.Stats(ctx)
	return h, err
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var n int64
	_, err := queryOne(ctx, s.reading("reach the database"), []any{&n}, `SELECT 1`)
	return err
}
