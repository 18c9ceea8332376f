package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/store"
)

// drain takes and settles all that is due.
func drain(t *testing.T, s *store.Store) (out []chat.Sending) {
	t.Helper()
	for {
		taken, err := s.Lease(t.Context(), time.Now(), time.Minute, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(taken) == 0 {
			return out
		}
		for _, m := range taken {
			if err := s.Settle(t.Context(), m.ID, chat.Settlement{State: chat.SendingSent}); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, taken...)
	}
}

// outboxKeepsOrder lets 16 workers on two nodes empty many lanes, with a tenth sent back for later.
func outboxKeepsOrder(t *testing.T, h *house) {
	nodes := []*store.Store{h.node(t), h.node(t)}
	const lanes, each = 20, 15
	crowd(16, lanes, func(i int) {
		c, err := nodes[0].EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Address: fmt.Sprint(i)})
		if err != nil {
			t.Error(err)
		}
		for n := range each {
			if _, err := nodes[0].Turn(t.Context(), said(c, fmt.Sprint(i, ":", n), "q"), say("a")); err != nil {
				t.Error(err)
			}
		}
	})
	var mu sync.Mutex
	order := map[string][]string{}
	var sent atomic.Int64
	var workers sync.WaitGroup
	for w := range 16 {
		workers.Go(func() {
			for sent.Load() < lanes*each && t.Context().Err() == nil {
				s := nodes[w%2]
				taken, err := s.Lease(t.Context(), time.Now(), time.Minute, 5)
				if err != nil {
					t.Error(err)
					return
				}
				rand.Shuffle(len(taken), func(i, j int) { taken[i], taken[j] = taken[j], taken[i] })
				for _, m := range taken {
					end := chat.Settlement{State: chat.SendingSent}
					if rand.IntN(10) == 0 {
						end = chat.Settlement{State: chat.SendingQueued, NotBefore: time.Now().Add(time.Millisecond), Reason: "429"}
					} else {
						mu.Lock()
						order[m.Lane] = append(order[m.Lane], seqOf(m))
						mu.Unlock()
						sent.Add(1)
					}
					if err := s.Settle(t.Context(), m.ID, end); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	workers.Wait()
	for lane, got := range order {
		for i, seq := range got {
			if want := fmt.Sprint(2 * (i + 1)); seq != want {
				t.Fatalf("lane %s: %v", lane, got)
			}
		}
		if len(got) != each {
			t.Errorf("lane %s: %d sent, want %d", lane, len(got), each)
		}
	}
}

// seqOf reads the seq out of an entry's JSON.
func seqOf(m chat.Sending) string {
	seq, _, _ := strings.Cut(strings.TrimPrefix(string(m.Body), `{"seq":`), ",")
	return seq
}

func leasesRunOut(t *testing.T, h *house) {
	s := h.node(t)
	c, err := s.EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Address: "1"})
	if err != nil {
		t.Fatal(err)
	}
	turn(t, s, said(c, "1", "人工"), escalate("N1")) // two bubbles; an announcement, which is repeatable
	now := time.Now()
	take := func(at time.Time) (channels []string, taken []chat.Sending) {
		taken, err := s.Lease(t.Context(), at, time.Minute, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range taken {
			channels = append(channels, fmt.Sprint(m.Channel, m.Attempts))
		}
		slices.Sort(channels)
		return channels, taken
	}
	got, old := take(now)
	if want := []string{"telegram1", "webhook1"}; !slices.Equal(got, want) {
		t.Fatalf("took %v, want %v", got, want)
	}
	if got, _ := take(now.Add(59 * time.Second)); got != nil {
		t.Errorf("took %v during the lease", got)
	}
	// The bubble may have arrived: it is unknown, and the next one goes. The announcement goes again.
	if got, want := first(take(now.Add(61*time.Second))), []string{"telegram1", "webhook2"}; !slices.Equal(got, want) {
		t.Errorf("took %v after the lease, want %v", got, want)
	}
	st, err := s.Stats(t.Context())
	if err != nil || st.Outbox[chat.SendingUnknown] != 1 || st.Outbox[chat.SendingLeased] != 2 {
		t.Errorf("stats %+v, %v", st, err)
	}
	for _, m := range old { // the late word that it arrived counts, once
		if err := s.Settle(t.Context(), m.ID, chat.Settlement{State: chat.SendingSent}); err != nil {
			t.Error(err)
		}
		wants(t, s.Settle(t.Context(), m.ID, chat.Settlement{State: chat.SendingDead}), chat.ErrConflict)
	}
}

func first[T, U any](v T, _ U) T { return v }

func waitDueWakes(t *testing.T, h *house) {
	a, b := h.node(t), h.node(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := ready(ctx, a); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an empty outbox is ready: %v", err)
	}
	c, err := a.EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Address: "1"})
	if err != nil {
		t.Fatal(err)
	}
	woken := make(chan error, 1)
	go func() { woken <- ready(t.Context(), b) }()
	time.Sleep(20 * time.Millisecond)
	start := time.Now()
	turn(t, a, said(c, "1", "q"), say("a"))
	if err := <-woken; err != nil || time.Since(start) > time.Second {
		t.Errorf("ready after %v: %v", time.Since(start), err)
	}
	// What is put off is ready in its time, without a wake-up.
	taken, err := a.Lease(t.Context(), time.Now(), time.Minute, 1)
	if err != nil || len(taken) != 1 {
		t.Fatalf("took %v, %v", taken, err)
	}
	until := time.Now().Add(150 * time.Millisecond)
	if err := a.Settle(t.Context(), taken[0].ID, chat.Settlement{State: chat.SendingQueued, NotBefore: until}); err != nil {
		t.Fatal(err)
	}
	if err := ready(t.Context(), a); err != nil || time.Until(until) > 5*time.Millisecond || time.Since(until) > time.Second {
		t.Errorf("ready %v after its time: %v", time.Since(until), err)
	}
}

// clockWasAhead: what a clock queued, put off or leased while it was a day ahead goes out once the clock is right.
func clockWasAhead(t *testing.T, h *house) {
	var ahead atomic.Int64
	h.clock = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	s := h.node(t)
	lease := func() []chat.Sending {
		taken, err := s.Lease(t.Context(), h.clock(), time.Minute, 10)
		if err != nil {
			t.Fatal(err)
		}
		return taken
	}
	talk := func(customer string, window time.Duration) {
		c, err := s.EnsureConversation(t.Context(), chat.OpenRequest{Channel: "telegram", Address: customer})
		if err != nil {
			t.Fatal(err)
		}
		m := said(c, "1", "q")
		m.ReplyWindow = window
		turn(t, s, m, say("a"))
	}
	putOff := func(until time.Duration) {
		for _, m := range lease() {
			if err := s.Settle(t.Context(), m.ID, chat.Settlement{State: chat.SendingQueued, NotBefore: h.clock().Add(until)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	correct := func(want int) {
		t.Helper()
		if n, err := s.CorrectClock(t.Context()); err != nil || n != want {
			t.Errorf("%d corrected, %v, want %d", n, err, want)
		}
	}
	talk("rests", 0)
	if h, err := s.Check(t.Context()); err != nil || h.Ahead != 0 {
		t.Errorf("the clock is right, and something lies %v ahead: %v", h.Ahead, err)
	}
	putOff(24 * time.Hour) // rightly: it waits for the customer
	talk("put off", 0)
	ahead.Store(int64(6 * time.Hour))
	putOff(time.Minute)
	talk("leased", 0)
	lease()
	talk("queued", time.Minute)
	correct(0)
	ahead.Store(0)
	if early := lease(); len(early) > 0 {
		t.Errorf("took %v before the clock was corrected", early)
	}
	if h, err := s.Check(t.Context()); err != nil || h.Ahead < 5*time.Hour {
		t.Errorf("what lies ahead is not told: %v, %v", h.Ahead, err)
	}
	correct(3)
	correct(0)
	if taken := lease(); len(taken) != 2 { // the leased one may have arrived
		t.Errorf("took %v, want what was put off and what was queued", taken)
	}
	if st, err := s.Stats(t.Context()); err != nil || st.Outbox[chat.SendingUnknown] != 1 || st.Outbox[chat.SendingQueued] != 1 {
		t.Errorf("stats %+v, %v", st, err)
	}
}

// ready waits as a courier does, until there is something to take.
func ready(ctx context.Context, s *store.Store) error {
	for {
		if err := s.WaitDue(ctx); err != nil {
			return err
		}
		st, err := s.Stats(ctx)
		if err != nil || st.Outbox[chat.SendingQueued] > 0 {
			return err
		}
	}
}
