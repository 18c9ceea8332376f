package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

const (
	settleTimeout = 20 * time.Second // of one try to settle
	maxJitter     = time.Second      // added to a wait that a host asks for
)

// backoff is that between the attempts at one sending.
func (c *Courier) backoff(attempts int) time.Duration {
	return Backoff{First: time.Second, Max: 5 * time.Minute}.Delay(attempts, c.Random())
}

// attempt sends s once and judges how it went.
func (c *Courier) attempt(ctx context.Context, s Sending) Settlement {
	channel, ok := c.channels[s.Channel]
	if !ok {
		return c.later(s, &SendError{State: SendingQueued, Reason: reasonNoChannel})
	}
	marks, err := c.send(ctx, channel, s)
	how := c.judge(s, err)
	how.KV = marks
	return how
}

// judge makes of a sending's error how it ended.
func (c *Courier) judge(s Sending, err error) Settlement {
	if err == nil {
		return Settlement{State: SendingSent}
	}
	e, ok := errors.AsType[*SendError](err)
	if !ok {
		e = &SendError{State: SendingUnknown, Reason: errorReason(err)}
	}
	how := Settlement{State: e.State, Reason: e.Reason}
	if e.State != SendingDead && (e.State == SendingQueued || s.Idempotent) {
		how = c.later(s, e)
	}
	how.PartsSent = max(e.PartsSent, s.PartsSent)
	return how
}

// send calls the channel within the timeout. That it panics leaves unknown whether s arrived.
func (c *Courier) send(ctx context.Context, channel Channel, s Sending) (marks []KV, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	defer func() {
		if r := recover(); r != nil { // what it panicked with may hold what was said
			c.Log.ErrorContext(ctx, "a channel panicked", "channel", s.Channel, "account", s.Account,
				"sending", s.ID, "type", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			err = &SendError{State: SendingUnknown, Reason: reasonPanic}
		}
	}()
	return channel.Send(ctx, s)
}

// later queues s again, or gives it up when it was tried for long enough.
func (c *Courier) later(s Sending, e *SendError) Settlement {
	now := c.Now()
	wait := c.backoff(s.Attempts)
	if e.RetryAfter > 0 {
		wait = e.RetryAfter + time.Duration(c.Random()*float64(min(e.RetryAfter/10, maxJitter)))
	}
	if e.PausesAccount {
		c.pauseAccount(s, now.Add(wait))
	}
	if tooOld := !s.QueuedAt.IsZero() && now.Sub(s.QueuedAt) >= c.MaxAge && !e.AwaitsCustomer; tooOld || s.Attempts >= c.MaxAttempts {
		return Settlement{State: SendingDead, Reason: fmt.Sprintf(reasonGivenUp, s.Attempts, e.Reason)}
	}
	return Settlement{State: SendingQueued, NotBefore: now.Add(wait), Reason: e.Reason}
}

// settle tells the outbox how an attempt ended, again and again until its lease is over: else what was
// sent would become unknown.
func (c *Courier) settle(ctx context.Context, s Sending, how Settlement, took time.Duration, deadline time.Time) {
	for try := 1; ; try++ {
		err := c.settleOnce(ctx, s.ID, how)
		if err == nil {
			break
		}
		c.failed(ctx, "settle", fmt.Errorf("sending %d, %s: %w", s.ID, how.State, err))
		lost := errors.Is(err, ErrNotFound) || errors.Is(err, ErrConflict) // the lease was over, or s was erased
		wait := c.backoff(try) / 4
		if lost || c.Now().Add(wait).After(deadline) || c.Sleep(ctx, wait) != nil {
			return
		}
	}
	level := slog.LevelDebug
	switch {
	case how.State == SendingDead, how.State == SendingUnknown:
		level = slog.LevelWarn
	case how.State == SendingQueued && !how.Untried:
		level = slog.LevelInfo
	}
	c.Log.Log(ctx, level, "a sending was settled", "sending", s.ID, "lane", s.Lane, "channel", s.Channel,
		"account", s.Account, "state", how.State, "reason", how.Reason, "attempts", s.Attempts, "took", took)
	if c.Observe.Settled != nil {
		c.Observe.Settled(s, how, took)
	}
}

// settleOnce is not cut short when ctx ends.
func (c *Courier) settleOnce(ctx context.Context, id int64, how Settlement) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	return c.Outbox.Settle(ctx, id, how)
}
