package chat

import (
	"context"
	"time"
)

// account is one account of a channel. What fails or is slow there holds up nothing elsewhere.
type account struct{ channel, name string }

// load is what a courier knows of an account that it sends to.
type load struct {
	busy   int           // sendings on their way
	mean   time.Duration // of how long a sending kept its place lately
	paused time.Time     // nothing is sent before
	next   time.Time     // when the next of those that were given back may find a place
}

const (
	firstMean = 50 * time.Millisecond // of an account that nothing is known of
	maxWait   = 5 * time.Second       // of one that found no place: an account may be faster by then
)

// free is how many more sendings may be taken.
func (c *Courier) free() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Workers - c.busy
}

// admit makes a worker busy with s. Where it must not be sent now, it says how to give it back: the
// lanes that find no place come back one after the other, as fast as the account has taken others.
func (c *Courier) admit(ctx context.Context, s Sending) (back Settlement, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy++
	now := c.Now()
	key := account{s.Channel, s.Account}
	l := c.accounts[key]
	if l == nil {
		l = &load{mean: firstMean}
		c.accounts[key] = l
	}
	back = Settlement{State: SendingQueued, NotBefore: now, Untried: true}
	switch {
	case ctx.Err() != nil:
		back.Reason = reasonStopping
	case now.Before(l.paused):
		back.NotBefore, back.Reason = l.paused, reasonPaused
	case l.busy >= c.PerAccount:
		if l.next.Before(now) {
			l.next = now
		}
		l.next = l.next.Add(l.mean / time.Duration(c.PerAccount))
		if latest := now.Add(maxWait); l.next.After(latest) {
			l.next = latest
		}
		back.NotBefore, back.Reason = l.next, reasonBusy
	default:
		l.busy++
		return Settlement{}, true
	}
	return back, false
}

// release makes the worker of s free. held, for which it kept its place, counts when it was sent.
func (c *Courier) release(s Sending, sent bool, held time.Duration) {
	c.mu.Lock()
	c.busy--
	if l := c.accounts[account{s.Channel, s.Account}]; sent {
		l.busy--
		l.mean += (held - l.mean) / 8
	}
	c.mu.Unlock()
	select {
	case c.freed <- struct{}{}:
	default:
	}
}

// pauseAccount keeps everything from the account of s until then.
func (c *Courier) pauseAccount(s Sending, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.accounts[account{s.Channel, s.Account}]; l.paused.Before(until) {
		l.paused = until
	}
}
