package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yingda/yingda/store"
)

// patience is how long something that must happen may take on a machine that has other things to do.
const patience = 2 * time.Minute

// Subscriber has read up to a sequence number, and counts how often it is woken.
type Subscriber struct {
	Wakes atomic.Int64
	after int64
	woken chan struct{} // full once it was
}

// NewSubscriber makes one that has read up to after.
func NewSubscriber(after int64) *Subscriber {
	return &Subscriber{after: after, woken: make(chan struct{}, 1)}
}

// After implements chat.Subscriber.
func (s *Subscriber) After() int64 { return s.after }

// Wake implements chat.Subscriber.
func (s *Subscriber) Wake() {
	s.Wakes.Add(1)
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// WaitEntry waits, as a reader does, until a conversation has an entry behind after.
func WaitEntry(ctx context.Context, s *store.Store, id string, after int64) error {
	sub := NewSubscriber(after)
	defer s.Subscribe(id, sub)()
	for {
		entries, err := s.ListEntries(ctx, id, after, 1)
		if err != nil || len(entries) > 0 {
			return err
		}
		select {
		case <-sub.woken:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// WantWoken fails unless it is woken.
func (s *Subscriber) WantWoken(t *testing.T, by string) {
	t.Helper()
	select {
	case <-s.woken:
	case <-time.After(patience):
		t.Fatalf("%s woke nobody", by)
	}
}

// subscribersAreWoken: by what is said on their own node and on another, by the end of their conversation, and by nothing
// else; nobody is after cancel.
func subscribersAreWoken(t *testing.T, h *house) {
	a, b := h.node(t), h.node(t)
	c, other := opened(t, a, "w"), opened(t, a, "x")
	left := NewSubscriber(0)
	a.Subscribe(c.ID, left)()
	for i, s := range []*store.Store{a, b} {
		here, there := NewSubscriber(int64(2*i)), NewSubscriber(0)
		defer s.Subscribe(c.ID, here)()
		defer s.Subscribe(other.ID, there)()
		turn(t, a, said(c, fmt.Sprint(i), "q"), say("a"))
		here.WantWoken(t, "a turn")
		if there.Wakes.Load() != 0 {
			t.Errorf("node %d: a turn in another conversation woke", i)
		}
	}
	gone := NewSubscriber(4)
	defer b.Subscribe(c.ID, gone)()
	if _, err := a.Forget(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	gone.WantWoken(t, "an erasure")
	if left.Wakes.Load() != 0 {
		t.Error("who left was woken")
	}
}
