package node

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
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

// TestOutage: an account that fails for five minutes is announced once, by one of two nodes, and so is its end.
func TestOutage(t *testing.T) {
	for name, options := range map[string]store.Options{
		"SQLite":     {Dir: t.TempDir()},
		"PostgreSQL": {DSN: storetest.StartPostgres(t, "fsync = off").Database(t)},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			options.Now = func() time.Time { return now }
			options.Announce = []chat.Destination{{Channel: "webhook", Account: "ops"}}
			host := &moody{}
			var nodes []*watchman
			registry := prometheus.NewRegistry()
			down := newDownGauge(registry)
			for _, node := range []string{"a", "b"} {
				s, err := store.Open(t.Context(), options)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = s.Close() })
				log := slog.New(slog.DiscardHandler)
				nodes = append(nodes, &watchman{
					accounts: []CheckedAccount{{"telegram", "shop", host}}, store: s, log: log, panics: panics.NewHandler(log, nil), now: options.Now, node: node, down: down,
				})
			}
			look := func(d time.Duration) (told []string) {
				t.Helper()
				for range d / watchInterval {
					now = now.Add(watchInterval)
					for _, w := range nodes {
						if err := w.look(t.Context()); err != nil {
							t.Fatal(err)
						}
					}
				}
				sendings, err := nodes[0].store.Lease(t.Context(), now, time.Minute, 10)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range sendings {
					var a store.OutageAnnouncement
					if err := json.Unmarshal(s.Body, &a); err != nil || a.ID == "" || a.Outage.Account != "shop" || a.Outage.Since.IsZero() {
						t.Errorf("announced %s, %v", s.Body, err)
					}
					told = append(told, string(a.Event)+" "+a.Outage.Reason)
					if err := nodes[0].store.Settle(t.Context(), s.ID, chat.Settlement{State: chat.SendingSent}); err != nil {
						t.Fatal(err)
					}
				}
				return told
			}
			want := func(step string, got []string, want ...string) {
				t.Helper()
				if !slices.Equal(got, want) {
					t.Errorf("%s: told %q, want %q", step, got, want)
				}
			}
			want("it works", look(10*time.Minute))
			host.fault = "401"
			want("it fails for a while", look(4*time.Minute))
			host.fault = ""
			want("it works again", look(2*time.Minute))
			host.fault = "401 Unauthorized"
			want("it fails", look(time.Hour), string(desk.EventChannelDown)+" 401 Unauthorized")
			if metrics, err := registry.Gather(); err != nil || metrics[0].GetMetric()[0].GetGauge().GetValue() != 1 {
				t.Errorf("the metric is %v, %v", metrics, err)
			}
			nodes = nodes[1:] // the node that looked ends
			want("another node looks", look(time.Hour))
			host.fault = ""
			want("it is mended", look(10*time.Minute), string(desk.EventChannelUp)+" 401 Unauthorized")
			if metrics, err := registry.Gather(); err != nil || !strings.Contains(metrics[0].String(), "gauge:{value:0}") {
				t.Errorf("the metric is %v, %v", metrics, err)
			}
		})
	}
}
