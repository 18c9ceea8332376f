package wechat

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yingda/yingda/chat"
)

// flight is the work on one message, for all requests that bring it to this process.
type flight struct {
	a        *account
	p        push
	external string
	key      string // of the answer's mark

	decided chan struct{} // closed when result stands
	handed  chan struct{} // closed when a request was answered by it
	decide  sync.Once
	hand    func()

	writing   sync.RWMutex // held for reading while a request is answered
	withdrawn bool         // the answer is not to be given any more
	claims    atomic.Bool  // the flight itself has something to answer, and settles it

	// Written once, before decided is closed.
	result answer
	err    error // nothing can be said: the request is to come again
}

// join is the flight of a message, begun when there is none.
func (c *Channel) join(ctx context.Context, a *account, p push) *flight {
	external := a.external(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.flights[external]; f != nil {
		return f
	}
	f := &flight{
		a: a, p: p, external: external, key: Name + "/answer/" + external,
		decided: make(chan struct{}), handed: make(chan struct{}),
	}
	f.hand = sync.OnceFunc(func() { close(f.handed) })
	c.flights[external] = f
	c.running.Go(func() {
		defer func() {
			f.decideOn(answer{}, errGone) // whatever happened: nobody waits for ever
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.flights, external)
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience+lease)
		defer cancel()
		c.fly(ctx, f)
	})
	return f
}

// errGone is why a request cannot be answered.
var errGone = errors.New("the message was not taken")

// decideOn makes a the answer of this process, unless there is one, and returns the one that stands.
func (f *flight) decideOn(a answer, err error) answer {
	f.decide.Do(func() {
		f.result, f.err = a, err
		close(f.decided)
	})
	return f.result
}

// withdraw stops the answer from being given, or is false when it has been.
func (f *flight) withdraw() bool {
	f.writing.Lock()
	defer f.writing.Unlock()
	select {
	case <-f.handed:
		return false
	default:
		f.withdrawn = true
		return true
	}
}

// give answers a request by write, which is told the text.
func (f *flight) give(text string, write func(text string) error) {
	f.writing.RLock()
	defer f.writing.RUnlock()
	if f.withdrawn {
		text = ""
	}
	if write(text) == nil {
		f.hand()
	}
}

// isDecided tells whether the answer stands.
func (f *flight) isDecided() bool {
	select {
	case <-f.decided:
		return true
	default:
		return false
	}
}

// wait is the answer for one request, in time whatever happens.
func (c *Channel) wait(ctx context.Context, f *flight) (answer, error) {
	timer := time.NewTimer(c.c.Wait)
	defer timer.Stop()
	select {
	case <-f.decided:
	case <-ctx.Done():
		return answer{}, errGone
	case <-timer.C:
		c.putOff(ctx, f)
	}
	return f.result, f.err
}

// putOff answers with a holding reply what is not decided yet. The mark is claimed even when that takes
// longer than the request may wait.
func (c *Channel) putOff(ctx context.Context, f *flight) {
	if f.isDecided() {
		return
	}
	if f.p.Event == "unsubscribe" { // nobody reads an answer, and forgetting is not to be promised
		f.decideOn(answer{}, errGone)
		return
	}
	holding := answer{Text: sayHolding}
	if f.a.guess() {
		holding.Text = sayHoldingForbidden
	}
	claimed := make(chan answer, 1)
	c.running.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		got, _, err := c.claim(ctx, f, holding, "")
		if err != nil {
			got = holding
		} else if !f.claims.Load() {
			got = c.borrow(ctx, f, got)
		}
		claimed <- got
	})
	timer := time.NewTimer(decision)
	defer timer.Stop()
	select {
	case got := <-claimed:
		if stands := f.decideOn(got, nil); stands.same(got) && !f.claims.Load() {
			c.running.Go(func() { c.settleKept(context.WithoutCancel(ctx), f, got) })
		}
	case <-timer.C:
		f.decideOn(holding, nil)
	case <-f.decided:
	}
	c.typing(ctx, f)
}

// fly works on one message from the beginning to the end.
func (c *Channel) fly(ctx context.Context, f *flight) {
	if kept, ok := c.kept(ctx, f); ok {
		kept = f.decideOn(c.borrow(ctx, f, kept), nil)
		c.settleKept(ctx, f, kept)
		return
	}
	switch {
	case f.p.Type == "event" && f.p.Event == "unsubscribe":
		c.forget(ctx, f)
		return
	case f.p.silent():
		f.decideOn(answer{}, nil)
		return
	}
	if next, ok := c.goOn(ctx, f); ok {
		c.conclude(ctx, f, next)
		return
	}
	d, err := c.deliver(ctx, f)
	if err != nil {
		c.c.Log.ErrorContext(ctx, "a customer's message was not kept", "account", f.a.Name, "customer", tail(f.p.From), "error", err)
		f.decideOn(answer{Text: sayFailed}, nil) // not claimed: the same message may come again and be taken
		return
	}
	c.conclude(ctx, f, said{lane: d.Conversation.ID, replies: d.Replies, repeat: d.Repeat, at: d.Message.At})
}

// again is how long to wait before something is tried the n-th time more.
func again(n int) time.Duration { return min(50*time.Millisecond<<min(n, 5), time.Second) }

// rest waits, or is false when ctx ends first.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// deliver brings a message to the inbox, again and again while the database is busy.
func (c *Channel) deliver(ctx context.Context, f *flight) (chat.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for n := 0; ; n++ {
		d, err := c.c.Inbox.Deliver(ctx, f.p.opening(f.a), c.message(ctx, f))
		if err == nil || !errors.Is(err, chat.ErrBusy) || !rest(ctx, again(n)) {
			return d, err
		}
	}
}

// forget erases a customer who left, as WeChat demands.
func (c *Channel) forget(ctx context.Context, f *flight) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for n := 0; ; n++ {
		err := c.c.Inbox.Forget(ctx, Name, f.a.Name, f.p.From)
		if err == nil {
			break
		}
		c.c.Log.ErrorContext(ctx, "a customer who left was not erased", "account", f.a.Name, "customer", tail(f.p.From), "error", err)
		if !rest(ctx, again(n)) {
			return
		}
	}
	// Whoever comes back at once is not to be erased by the same request.
	if _, _, err := c.claim(ctx, f, answer{}, ""); err != nil {
		c.c.Log.WarnContext(ctx, "a customer who left may be erased again", "account", f.a.Name, "error", err)
	}
	f.decideOn(answer{}, nil)
}
