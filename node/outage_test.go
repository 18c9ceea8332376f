package node

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/panics"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// moody is a channel whose account works or not.
type moody struct{ fault string }

func (m *moody) Check(context.Context, string) (f finding.List) {
	if f.Add(finding.Warning, "", "It is slow."); m.fault != "" {
		f.Add(finding.Error, "mend it", "%s", m.fault)
	}
	return f
}

// watch is two nodes that look at one account, by a clock of the test's own.
type watch struct {
	t     *testing.T
	now   time.Time
	host  moody
	nodes []*watchman
	gauge *prometheus.Registry
}

func newWatch(t *testing.T, o store.Options) *watch {
	t.Helper()
	w := &watch{t: t, now: time.Now(), gauge: prometheus.NewRegistry()}
	o.Now = func() time.Time { return w.now }
	o.Announce = []chat.Destination{{Channel: "webhook", Account: "ops"}}
	down, log := newDownGauge(w.gauge), slog.New(slog.DiscardHandler)
	for _, node := range []string{"a", "b"} {
		s, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		w.nodes = append(w.nodes, &watchman{
			accounts: []CheckedAccount{{"telegram", "shop", &w.host}}, store: s, log: log, panics: panics.NewHandler(log, nil), now: o.Now, node: node, down: down,
		})
	}
	return w
}

// look has the nodes look for a while, and wants that to be told.
func (w *watch) look(step string, d time.Duration, want ...string) {
	w.t.Helper()
	for range d / watchInterval {
		w.now = w.now.Add(watchInterval)
		for _, n := range w.nodes {
			if err := n.look(w.t.Context()); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	outbox := w.nodes[0].store
	sendings, err := outbox.Lease(w.t.Context(), w.now, time.Minute, 10)
	if err != nil {
		w.t.Fatal(err)
	}
	var told []string
	for _, s := range sendings {
		var a store.OutageAnnouncement
		if err := json.Unmarshal(s.Body, &a); err != nil || a.ID == "" || a.Outage.Account != "shop" || a.Outage.Since.IsZero() {
			w.t.Errorf("announced %s, %v", s.Body, err)
		}
		told = append(told, string(a.Event)+" "+a.Outage.Reason)
		if err := outbox.Settle(w.t.Context(), s.ID, chat.Settlement{State: chat.SendingSent}); err != nil {
			w.t.Fatal(err)
		}
	}
	if !slices.Equal(told, want) {
		w.t.Errorf("%s: told %q, want %q", step, told, want)
	}
}

// shows wants the metric to have a value.
func (w *watch) shows(want float64) {
	w.t.Helper()
	families, err := w.gauge.Gather()
	if err != nil || families[0].GetMetric()[0].GetGauge().GetValue() != want {
		w.t.Errorf("the metric is %v, %v, want %v", families, err, want)
	}
}

// TestOutage: an account that fails for five minutes is announced once, by one of two nodes, and so is its end.
func TestOutage(t *testing.T) {
	for name, o := range map[string]store.Options{
		"SQLite":     {Dir: t.TempDir()},
		"PostgreSQL": {DSN: storetest.StartPostgres(t, "fsync = off").Database(t)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatch(t, o)
			w.look("it works", 10*time.Minute)
			w.host.fault = "401"
			w.look("it fails for a while", 4*time.Minute)
			w.host.fault = ""
			w.look("it works again", 2*time.Minute)
			w.host.fault = "401 Unauthorized"
			w.look("it fails", time.Hour, string(desk.EventChannelDown)+" 401 Unauthorized")
			w.shows(1)
			w.nodes = w.nodes[1:] // the node that looked ends
			w.look("another node looks", time.Hour)
			w.host.fault = ""
			w.look("it is mended", 10*time.Minute, string(desk.EventChannelUp)+" 401 Unauthorized")
			w.shows(0)
		})
	}
}
