package store

import (
	"context"
	"sync"
)

// keyLock is a lock for each key that somebody holds or wants.
type keyLock struct {
	mu    sync.Mutex
	locks map[string]*countedLock
}

type countedLock struct {
	held chan struct{} // full while it is held
	n    int           // who holds it or wants it
}

func newKeyLock() *keyLock { return &keyLock{locks: map[string]*countedLock{}} }

// lock waits for the key, until ctx ends.
func (k *keyLock) lock(ctx context.Context, key string) (unlock func(), err error) {
	k.mu.Lock()
	l := k.locks[key]
	if l == nil {
		l = &countedLock{held: make(chan struct{}, 1)}
		k.locks[key] = l
	}
	l.n++
	k.mu.Unlock()
	leave := func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if l.n--; l.n == 0 {
			delete(k.locks, key)
		}
	}
	select {
	case l.held <- struct{}{}:
		return func() { <-l.held; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
