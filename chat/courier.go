package chat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/yingda/yingda/panics"
)

// CourierConfig is what a Courier works with. What is zero below "Limits" gets a good value.
type CourierConfig struct {
	Outbox   Outbox
	Channels []Channel
	Log      *slog.Logger
	Now      func() time.Time
	Sleep    func(ctx context.Context, d time.Duration) error // Sleep when nil
	Random   func() float64                                   // in [0,1), for jitter; safe for concurrent use
	Observe  Observer
	Panics   *panics.Handler // one that only logs when nil

	// Limits.
	Workers     int           // sendings on their way at once: 32
	PerAccount  int           // … to one account of a channel: a quarter of Workers, so that a slow one holds up no other
	Timeout     time.Duration // of one sending: 20 s
	Lease       time.Duration // of one sending; above Timeout, for the settling: Timeout + 40 s
	Grace       time.Duration // what is being sent at the end has this long to finish: 10 s
	MaxAttempts int           // then a sending is dead: 300, which is about a day
	MaxAge      time.Duration // likewise: a day
}

// Observer is told what a Courier does, for metrics. Its functions may be nil, and are called by many goroutines.
type Observer struct {
	Settled func(s Sending, end Settlement, took time.Duration) // took: the attempt, 0 for an untried one
	Failed  func(op string, err error)                          // the outbox failed: "lease", "settle" or "wait"
}

// Courier empties an outbox through channels: many sendings at once, those of a lane one by one.
type Courier struct {
	CourierConfig
	channels map[string]Channel
	limiter  *limiter
}

// NewCourier makes a courier for channels of different names.
func NewCourier(c CourierConfig) *Courier {
	if c.Sleep == nil {
		c.Sleep = Sleep
	}
	c.Panics = c.Panics.Or(c.Log)
	c.Workers = cmp.Or(c.Workers, 32)
	c.PerAccount = cmp.Or(c.PerAccount, max(c.Workers/4, 1))
	c.Timeout = cmp.Or(c.Timeout, 20*time.Second)
	c.Lease = max(c.Lease, c.Timeout+2*settleTimeout) // a lease must outlast the attempt and its settling
	c.Grace = cmp.Or(c.Grace, 10*time.Second)
	c.MaxAttempts = cmp.Or(c.MaxAttempts, 300)
	c.MaxAge = cmp.Or(c.MaxAge, 24*time.Hour)
	channels := make(map[string]Channel, len(c.Channels))
	for _, ch := range c.Channels {
		channels[ch.Name()] = ch
	}
	return &Courier{CourierConfig: c, channels: channels, limiter: newLimiter(c.Workers, c.PerAccount)}
}

const (
	settleTimeout = 20 * time.Second // of one try to settle
	outboxPause   = time.Second      // when the outbox fails
	maxJitter     = time.Second      // added to a wait that a host asks for
)

// Run sends until ctx ends. It returns when nothing is on its way any more, at the latest when Grace
// and one settling are over, provided that the channels heed their contexts.
func (c *Courier) Run(ctx context.Context) {
	_ = c.Panics.Keep(ctx, door, func() error { c.run(ctx); return nil }) // it has no error
}

// door is what panics of the courier's are counted as.
const door = "courier"

func (c *Courier) run(ctx context.Context) {
	var workers sync.WaitGroup
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	for ctx.Err() == nil {
		free := c.limiter.free()
		if free == 0 {
			select {
			case <-c.limiter.freed:
			case <-ctx.Done():
			}
			continue
		}
		now := c.Now()
		leased, err := c.lease(ctx, now, free)
		if err != nil {
			c.reportFailure(ctx, "lease", err)
			_ = c.Sleep(ctx, outboxPause) // its only error is the end of ctx, which the loop looks at
			continue
		}
		for _, s := range leased {
			c.start(ctx, sending, &workers, s, now.Add(c.Lease))
		}
		if len(leased) == 0 {
			c.waitDue(ctx)
		}
	}
	timer := time.AfterFunc(c.Grace, cut)
	defer timer.Stop()
	workers.Wait()
}

// lease is not cut short when ctx ends: what was leased by then would seem to have been sent.
func (c *Courier) lease(ctx context.Context, now time.Time, limit int) ([]Sending, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Timeout)
	defer cancel()
	return c.Outbox.Lease(ctx, now, c.Lease, limit)
}

// start sends s in a goroutine, or gives it back when its account takes no more or ctx has ended.
func (c *Courier) start(ctx, sending context.Context, workers *sync.WaitGroup, s Sending, deadline time.Time) {
	begin := c.Now()
	notBefore, reason, admitted := c.limiter.admit(s, begin)
	stopping := ctx.Err() != nil
	workers.Go(func() {
		c.Panics.Do(ctx, door, func() {
			defer func() { c.limiter.release(s, admitted, c.Now().Sub(begin)) }()
			end, took := Settlement{State: SendingQueued, NotBefore: notBefore, Untried: true, Reason: reason}, time.Duration(0)
			switch {
			case stopping:
				end.NotBefore, end.Reason = begin, reasonStopping
			case admitted:
				begin = c.Now()
				end = c.attempt(sending, s)
				took = c.Now().Sub(begin)
			}
			c.settle(sending, s, end, took, deadline)
		}, "sending", s.ID)
	})
}

// waitDue returns when something may be due, when a worker became free, or when ctx ends.
func (c *Courier) waitDue(ctx context.Context) {
	waiting, wake := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-c.limiter.freed:
			wake()
		case <-waiting.Done():
		}
	})
	err := c.Outbox.WaitDue(waiting)
	woken := waiting.Err() != nil
	wake()
	watch.Wait()
	if err != nil && !woken {
		c.reportFailure(ctx, "wait", err)
		_ = c.Sleep(ctx, outboxPause) // as in Run
	}
}

func (c *Courier) reportFailure(ctx context.Context, op string, err error) {
	c.Log.ErrorContext(ctx, "the outbox failed", "op", op, "error", err)
	if c.Observe.Failed != nil {
		c.Observe.Failed(op, err)
	}
}

// backoff is that between the attempts at one sending.
func (c *Courier) backoff(attempts int) time.Duration {
	return Backoff{First: time.Second, Max: 5 * time.Minute}.Delay(attempts, c.Random())
}

// attempt sends s once and judges how it went.
func (c *Courier) attempt(ctx context.Context, s Sending) Settlement {
	channel, ok := c.channels[s.Channel]
	if !ok {
		return c.requeue(s, &SendError{State: SendingQueued, Reason: reasonNoChannel})
	}
	kvs, err := c.send(ctx, channel, s)
	end := c.settlement(s, err)
	end.KV = kvs
	return end
}

// settlement is how an attempt at s ended, by its error.
func (c *Courier) settlement(s Sending, err error) Settlement {
	if err == nil {
		return Settlement{State: SendingSent}
	}
	e, ok := errors.AsType[*SendError](err)
	if !ok {
		e = &SendError{State: SendingUnknown, Reason: errorReason(err)}
	}
	end := Settlement{State: e.State, Reason: e.Reason}
	if e.State != SendingDead && (e.State == SendingQueued || s.Idempotent) {
		end = c.requeue(s, e)
	}
	end.PartsSent = max(e.PartsSent, s.PartsSent)
	return end
}

// send calls the channel within the timeout. That it panics leaves unknown whether s arrived.
func (c *Courier) send(ctx context.Context, channel Channel, s Sending) (kvs []KV, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	err = c.Panics.Try(ctx, door, func() (err error) {
		kvs, err = channel.Send(ctx, s)
		return err
	}, "channel", s.Channel, "account", s.Account, "sending", s.ID)
	if errors.Is(err, panics.ErrPanic) {
		return nil, &SendError{State: SendingUnknown, Reason: reasonPanic}
	}
	return kvs, err
}

// requeue queues s again, or gives it up when it was tried for long enough.
func (c *Courier) requeue(s Sending, e *SendError) Settlement {
	now := c.Now()
	wait := c.backoff(s.Attempts)
	if e.RetryAfter > 0 {
		wait = e.RetryAfter + time.Duration(c.Random()*float64(min(e.RetryAfter/10, maxJitter)))
	}
	if e.PausesAccount {
		c.limiter.pause(s, now.Add(wait))
	}
	if tooOld := !s.QueuedAt.IsZero() && now.Sub(s.QueuedAt) >= c.MaxAge && !e.AwaitsCustomer; tooOld || s.Attempts >= c.MaxAttempts {
		return Settlement{State: SendingDead, Reason: fmt.Sprintf(reasonGivenUp, s.Attempts, e.Reason)}
	}
	return Settlement{State: SendingQueued, NotBefore: now.Add(wait), Reason: e.Reason}
}

// settle tells the outbox how an attempt ended, again and again until its lease is over: else what was
// sent would become unknown.
func (c *Courier) settle(ctx context.Context, s Sending, end Settlement, took time.Duration, deadline time.Time) {
	for try := 1; ; try++ {
		err := c.settleOnce(ctx, s.ID, end)
		if err == nil {
			break
		}
		c.reportFailure(ctx, "settle", fmt.Errorf("sending %d, %s: %w", s.ID, end.State, err))
		lost := errors.Is(err, ErrNotFound) || errors.Is(err, ErrConflict) // the lease was over, or s was erased
		wait := c.backoff(try) / 4
		if lost || c.Now().Add(wait).After(deadline) || c.Sleep(ctx, wait) != nil {
			return
		}
	}
	level := slog.LevelDebug
	switch {
	case end.State == SendingDead, end.State == SendingUnknown:
		level = slog.LevelWarn
	case end.State == SendingQueued && !end.Untried:
		level = slog.LevelInfo
	}
	c.Log.Log(ctx, level, "a sending was settled", "sending", s.ID, "lane", s.Lane, "channel", s.Channel,
		"account", s.Account, "state", end.State, "reason", end.Reason, "attempts", s.Attempts, "took", took)
	if c.Observe.Settled != nil {
		c.Observe.Settled(s, end, took)
	}
}

// settleOnce is not cut short when ctx ends.
func (c *Courier) settleOnce(ctx context.Context, id int64, end Settlement) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	return c.Outbox.Settle(ctx, id, end)
}
