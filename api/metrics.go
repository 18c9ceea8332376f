package api

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// metrics are what /metrics shows of the HTTP server.
type metrics struct {
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	decisions *prometheus.CounterVec
	feedback  *prometheus.CounterVec
	streams   prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests:  newCounter("yingda_http_requests_total", "HTTP requests by route and status.", "method", "route", "status"),
		seconds:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "yingda_http_request_seconds", Help: "Time to answer a request.", Buckets: buckets()}, []string{"route"}),
		decisions: registered(r, newDecisions()),
		feedback:  newCounter("yingda_feedback_total", "Whether an article helped, as customers said.", "article", "helpful"),
		streams:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "yingda_streams", Help: "Event streams that are open."}),
	}
	r.MustRegister(m.requests, m.seconds, m.feedback, m.streams, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// rated counts what a customer said about an article.
func (m *metrics) rated(article string, helpful bool) {
	m.feedback.WithLabelValues(article, map[bool]string{true: "yes", false: "no"}[helpful]).Inc()
}

// buckets are the limits of every histogram of ours, in seconds.
func buckets() []float64 { return []float64{.0005, .001, .0025, .005, .01, .05, .25, 1} }

func newCounter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func newDecisions() *prometheus.CounterVec {
	return newCounter("yingda_decisions_total", "Questions by what the bot decided.", "decision")
}

// registered is c, or the same counter where somebody else has registered it before.
func registered(r prometheus.Registerer, c *prometheus.CounterVec) *prometheus.CounterVec {
	err := r.Register(c)
	if again, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		return again.ExistingCollector.(*prometheus.CounterVec)
	}
	if err != nil {
		panic(err) // two different metrics of one name
	}
	return c
}

// CountedInbox counts and times the turns of an inbox. Every channel's adapter uses the same one.
type CountedInbox struct {
	Inbox
	turns, decisions, escalations *prometheus.CounterVec
	seconds                       prometheus.Histogram
}

// CountInbox registers what a CountedInbox counts.
func CountInbox(in Inbox, r prometheus.Registerer) *CountedInbox {
	c := &CountedInbox{
		Inbox:       in,
		turns:       newCounter("yingda_turns_total", "Messages received: new, repeat (received before) or failed (not kept).", "channel", "outcome"),
		decisions:   registered(r, newDecisions()),
		escalations: newCounter("yingda_escalations_total", "Tickets opened, by reason.", "reason"),
		seconds:     prometheus.NewHistogram(prometheus.HistogramOpts{Name: "yingda_turn_seconds", Help: "Time from a message to its turn on disk.", Buckets: buckets()}),
	}
	r.MustRegister(c.turns, c.escalations, c.seconds)
	return c
}

// Receive does one turn.
func (c *CountedInbox) Receive(ctx context.Context, m chat.Message) (bot.Turned, error) {
	start := time.Now()
	turned, err := c.Inbox.Receive(ctx, m)
	outcome := "new"
	switch {
	case err != nil:
		outcome = "failed"
	case turned.Repeat:
		outcome = "repeat"
	default:
		c.seconds.Observe(time.Since(start).Seconds())
		c.count(turned)
	}
	c.turns.WithLabelValues(m.Channel, outcome).Inc()
	return turned, err
}

func (c *CountedInbox) count(turned bot.Turned) {
	for _, e := range turned.Replies {
		if e.Reply != nil {
			c.decisions.WithLabelValues(string(e.Reply.Decision)).Inc()
		}
	}
	if turned.Ticket != nil {
		c.escalations.WithLabelValues(string(turned.Ticket.Reason)).Inc()
	}
}

// Stats knows how much waits.
type Stats interface {
	// Outbox is how many sendings are in each state, and since when the oldest of them is.
	Outbox(ctx context.Context) (map[chat.SendingState]Backlog, error)
	// Tickets is how many tickets of each urgency wait for an agent.
	Tickets(ctx context.Context) (map[desk.Urgency]Backlog, error)
}

// Backlog is what waits.
type Backlog struct {
	Count  int
	Oldest time.Time // zero when nothing does
}

// statsLimit is how long a scrape waits for the database.
const statsLimit = 2 * time.Second

// backlog shows Stats whenever the metrics are read. While the database does not answer its metrics
// are missing, and the others are shown all the same.
type backlog struct {
	stats                        Stats
	now                          func() time.Time
	depth, age, tickets, waiting *prometheus.Desc
}

func newBacklog(s Stats, now func() time.Time) *backlog {
	desc := func(name, help, label string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{label}, nil)
	}
	return &backlog{
		stats: s, now: now,
		depth:   desc("yingda_outbox_sendings", "Sendings in the outbox.", "state"),
		age:     desc("yingda_outbox_oldest_seconds", "Age of the outbox's oldest sending.", "state"),
		tickets: desc("yingda_tickets_waiting", "Tickets that no agent has claimed.", "urgency"),
		waiting: desc("yingda_tickets_oldest_seconds", "Age of the oldest ticket that no agent has claimed.", "urgency"),
	}
}

// Describe implements prometheus.Collector.
func (b *backlog) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(b, ch) }

// Collect implements prometheus.Collector.
func (b *backlog) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), statsLimit)
	defer cancel()
	send := func(count, age *prometheus.Desc, label string, l Backlog) {
		ch <- prometheus.MustNewConstMetric(count, prometheus.GaugeValue, float64(l.Count), label)
		var old time.Duration
		if !l.Oldest.IsZero() {
			old = max(0, b.now().Sub(l.Oldest))
		}
		ch <- prometheus.MustNewConstMetric(age, prometheus.GaugeValue, old.Seconds(), label)
	}
	if outbox, err := b.stats.Outbox(ctx); err == nil {
		for state, l := range outbox {
			send(b.depth, b.age, string(state), l)
		}
	}
	if tickets, err := b.stats.Tickets(ctx); err == nil {
		for urgency, l := range tickets {
			send(b.tickets, b.waiting, string(urgency), l)
		}
	}
}
