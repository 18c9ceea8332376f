package node

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// observeCourier counts what becomes of sendings.
func observeCourier(r *prometheus.Registry) chat.Observer {
	settled := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "yingda_sendings_total", Help: "Attempts to send, by how they ended: sent, queued (again later), dead or unknown.",
	}, []string{"channel", "state"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "yingda_sending_seconds", Help: "Time of an attempt to send.", Buckets: []float64{.01, .05, .1, .25, .5, 1, 5, 20},
	}, []string{"channel"})
	failed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "yingda_outbox_failures_total", Help: "Failures of the outbox itself.",
	}, []string{"operation"})
	r.MustRegister(settled, seconds, failed)
	return chat.Observer{
		Settled: func(s chat.Sending, how chat.Settlement, took time.Duration) {
			settled.WithLabelValues(s.Channel, string(how.State)).Inc()
			if !how.Untried {
				seconds.WithLabelValues(s.Channel).Observe(took.Seconds())
			}
		},
		Failed: func(op string, _ error) { failed.WithLabelValues(op).Inc() },
	}
}

// countPanics counts panics by their door.
func countPanics(r *prometheus.Registry) func(door string) {
	counted := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "yingda_panics_total", Help: "Panics that did not end the program, by where they came in: a fault of ours, the log has the stack.",
	}, []string{"door"})
	r.MustRegister(counted)
	return func(door string) { counted.WithLabelValues(door).Inc() }
}

// countRejections counts calls of hooks that were refused, by their channel and the status of the answer.
func countRejections(r *prometheus.Registry) func(channel string, status int) {
	counted := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "yingda_hook_rejections_total", Help: "Calls of hooks that were refused, such as those without a good signature.",
	}, []string{"channel", "status"})
	r.MustRegister(counted)
	return func(channel string, status int) { counted.WithLabelValues(channel, strconv.Itoa(status)).Inc() }
}

// stats is what the metrics show of the store.
type stats struct {
	store Store
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

// maxCounted is how many waiting tickets a scrape looks at.
const maxCounted = 1000

// Tickets is how many tickets of each urgency wait, and since when.
func (s stats) Tickets(ctx context.Context) (map[desk.Urgency]api.Backlog, error) {
	tickets, err := s.store.ListTickets(ctx, desk.Filter{States: []desk.State{desk.StateWaiting}, Limit: maxCounted})
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
