package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/chat"
)

// courierMetrics tell what becomes of sendings.
type courierMetrics struct {
	settled *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	failed  *prometheus.CounterVec
}

func newCourierMetrics(r *prometheus.Registry) *courierMetrics {
	m := &courierMetrics{
		settled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "yingda_sendings_total", Help: "Attempts to send, by how they ended: sent, queued (again later), dead or unknown.",
		}, []string{"channel", "state"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "yingda_sending_seconds", Help: "Time of an attempt to send.", Buckets: []float64{.01, .05, .1, .25, .5, 1, 5, 20},
		}, []string{"channel"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "yingda_outbox_failures_total", Help: "Failures of the outbox itself.",
		}, []string{"operation"}),
	}
	r.MustRegister(m.settled, m.seconds, m.failed)
	return m
}

func (m *courierMetrics) observer() chat.Observer {
	return chat.Observer{
		Settled: func(s chat.Sending, how chat.Settlement, took time.Duration) {
			m.settled.WithLabelValues(s.Channel, string(how.State)).Inc()
			if !how.Untried {
				m.seconds.WithLabelValues(s.Channel).Observe(took.Seconds())
			}
		},
		Failed: func(op string, _ error) { m.failed.WithLabelValues(op).Inc() },
	}
}
