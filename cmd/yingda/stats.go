package main

import (
	"context"
	"time"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/store"
)

// stats is what the metrics show of the store.
type stats struct {
	store *store.Store
	now   func() time.Time
}

// Outbox is how many sendings are in each state, and since when the oldest one is queued.
func (s stats) Outbox(ctx context.Context) (map[chat.SendingState]api.Backlog, error) {
	st, err := s.store.Stats(ctx)
	if err != nil {
		return nil, err
	}
	out := map[chat.SendingState]api.Backlog{}
	for _, state := range []chat.SendingState{chat.SendingQueued, chat.SendingLeased, chat.SendingDead, chat.SendingUnknown} {
		out[state] = api.Backlog{Count: st.Outbox[state]}
	}
	if st.Oldest > 0 {
		out[chat.SendingQueued] = api.Backlog{Count: st.Outbox[chat.SendingQueued], Oldest: s.now().Add(-st.Oldest)}
	}
	return out, nil
}

// mostCounted is the most waiting tickets that a scrape looks at.
const mostCounted = 1000

// Tickets is how many tickets of each urgency wait, and since when.
func (s stats) Tickets(ctx context.Context) (map[desk.Urgency]api.Backlog, error) {
	tickets, err := s.store.ListTickets(ctx, desk.Filter{States: []desk.State{desk.StateWaiting}, Limit: mostCounted})
	if err != nil {
		return nil, err
	}
	out := map[desk.Urgency]api.Backlog{desk.UrgencyNormal: {}, desk.UrgencyHigh: {}, desk.UrgencyUrgent: {}}
	for _, t := range tickets {
		b := out[t.Urgency]
		if b.Count++; b.Oldest.IsZero() || t.CreatedAt.Before(b.Oldest) {
			b.Oldest = t.CreatedAt
		}
		out[t.Urgency] = b
	}
	return out, nil
}
