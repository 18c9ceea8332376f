package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// What can be waited for. The other keys are ids of conversations, which are subscribed to.
const (
	outboxKey = "outbox"
	guideKey  = "guide"
)

// hub wakes those who wait for a key, and the subscribers of conversations. A wake-up is a hint only: they check again.
type hub struct {
	subscribers *subscribers
	missed      chan struct{} // full when subscribers may have missed something

	mu      sync.Mutex
	waiters map[string]*waiters
}

// waiters share one channel, which is closed to wake them.
type waiters struct {
	woken chan struct{}
	n     int
}

func newHub() *hub {
	return &hub{subscribers: newSubscribers(), missed: make(chan struct{}, 1), waiters: map[string]*waiters{}}
}

// wait returns nil once there is something, and otherwise the error of the check, ctx or chat.ErrBusy when
// the store ends. check runs first, and again after each wake-up; it may name a time after which it must.
func (h *hub) wait(ctx, ending context.Context, key string, check func() (bool, time.Duration, error)) error {
	for {
		woken, leave := h.join(key)
		ready, after, err := check()
		if !ready && err == nil {
			err = sleep(ctx, ending, woken, after)
		}
		leave()
		if ready || err != nil {
			return err
		}
	}
}

// sleep returns nil once it is woken, or after a time when there is one.
func sleep(ctx, ending context.Context, woken <-chan struct{}, after time.Duration) error {
	var clock <-chan time.Time
	if after > 0 {
		clock = time.After(after)
	}
	select {
	case <-woken:
	case <-clock:
	case <-ctx.Done():
		return ctx.Err()
	case <-ending.Done():
		return fmt.Errorf("%w: the program is stopping", chat.ErrBusy)
	}
	return nil
}

// join begins to wait. It comes before the check, so that nothing falls between the two.
func (h *hub) join(key string) (woken <-chan struct{}, leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.waiters[key]
	if w == nil {
		w = &waiters{woken: make(chan struct{})}
		h.waiters[key] = w
	}
	w.n++
	return w.woken, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if w.n--; w.n == 0 && h.waiters[key] == w {
			delete(h.waiters, key)
		}
	}
}

// wake wakes those who wait for one of the keys.
func (h *hub) wake(keys []string) {
	h.subscribers.wake(keys)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, key := range keys {
		if w := h.waiters[key]; w != nil {
			close(w.woken)
			delete(h.waiters, key)
		}
	}
}

// wakeAll wakes everybody who may have missed something: of the subscribers, soon, those who have.
func (h *hub) wakeAll() {
	select {
	case h.missed <- struct{}{}:
	default:
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range h.waiters {
		close(w.woken)
	}
	clear(h.waiters)
}

// count is how many wait, the subscribers among them.
func (h *hub) count() (n int) {
	n = h.subscribers.count()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range h.waiters {
		n += w.n
	}
	return n
}
