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
	"github.com/yingda/yingda/panics"
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
		seconds:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "yingda_http_request_seconds", Help: "Time to answer a request.", Buckets: latencyBuckets()}, []string{"route"}),
		decisions: registerOnce(r, newDecisions()),
		feedback:  newCounter("yingda_feedback_total", "Whether an article helped, as customers said.", "article", "helpful"),
		streams:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "yingda_streams", Help: "Event streams that are open."}),
	}
	r.MustRegister(m.requests, m.seconds, m.feedback, m.streams, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// countFeedback counts what a customer said about an article.
func (m *metrics) countFeedback(article string, helpful bool) {
	m.feedback.WithLabelValues(article, map[bool]string{true: "yes", false: "no"}[helpful]).Inc()
}

// latencyBuckets are the limits of every histogram of ours, in seconds.
func latencyBuckets() []float64 { return []float64{.0005, .001, .0025, .005, .01, .05, .25, 1} }

func newCounter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func newDecisions() *prometheus.CounterVec {
	return newCounter("yingda_decisions_total", "Questions by what the bot decided.", "decision")
}

// registerOnce is c, or the same counter where somebody else has registered it before.
func registerOnce(r prometheus.Registerer, c *prometheus.CounterVec) *prometheus.CounterVec {
	err := r.Register(c)
	if again, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		return again.ExistingCollector.(*prometheus.CounterVec)
	}
	if err != nil {
		panic(err) // two different metrics of one name
	}
	return c
}

// ObserveTurns registers what is counted of every message, whatever its channel, and returns the
// func that counts one: bot.InboxConfig's Observe.
func ObserveTurns(r prometheus.Registerer) func(bot.Observation) {
	turns := newCounter("yingda_turns_total", "Messages received: new, repeat (received before) or failed (not kept).", "channel", "outcome")
	decisions := registerOnce(r, newDecisions())
	escalations := newCounter("yingda_escalations_total", "Tickets opened, by reason.", "reason")
	masked := newCounter("yingda_masked_total", "Secrets hidden in messages, by kind.", "kind")
	seconds := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "yingda_turn_seconds", Help: "Time from a message to its turn on disk.", Buckets: latencyBuckets()})
	r.MustRegister(turns, escalations, masked, seconds)
	return func(o bot.Observation) {
		outcome := "new"
		switch {
		case o.Err != nil:
			outcome = "failed"
		case o.Repeat:
			outcome = "repeat"
		}
		turns.WithLabelValues(o.Channel, outcome).Inc()
		if outcome != "new" {
			return
		}
		seconds.Observe(o.Took.Seconds())
		if o.Decision != "" {
			decisions.WithLabelValues(string(o.Decision)).Inc()
		}
		if o.Reason != "" {
			escalations.WithLabelValues(string(o.Reason)).Inc()
		}
		for _, kind := range o.Masked {
			masked.WithLabelValues(string(kind)).Inc()
		}
	}
}

// ObserveCommits registers what is counted of the database's transactions, and returns the func that
// counts one: store.Options' Committed.
func ObserveCommits(r prometheus.Registerer) func(writes int, took time.Duration) {
	seconds := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "yingda_commit_seconds", Help: "Time that a transaction took to be on disk.", Buckets: latencyBuckets()})
	writes := prometheus.NewCounter(prometheus.CounterOpts{Name: "yingda_commit_writes_total", Help: "Writes in all transactions; many share one."})
	r.MustRegister(seconds, writes)
	return func(n int, took time.Duration) {
		seconds.Observe(took.Seconds())
		writes.Add(float64(n))
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

// statsTimeout is how long a scrape waits for the database.
const statsTimeout = 2 * time.Second

// backlogCollector shows Stats whenever the metrics are read. While the database does not answer its metrics
// are missing, and the others are shown all the same.
type backlogCollector struct {
	stats                        Stats
	now                          func() time.Time
	panics                       *panics.Handler
	depth, age, tickets, waiting *prometheus.Desc
}

func newBacklogCollector(s Stats, now func() time.Time, p *panics.Handler) *backlogCollector {
	desc := func(name, help, label string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{label}, nil)
	}
	return &backlogCollector{
		stats: s, now: now, panics: p,
		depth:   desc("yingda_outbox_sendings", "Sendings in the outbox.", "state"),
		age:     desc("yingda_outbox_oldest_seconds", "Age of the outbox's oldest sending.", "state"),
		tickets: desc("yingda_tickets_waiting", "Tickets that no agent has claimed.", "urgency"),
		waiting: desc("yingda_tickets_oldest_seconds", "Age of the oldest ticket that no agent has claimed.", "urgency"),
	}
}

// Describe implements prometheus.Collector.
func (b *backlogCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(b, ch) }

// Collect implements prometheus.Collector. It runs in a goroutine of the registry's.
func (b *backlogCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), statsTimeout)
	defer cancel()
	b.panics.Do(ctx, "metrics", func() { b.collect(ctx, ch) })
}

func (b *backlogCollector) collect(ctx context.Context, ch chan<- prometheus.Metric) {
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
