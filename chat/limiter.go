package chat

import (
	"sync"
	"time"
)

// accountKey is one account of a channel. What fails or is slow there holds up nothing elsewhere.
type accountKey struct{ channel, account string }

// accountLoad is what a limiter knows of an account.
type accountLoad struct {
	inflight    int           // sendings on their way
	ewma        time.Duration // the moving average of how long one was in flight lately
	pausedUntil time.Time     // nothing is sent before
	nextSlot    time.Time     // when the next of those that were turned away may find a place
}

const (
	firstEWMA = 50 * time.Millisecond // of an account that nothing is known of
	maxWait   = 5 * time.Second       // of what was turned away: an account may be faster by then
)

// limiter bounds how many sendings are in flight, in all and to each account.
type limiter struct {
	workers    int           // in all, what is being given back included
	perAccount int           // to one account
	freed      chan struct{} // holds one when a worker has become free

	mu       sync.Mutex
	busy     int
	accounts map[accountKey]*accountLoad
}

func newLimiter(workers, perAccount int) *limiter {
	return &limiter{workers: workers, perAccount: perAccount, freed: make(chan struct{}, 1), accounts: map[accountKey]*accountLoad{}}
}

// free is how many workers have nothing to do.
func (l *limiter) free() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.workers - l.busy
}

// load is what is known of the account of s. The lock is held.
func (l *limiter) load(s Sending) *accountLoad {
	key := accountKey{s.Channel, s.Account}
	load := l.accounts[key]
	if load == nil {
		load = &accountLoad{ewma: firstEWMA}
		l.accounts[key] = load
	}
	return load
}

// admit makes a worker busy with s. Where it must not be sent now, it says when it may and why: the
// lanes that find no place come back one after the other, as fast as the account has taken others.
func (l *limiter) admit(s Sending, now time.Time) (notBefore time.Time, reason string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy++
	load := l.load(s)
	switch {
	case now.Before(load.pausedUntil):
		return load.pausedUntil, reasonPaused, false
	case load.inflight >= l.perAccount:
		if load.nextSlot.Before(now) {
			load.nextSlot = now
		}
		load.nextSlot = load.nextSlot.Add(load.ewma / time.Duration(l.perAccount))
		if latest := now.Add(maxWait); load.nextSlot.After(latest) {
			load.nextSlot = latest
		}
		return load.nextSlot, reasonBusy, false
	}
	load.inflight++
	return time.Time{}, "", true
}

// release makes the worker of s free. took, for which it was in flight, counts when it was admitted.
func (l *limiter) release(s Sending, admitted bool, took time.Duration) {
	l.mu.Lock()
	l.busy--
	if admitted {
		load := l.load(s)
		load.inflight--
		load.ewma += (took - load.ewma) / 8
	}
	l.mu.Unlock()
	select {
	case l.freed <- struct{}{}:
	default:
	}
}

// pause keeps everything from the account of s until then.
func (l *limiter) pause(s Sending, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if load := l.load(s); load.pausedUntil.Before(until) {
		load.pausedUntil = until
	}
}
