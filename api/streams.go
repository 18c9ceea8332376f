package api

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/panics"
)

// The limits of streams.
const (
	maxConversationStreams = 4                // open at once
	maxStreamAge           = 10 * time.Minute // then the client comes back; what nobody reads is not held for ever
	heartbeatInterval      = 15 * time.Second // of silence, before a comment keeps the stream alive
	writeTimeout           = 10 * time.Second // for one write to a stream: a client that does not read is dropped
	stopTimeout            = time.Second      // for the last one when the server stops
	maxStreamReads         = 8                // at once, for all streams
	maxReadTogether        = 64               // streams, by one read
)

// A round looks after all streams, a number of times in a heartbeat.
const (
	roundsPerBeat = 15
	hangupRounds  = 5 // it looks for clients that hung up in one of as many
)

// streams are the open event streams. A silent one has no goroutine and reads nothing: a timer makes rounds for all, and
// what has something to do is queued for a few workers, which come for that alone. What was said in many conversations at
// once is read together. A worker leaves its place to another while it writes, so that a client that does not read holds
// up nobody.
type streams struct {
	ctx           context.Context // of reads
	conversations chat.Conversations
	heartbeat     time.Duration
	log           *slog.Logger
	panics        *panics.Handler
	gauge         prometheus.Gauge
	running       *sync.WaitGroup

	mu             sync.Mutex
	byConversation map[string][]*stream // in the order in which they began
	queue          []*stream            // for workers
	news           []*stream            // for workers, which read for many of them together
	workers        int                  // that have a place
	stopping       bool
	ticking        bool // the timer runs
	round          int
}

func newStreams(c Config, gauge prometheus.Gauge) *streams {
	t := &streams{
		ctx: cmp.Or(c.Stopping, context.Background()), conversations: c.Conversations, heartbeat: cmp.Or(c.Heartbeat, heartbeatInterval),
		log: c.Log, panics: c.Panics, gauge: gauge, running: cmp.Or(c.Streaming, new(sync.WaitGroup)),
		byConversation: map[string][]*stream{},
	}
	if c.Stopping != nil {
		context.AfterFunc(c.Stopping, t.stop)
	}
	return t
}

// open makes a stream, which follows its conversation from now on. Whoever opens it starts it, or closes it, which
// calls closed.
func (t *streams) open(conversation string, after int64, closed func()) *stream {
	s := &stream{streams: t, conversation: conversation, opened: time.Now(), busy: true, pending: workRead}
	s.after.Store(after)
	t.running.Add(1)
	t.gauge.Inc()
	unsubscribe := t.conversations.Subscribe(conversation, s)
	s.close = func(why error) {
		unsubscribe()
		if s.conn != nil {
			_ = s.conn.Close() // all is said
		}
		t.gauge.Dec()
		t.log.DebugContext(t.ctx, "event stream ended", "conversation", conversation, "error", why)
		closed()
		t.running.Done()
	}
	return s
}

// start has a stream go on, on its connection. When its conversation has too many, the oldest ends: a client that lost
// its connection comes back before we notice.
func (t *streams) start(s *stream, conn net.Conn, chunked bool) {
	s.conn, s.chunked, s.wroteAt = conn, chunked, time.Now()
	if c, ok := conn.(syscall.Conn); ok {
		s.raw, _ = c.SyscallConn() // its error is that of a closed connection, which the first write finds
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	of := append(t.byConversation[s.conversation], s)
	t.byConversation[s.conversation] = of
	for _, old := range of[:max(0, len(of)-maxConversationStreams)] {
		t.ask(old, workEnd)
	}
	if !t.ticking {
		t.ticking = true
		time.AfterFunc(t.heartbeat/roundsPerBeat, t.makeRound)
	}
	s.busy = false
	t.ask(s, s.pending)
	if t.stopping {
		t.ask(s, workEnd)
	}
}

// Wake implements chat.Subscriber.
func (s *stream) Wake() {
	s.streams.mu.Lock()
	defer s.streams.mu.Unlock()
	s.streams.ask(s, workNews)
}

// ask has a worker do something for a stream. It is called under mu.
func (t *streams) ask(s *stream, todo work) {
	s.pending |= todo
	if s.busy || s.pending == 0 {
		return
	}
	s.busy = true
	if s.pending == workNews {
		t.news = append(t.news, s)
	} else {
		t.queue = append(t.queue, s)
	}
	t.call()
}

// call calls one more worker where there is a place and something to do. It is called under mu.
func (t *streams) call() {
	if len(t.queue)+len(t.news) > 0 && t.workers < maxStreamReads {
		t.workers++
		go t.work()
	}
}

// work serves streams until none is queued, or others have taken all places.
func (t *streams) work() {
	for goOn := true; goOn; {
		switch s, todo, some := t.take(); {
		case s != nil:
			goOn = t.serve(s, todo)
		case len(some) > 0:
			t.serveNews(some)
		default:
			return
		}
	}
}

// take takes the first stream of the queue or else, of those that may have news, as many as are read for together. Where
// there are none the worker's place is free.
func (t *streams) take() (s *stream, todo work, some []*stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) > 0 {
		s, t.queue = t.queue[0], t.queue[1:]
		todo, s.pending = s.pending, 0
		return s, todo, nil
	}
	t.queue = nil
	n := min(len(t.news), maxReadTogether)
	some, t.news = t.news[:n:n], t.news[n:]
	for _, s := range some {
		s.pending &^= workNews
	}
	if n == 0 {
		t.news = nil
		t.workers--
	}
	return nil, 0, some
}

// serveNews reads for some streams, and queues each with what is to be done for it: to write what was read, as a rule.
func (t *streams) serveNews(some []*stream) {
	var todo []work
	err := t.panics.Try(t.ctx, door, func() (err error) {
		todo, err = readNews(t.ctx, t.conversations, some)
		return err
	})
	if err != nil {
		t.log.DebugContext(t.ctx, "event streams end", "streams", len(some), "error", err)
		todo = slices.Repeat([]work{workEnd}, len(some))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, s := range some {
		s.pending |= todo[i]
		t.queue = append(t.queue, s)
	}
	t.call()
}

// serve does what is to be done for one stream, and tells whether the worker still has its place.
func (t *streams) serve(s *stream, todo work) (goOn bool) {
	var data []byte
	var more work
	err := t.panics.Try(t.ctx, door, func() (err error) {
		data, more, err = s.next(t.ctx, t.conversations, todo)
		return err
	}, "conversation", s.conversation)
	goOn = true
	if out := s.frame(data, err != nil); len(out) > 0 {
		t.leave(s)
		_, failure := s.conn.Write(out)
		err = cmp.Or(err, failure)
		goOn = t.comeBack()
	}
	t.settle(s, more, err, len(data) > 0)
	return goOn
}

// leave gives the worker's place to another while it writes.
func (t *streams) leave(s *stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	timeout := writeTimeout
	if t.stopping {
		timeout = stopTimeout
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(timeout)) // fails where the write does
	t.workers--
	t.call()
}

// comeBack takes a place again; false where there is none.
func (t *streams) comeBack() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.workers == maxStreamReads {
		return false
	}
	t.workers++
	return true
}

// settle lets go of a stream that was served, for ever where there was an error.
func (t *streams) settle(s *stream, more work, err error, wrote bool) {
	t.mu.Lock()
	if err == nil {
		if wrote {
			s.wroteAt = time.Now()
		}
		s.busy = false
		t.ask(s, more)
		t.mu.Unlock()
		return
	}
	rest := slices.DeleteFunc(t.byConversation[s.conversation], func(o *stream) bool { return o == s })
	t.byConversation[s.conversation] = rest
	if len(rest) == 0 {
		delete(t.byConversation, s.conversation)
	}
	t.mu.Unlock()
	s.close(err)
}

// makeRound has streams end or say that they live, where it is time, and makes the next round while there is any.
func (t *streams) makeRound() {
	t.panics.Do(t.ctx, door, func() {
		for _, s := range hungUp(t.idle()) {
			t.end(s)
		}
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ticking = len(t.byConversation) > 0; t.ticking {
		time.AfterFunc(t.heartbeat/roundsPerBeat, t.makeRound)
	}
}

// idle has those end that are too old, and those speak that were silent for long; the others, of which it returns some,
// are idle.
func (t *streams) idle() (idle []*stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.round++
	now := time.Now()
	for _, of := range t.byConversation {
		for _, s := range of {
			switch {
			case now.Sub(s.opened) >= maxStreamAge:
				t.ask(s, workEnd)
			case s.busy:
			case now.Sub(s.wroteAt) >= t.heartbeat:
				t.ask(s, workBeat)
			case t.round%hangupRounds == 0 && s.raw != nil:
				idle = append(idle, s)
			}
		}
	}
	return idle
}

// stop ends all streams, and those that begin from now on.
func (t *streams) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopping = true
	for _, of := range t.byConversation {
		for _, s := range of {
			_ = s.conn.SetWriteDeadline(time.Now().Add(stopTimeout)) // it may be writing
			t.ask(s, workEnd)
		}
	}
}

// end ends a stream.
func (t *streams) end(s *stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ask(s, workEnd)
}
