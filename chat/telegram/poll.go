package telegram

import (
	"context"
	"errors"
	"maps"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yingda/yingda/chat"
)

// poller asks for an account's updates. Those of one chat are handled one after the other, chats at the
// same time. Telegram keeps what lies at or behind the offset, so that is the lowest update that is not on disk.
type poller struct {
	c *Channel
	a *account

	succeeded atomic.Int64 // how many were kept so far

	mu       sync.Mutex
	offset   int                   // 0 until something came
	received map[int]bool          // updates at or behind the offset: whether they are on disk
	pending  int                   // those of received that are not
	queues   map[queueKey][]Update // the first of each is under way
	idle     chan struct{}         // holds one when something has been kept
	workers  sync.WaitGroup
}

// queueKey is whose updates keep their order: a chat, or a topic of the agents' group.
type queueKey struct {
	chat  int64
	topic int
}

func newPoller(c *Channel, a *account) *poller {
	return &poller{c: c, a: a, received: map[int]bool{}, queues: map[queueKey][]Update{}, idle: make(chan struct{}, 1)}
}

// pollAgainAfter is how soon is asked again while something is under way: Telegram gives one update only to whoever
// asks twice with the same offset within half a second.
const pollAgainAfter = 600 * time.Millisecond

// run polls until ctx ends, and returns when nothing is under way.
func (p *poller) run(ctx context.Context) {
	defer p.workers.Wait()
	for failures := 1; ctx.Err() == nil; {
		offset, wait := p.nextRequest()
		updates, err := p.a.Updates(ctx, offset, wait)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			p.a.polling.Store(&err)
			p.c.logFailure(ctx, p.a, "poll for updates", err)
			if p.c.backoff(ctx, failures, retryAfter(err)) != nil {
				return
			}
			failures++
			continue
		}
		failures = 1
		p.a.polling.Store(nil)
		p.enqueue(ctx, updates)
		if len(updates) > 0 {
			p.waitIdle(ctx)
		}
	}
}

// nextRequest is what to ask for, and how long the answer may take.
func (p *poller) nextRequest() (offset int, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending > 0 {
		return p.offset, 0
	}
	return p.offset, p.c.Poll
}

// enqueue puts updates that are new into their queues. An empty answer means that all before the offset is
// confirmed: then it can be forgotten, for after a quiet week Telegram begins anew at any number.
func (p *poller) enqueue(ctx context.Context, updates []Update) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(updates) == 0 && p.pending == 0 {
		p.offset = 0
	}
	for _, u := range updates {
		if _, known := p.received[u.UpdateID]; known || u.UpdateID < p.offset {
			continue
		}
		p.received[u.UpdateID] = false
		p.pending++
		key := queueKey{chat: u.ChatID()}
		if key.chat == p.a.Group {
			key.topic = u.Topic()
		}
		queue, running := p.queues[key]
		p.queues[key] = append(queue, u)
		if !running {
			p.workers.Go(func() {
				_ = p.c.Panics.Keep(ctx, Name, func() error { p.work(ctx, key); return nil }, "account", p.a.Name) // it has no error
			})
		}
	}
}

// work handles the updates of a queue until there are none.
func (p *poller) work(ctx context.Context, key queueKey) {
	for {
		p.mu.Lock()
		queue := p.queues[key]
		if len(queue) == 0 {
			delete(p.queues, key)
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		if u := queue[0]; p.process(ctx, u) {
			p.acknowledge(key, u.UpdateID)
			continue
		}
		return // the program ends; what is left comes again
	}
}

// acknowledge notes that the first update of a queue is on disk, and moves the offset.
func (p *poller) acknowledge(key queueKey, id int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queues[key] = p.queues[key][1:]
	p.received[id] = true
	p.pending--
	p.succeeded.Add(1)
	lowest, highest := math.MaxInt, 0
	for id, kept := range p.received {
		if highest = max(highest, id); !kept {
			lowest = min(lowest, id)
		}
	}
	p.offset = min(lowest, highest+1)
	maps.DeleteFunc(p.received, func(id int, _ bool) bool { return id < p.offset })
	select {
	case p.idle <- struct{}{}:
	default:
	}
}

// An update that fails so often and so long, while others are kept, is given up: it would hold up all of
// them in the end, for Telegram gives a hundred at a time.
const (
	maxFailures    = 10
	maxFailingTime = 5 * time.Minute
)

// process handles an update until it is on disk or given up; false when ctx ends before.
func (p *poller) process(ctx context.Context, u Update) bool {
	begin, before := p.c.Now(), p.succeeded.Load()
	for tries := 1; ; tries++ {
		err := p.c.handleUpdate(ctx, p.a, u)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		hopeless := !errors.Is(err, chat.ErrBusy) && tries >= maxFailures && p.succeeded.Load() > before && p.c.Now().Sub(begin) >= maxFailingTime
		if hopeless {
			p.c.Log.ErrorContext(ctx, "an update of Telegram's is given up, for it fails where others do not", "account", p.a.Name,
				"update", u.UpdateID, "tries", tries, "error", err)
			return true
		}
		p.c.Log.WarnContext(ctx, "an update of Telegram's was not kept, and is tried again", "account", p.a.Name, "update", u.UpdateID,
			"tries", tries, "error", err)
		if p.c.backoff(ctx, tries, retryAfter(err)) != nil {
			return false
		}
	}
}

// waitIdle returns when nothing is under way any more, or when it is time to ask again all the same.
func (p *poller) waitIdle(ctx context.Context) {
	again := time.After(pollAgainAfter)
	for {
		p.mu.Lock()
		pending := p.pending
		p.mu.Unlock()
		if pending == 0 {
			return
		}
		select {
		case <-p.idle:
		case <-again:
			return
		case <-ctx.Done():
			return
		}
	}
}
