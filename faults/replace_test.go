package faults

import (
	"context"
	"testing"
	"time"
)

// TestReplaceNodes: nodes are replaced one after the other, as at an upgrade, behind a proxy that knows which are there.
// Customers go on meanwhile, nothing is lost, and nothing is answered twice.
func TestReplaceNodes(t *testing.T) {
	all := nodes(t, newPostgres(t))
	f := newFront(t)
	f.join(all...)
	customers := newCustomers(&server{t: t, address: f.address}, 16)
	ctx, cancel := context.WithCancel(t.Context())
	wait := load(ctx, customers)
	for range scaled(1, 20) {
		for _, s := range all {
			time.Sleep(100 * time.Millisecond) // they speak to both
			s.stop()
			watcher := newCustomers(&server{t: t, address: f.address}, 1)[0]
			for range 10 { // while it is away nobody is refused
				if err := watcher.say(watcher.question()); err != nil {
					t.Errorf("while one node is replaced: %v", err)
				}
			}
			customers = append(customers, watcher)
			s.start()
		}
	}
	cancel()
	wait()
	settle(customers)
	found, acknowledged := wrongs(customers)
	for _, wrong := range found {
		t.Error(wrong)
	}
	if acknowledged < 100 {
		t.Errorf("%d messages acknowledged: that proves nothing", acknowledged)
	}
	t.Logf("%d messages acknowledged", acknowledged)
	for _, s := range all {
		s.stop()
	}
}
