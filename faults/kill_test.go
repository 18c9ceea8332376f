package faults

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/desk"
)

// TestKill: whatever is acknowledged survives kill -9, once, with its reply, once. Every ticket that a
// customer was told of is announced.
func TestKill(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db database) {
		channel := newReceiver(t)
		s := newServer(t, db, channel.flags()...)
		if !full() { // else it is the program as it ships, and what a kill left is settled after a minute
			s.bin, s.env = planted(t), []string{"YINGDA_LEASE=3s"}
		}
		s.start()
		customers := newCustomers(s, 16)
		stop := make(chan struct{})
		tickets := escalate(s, stop)
		slowest := kills(s, customers, scaled(4, 200))
		close(stop)
		opened := <-tickets
		settle(customers)
		found, acknowledged := wrongs(customers)
		for _, wrong := range found {
			t.Error(wrong)
		}
		for _, number := range opened {
			announced := func() bool { return slices.Equal(channel.of(number), []desk.Event{desk.EventOpened}) }
			eventually(t, announced, "the announcement of "+number) // a lease that a kill left must end first
		}
		t.Logf("%d messages acknowledged, %d tickets opened, the slowest start took %v", acknowledged, len(opened), slowest.Round(time.Millisecond))
		if acknowledged < 100 || len(opened) == 0 {
			t.Error("too little was acknowledged: that proves nothing")
		}
		s.stop()
	})
}

// escalate has one customer after the other ask for a person until stop is closed, and then tells the
// numbers of all tickets that customers were told.
func escalate(s *server, stop <-chan struct{}) <-chan []string {
	all := make(chan []string, 1)
	client := &http.Client{Timeout: patience}
	go func() {
		var numbers []string
		for !closed(stop) || len(numbers) == 0 {
			c := &customer{s: s, client: client}
			err := c.open()
			if err == nil {
				var number string
				if number, err = c.handOver(); err == nil {
					numbers = append(numbers, number)
				}
			}
			if err != nil { // it was killed
				time.Sleep(5 * time.Millisecond)
			}
		}
		all <- numbers
	}()
	return all
}

// TestKillFinds: the same ledger catches a server that acknowledges before the commit, and one that
// does not look whether a message came before. Without this its green would mean nothing.
func TestKillFinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ bug, found string }{
		{"early", "is stored 0 times"},
		{"twice", "is stored 2 times"},
	} {
		t.Run(tt.bug, func(t *testing.T) {
			each(t, func(t *testing.T, db database) {
				s := newServer(t, db)
				s.bin, s.env = planted(t), []string{"YINGDA_PLANTED=" + tt.bug}
				s.start()
				customers := newCustomers(s, 16)
				for _, c := range customers {
					c.gullible = true // answers to repeats differ, which is another way to be found
				}
				kills(s, customers, scaled(1, 5))
				found, _ := wrongs(customers)
				if !slices.ContainsFunc(found, func(wrong string) bool { return strings.Contains(wrong, tt.found) }) {
					t.Errorf("the planted bug was not found: no message %s", tt.found)
				}
			})
		})
	}
}

// kills kills and restarts the server n times while customers speak and are answered, and returns the slowest start.
func kills(s *server, customers []*customer, n int) (slowest time.Duration) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	wait := load(ctx, customers)
	defer wait()
	defer cancel()
	for range n {
		before := s.told.Load()
		eventually(s.t, func() bool { return s.told.Load() >= before+30 }, "answers")
		time.Sleep(rand.N(300 * time.Millisecond))
		_ = s.kill() // "signal: killed" is what was wanted
		slowest = max(slowest, s.start())
	}
	time.Sleep(200 * time.Millisecond)
	return slowest
}
