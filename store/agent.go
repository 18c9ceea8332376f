package store

import (
	"context"
	"time"
)

// agentRow is a row of agents.
type agentRow struct {
	Name   string
	SeenAt int64 // when they last did anything
}

func (*agentRow) table() string { return "agents" }

// seenPrecision is how far behind it may be when an agent was last seen.
const seenPrecision = 30 * time.Second

// NoteSeen keeps that an agent is there now.
func (s *Store) NoteSeen(ctx context.Context, agent string) error {
	row, found, err := selectOne[agentRow](ctx, s.reading("look when an agent was seen"), `WHERE name = $1`, agent)
	if err != nil || found && s.now()-row.SeenAt < seenPrecision.Milliseconds() {
		return err
	}
	return s.transact(ctx, "note that an agent was seen", func(ctx context.Context, t *tx) error { return noteSeen(ctx, t, agent, s.now()) })
}

// noteSeen keeps that an agent did something; "" is nobody.
func noteSeen(ctx context.Context, t *tx, agent string, at int64) error {
	if agent == "" {
		return nil
	}
	_, err := insertOr(ctx, t, ` ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at`, agentRow{agent, at})
	return err
}
