package telegram

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// poller asks for an account's updates. Those of one chat are taken one after the other, chats at the
// same time. Telegram keeps what lies at or behind the offset, so that is the lowest update that is not on disk.
type poller struct {
	c *Channel
	a *account

	mu     sync.Mutex
	offset int               // 0 until something came
	taken  map[int]bool      // updates at or behind the offset: whether they are on disk
	open   int               // those of taken that are not
	good   int               // how many were kept so far
	queues map[lane][]Update // behind the one that is under way
	idle   chan struct{}     // holds one when something has been kept
	lanes  sync.WaitGroup
}

// lane is what keeps its order: a chat, or a topic of the agents' group.
type lane struct {
	chat  int64
	topic int
}

func newPoller(c *Channel, a *account) *poller {
	return &poller{c: c, a: a, taken: map[int]bool{}, queues: map[lane][]Update{}, idle: make(chan struct{}, 1)}
}

// recheck is how soon is asked again while something is under way: Telegram gives one update only to whoever
// asks twice with the same offset within half a second.
const recheck = 600 * time.Millisecond

// run polls until ctx ends, and returns when nothing is under way.
func (p *poller) run(ctx context.Context) {
	defer p.lanes.Wait()
	for failures := 0; ctx.Err() == nil; {
		offset, wait := p.next()
		updates, err := p.a.Updates(ctx, offset, wait)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			p.c.complain(ctx, p.a, "poll for updates", err)
			if p.c.backOff(ctx, failures, retryAfter(err)) != nil {
				return
			}
			failures++
			continue
		}
		failures = 0
		p.start(ctx, updates)
		if len(updates) > 0 {
			p.rest(ctx)
		}
	}
}

// next is what to ask for, and how long the answer may take.
func (p *poller) next() (offset int, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open > 0 {
		return p.offset, 0
	}
	return p.offset, p.c.c.Poll
}

// start puts updates that are new into their lanes. An empty answer means that all before the offset is
// confirmed: then it can be forgotten, for after a quiet week Telegram begins anew at any number.
func (p *poller) start(ctx context.Context, updates []Update) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(updates) == 0 && p.open == 0 {
		p.offset = 0
	}
	for _, u := range updates {
		if _, known := p.taken[u.UpdateID]; known || u.UpdateID < p.offset {
			continue
		}
		p.taken[u.UpdateID] = false
		p.open++
		l := lane{chat: u.ChatID()}
		if l.chat == p.a.Group {
			l.topic = u.Topic()
		}
		queue, running := p.queues[l]
		p.queues[l] = append(queue, u)
		if !running {
			p.lanes.Go(func() { p.work(ctx, l) })
		}
	}
}

// work takes the updates of a lane until there are none.
func (p *poller) work(ctx context.Context, l lane) {
	for {
		p.mu.Lock()
		queue := p.queues[l]
		if len(queue) == 0 {
			delete(p.queues, l)
			p.mu.Unlock()
			return
		}
		u := queue[0]
		p.queues[l] = queue[1:]
		p.mu.Unlock()
		if !p.persist(ctx, u) {
			return // the program ends; what is left comes again
		}
		p.kept(u.UpdateID)
	}
}

// kept notes that an update is on disk, and moves the offset.
func (p *poller) kept(id int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken[id] = true
	p.open--
	p.good++
	lowest, highest := math.MaxInt, 0
	for id, kept := range p.taken {
		if highest = max(highest, id); !kept {
			lowest = min(lowest, id)
		}
	}
	p.offset = min(lowest, highest+1)
	for id := range p.taken {
		if id < p.offset {
			delete(p.taken, id)
		}
	}
	select {
	case p.idle <- struct{}{}:
	default:
	}
}

// An update that fails so often and so long, while others are kept, is given up: it would hold up all of
// them in the end, for Telegram gives a hundred at a time.
const (
	giveUpTries = 10
	giveUpAfter = 5 * time.Minute
)

// persist takes an update until it is on disk or given up; false when ctx ends before.
func (p *poller) persist(ctx context.Context, u Update) bool {
	begin, before := p.c.c.Now(), p.successes()
	for tries := 1; ; tries++ {
		err := p.c.take(ctx, p.a, u)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		hopeless := !errors.Is(err, chat.ErrBusy) && tries >= giveUpTries && p.successes() > before && p.c.c.Now().Sub(begin) >= giveUpAfter
		if hopeless {
			p.c.c.Log.ErrorContext(ctx, "an update of Telegram's is given up, for it fails where others do not", "account", p.a.Name,
				"update", u.UpdateID, "tries", tries, "error", err)
			return true
		}
		p.c.c.Log.WarnContext(ctx, "an update of Telegram's was not kept, and is tried again", "account", p.a.Name, "update", u.UpdateID,
			"tries", tries, "error", err)
		if p.c.backOff(ctx, tries-1, retryAfter(err)) != nil {
			return false
		}
	}
}

func (p *poller) successes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.good
}

// rest returns when nothing is under way any more, or when it is time to ask again all the same.
func (p *poller) rest(ctx context.Context) {
	timer := time.NewTimer(recheck)
	defer timer.Stop()
	for {
		p.mu.Lock()
		open := p.open
		p.mu.Unlock()
		if open == 0 {
			return
		}
		select {
		case <-p.idle:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
