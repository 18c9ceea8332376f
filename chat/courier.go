package chat

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"
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
	Settled func(s Sending, how Settlement, took time.Duration) // took: the attempt, 0 for an untried one
	Failed  func(op string, err error)                          // the outbox failed: "take", "settle" or "ready"
}

// Courier empties an outbox through channels: many sendings at once, those of a lane one by one.
type Courier struct {
	CourierConfig
	channels map[string]Channel
	freed    chan struct{} // holds one when a worker has become free

	mu       sync.Mutex
	busy     int // workers
	accounts map[account]*load
}

// NewCourier makes a courier for channels of different names.
func NewCourier(c CourierConfig) *Courier {
	if c.Sleep == nil {
		c.Sleep = Sleep
	}
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
	return &Courier{CourierConfig: c, channels: channels, freed: make(chan struct{}, 1), accounts: map[account]*load{}}
}

// pause is how long the courier waits when the outbox fails.
const pause = time.Second

// Run sends until ctx ends. It returns when nothing is on its way any more, at the latest when Grace
// and one settling are over, provided that the channels heed their contexts.
func (c *Courier) Run(ctx context.Context) {
	var workers sync.WaitGroup
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	for ctx.Err() == nil {
		free := c.free()
		if free == 0 {
			select {
			case <-c.freed:
			case <-ctx.Done():
			}
			continue
		}
		now := c.Now()
		taken, err := c.take(ctx, now, free)
		if err != nil {
			c.failed(ctx, "take", err)
			_ = c.Sleep(ctx, pause) // its only error is the end of ctx, which the loop looks at
			continue
		}
		for _, s := range taken {
			c.start(ctx, sending, &workers, s, now.Add(c.Lease))
		}
		if len(taken) == 0 {
			c.rest(ctx)
		}
	}
	timer := time.AfterFunc(c.Grace, cut)
	defer timer.Stop()
	workers.Wait()
}

// take is not cut short when ctx ends: what was leased by then would seem to have been sent.
func (c *Courier) take(ctx context.Context, now time.Time, limit int) ([]Sending, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Timeout)
	defer cancel()
	return c.Outbox.Lease(ctx, now, c.Lease, limit)
}

// start sends s in a goroutine, or gives it back when its account takes no more or ctx has ended.
func (c *Courier) start(ctx, sending context.Context, workers *sync.WaitGroup, s Sending, deadline time.Time) {
	back, ok := c.admit(ctx, s)
	workers.Go(func() {
		how, took := back, time.Duration(0)
		begin := c.Now()
		if ok {
			how = c.attempt(sending, s)
			took = c.Now().Sub(begin)
		}
		c.settle(sending, s, how, took, deadline)
		c.release(s, ok, c.Now().Sub(begin))
	})
}

// rest returns when something may be due, when a worker became free, or when ctx ends.
func (c *Courier) rest(ctx context.Context) {
	waiting, wake := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-c.freed:
			wake()
		case <-waiting.Done():
		}
	})
	err := c.Outbox.WaitDue(waiting)
	woken := waiting.Err() != nil
	wake()
	watch.Wait()
	if err != nil && !woken {
		c.failed(ctx, "ready", err)
		_ = c.Sleep(ctx, pause) // as in Run
	}
}

func (c *Courier) failed(ctx context.Context, op string, err error) {
	c.Log.ErrorContext(ctx, "the outbox failed", "op", op, "error", err)
	if c.Observe.Failed != nil {
		c.Observe.Failed(op, err)
	}
}
