package telegram

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Polling, in the real server's numbers.
const (
	maxPoll      = 50      // seconds
	maxUpdates   = 100     // in one answer
	offsetAhead  = 10      // an offset further ahead than this counts for nothing
	offsetBehind = 100_000 // and one further behind
	conflictGap  = 3 * time.Second
	hastyPoll    = 3 * time.Second        // asking with the same offset again within this makes the answer wait
	busyPoll     = 500 * time.Millisecond // and within this gives one update only
	keptUpdates  = 10_000                 // confirmed ones, for Redeliver
	maxAnswered  = 1 << 22                // bytes in one answer
)

// pollState is what the server remembers of a bot's getUpdates.
type pollState struct {
	end          func(*apiError) // ends the long poll that waits; nil when none does
	offset       int             // of the call before
	started      time.Time
	nextConflict time.Time
}

const secondPoller = "terminated by other getUpdates request; make sure that only one bot instance is running"

// getUpdates answers with what waits, or waits for it. It is called without the lock.
func getUpdates(s *Server, c *call) (any, *apiError) {
	s.mu.Lock()
	if err := s.held(c.bot.id, 0); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	if c.bot.hook != nil {
		pause := s.conflictPause(c.bot)
		s.mu.Unlock()
		s.pause(c.ctx, pause)
		return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	offset := c.q.integer("offset", 0, -1<<31, 1<<31-1)
	limit := c.q.integer("limit", maxUpdates, 1, maxUpdates)
	timeout := time.Duration(c.q.integer("timeout", 0, 0, maxPoll)) * time.Second
	c.bot.allow(c.q.args["allowed_updates"])
	p := &c.bot.poll
	if since := s.now().Sub(p.started); offset == p.offset && !p.started.IsZero() && !s.limits.Off {
		if since < hastyPoll {
			timeout = max(timeout, hastyPoll)
		}
		if since < busyPoll {
			limit = 1
		}
	}
	p.offset, p.started = offset, s.now()
	updates, from := s.take(c.bot, offset, limit)
	if len(updates) > 0 || timeout == 0 {
		s.mu.Unlock()
		return updates, nil
	}
	return s.longPoll(c, from, limit, timeout)
}

// longPoll waits for updates, until the time is over or another poller or a webhook ends it. It is called
// with the lock held, and returns without.
func (s *Server) longPoll(c *call, offset, limit int, timeout time.Duration) (any, *apiError) {
	p := &c.bot.poll
	if p.end != nil {
		p.end(conflict(secondPoller))
	}
	ctx, cancel := context.WithTimeout(c.ctx, timeout)
	defer cancel()
	var ended *apiError
	var pause time.Duration
	p.end = func(err *apiError) {
		ended, pause = err, s.conflictPause(c.bot)
		cancel()
	}
	for {
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		case <-s.ctx.Done():
		}
		s.mu.Lock()
		if ended != nil {
			s.mu.Unlock()
			s.pause(c.ctx, pause)
			return nil, ended
		}
		updates, _ := s.take(c.bot, offset, limit)
		if len(updates) > 0 || ctx.Err() != nil {
			p.end = nil
			s.mu.Unlock()
			return updates, nil
		}
		if s.ctx.Err() != nil {
			s.mu.Unlock()
			return nil, closing()
		}
	}
}

// conflictPause is how long a 409 waits: the first comes at once, those within three seconds after it do not.
func (s *Server) conflictPause(b *bot) time.Duration {
	if s.limits.Off {
		return 0
	}
	if now := s.now(); !now.Before(b.poll.nextConflict) {
		b.poll.nextConflict = now.Add(conflictGap)
		return 0
	}
	return conflictGap
}

// take returns up to limit updates from the offset on, and that offset as a position in the queue. A positive
// offset confirms what lies before it; a negative one leaves only so many at the end.
func (s *Server) take(b *bot, offset, limit int) ([]json.RawMessage, int) {
	q := &b.queue
	q.drop(s.now())
	if offset < 0 && len(q.waiting) > -offset {
		q.confirm(len(q.waiting) + offset)
	}
	head := q.next
	if len(q.waiting) > 0 {
		head = q.waiting[0].id
	}
	switch {
	case offset <= 0, offset > q.next+offsetAhead, offset < head-offsetBehind:
		offset = head
	default:
		n := 0
		for n < len(q.waiting) && q.waiting[n].id < offset {
			n++
		}
		q.confirm(n)
	}
	bodies, size := []json.RawMessage{}, 0
	for _, u := range q.waiting {
		if len(bodies) == limit || size > maxAnswered {
			break
		}
		if u.id >= offset {
			bodies = append(bodies, u.body)
			size += len(u.body) + 50
		}
	}
	return s.repeated(bodies), offset
}

// confirm takes the first n updates off the queue.
func (q *queue) confirm(n int) {
	q.given = append(q.given, q.waiting[:n]...)
	q.given = q.given[max(0, len(q.given)-keptUpdates):]
	q.waiting = append([]*update(nil), q.waiting[n:]...)
}

// Repeats says how deliveries go wrong: each update comes Times times instead of once, and shuffled when
// Shuffle is set: a webhook gets all copies in parallel and does not keep to the order of a chat, an answer of
// getUpdates holds them in any order.
type Repeats struct {
	Times   int
	Shuffle bool
}

// SetRepeats sets how deliveries go wrong from now on; the zero value is not at all.
func (s *Server) SetRepeats(r Repeats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repeats = r
}

func (s *Server) repeated(bodies []json.RawMessage) []json.RawMessage {
	once := bodies
	for range s.repeats.Times - 1 {
		bodies = append(bodies, once...)
	}
	if s.repeats.Shuffle {
		s.rand.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	}
	return bodies
}

// endPoll ends the long poll of a bot for the sake of a webhook.
func (b *bot) endPoll() {
	if b.poll.end != nil {
		b.poll.end(&apiError{code: http.StatusConflict, text: "Conflict: terminated by setWebhook request"})
		b.poll.end = nil
	}
}
