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
	heartbeatInterval      = 15 * time.Second // after which a comment keeps the stream alive
	writeTimeout           = 10 * time.Second // for one write to a stream: a client that does not read is dropped
	stopTimeout            = time.Second      // for the last one when the server stops
	maxStreamReads         = 8                // at once, for all streams
	maxTogether            = 256              // streams that are read for by one statement, and settled by one lock
)

// streams are the open event streams. A silent one has no goroutine and reads nothing: a timer makes rounds for all, and
// what has something to do is queued for a few workers, which come for that alone. What was said in many conversations at
// once is read together. Everything is written as far as the connection takes it at once; the rest waits in a goroutine of
// its own, so that a client that does not read holds up nobody.
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
	wheel          wheel
	queue          []*stream // for workers
	news           []*stream // for workers, which read for many of them together
	workers        int
	stopping       bool
	ticking        bool // the timer runs
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
	s.conn, s.chunked = conn, chunked
	if c, ok := conn.(syscall.Conn); ok {
		s.raw, _ = c.SyscallConn() // its error is that of a closed connection, which the first write finds
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	of := append(t.byConversation[s.conversation], s)
	t.byConversation[s.conversation] = of
	t.wheel.add(s)
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

// call calls one more worker where there is something to do. It is called under mu.
func (t *streams) call() {
	if len(t.queue)+len(t.news) > 0 && t.workers < maxStreamReads {
		t.workers++
		go t.work()
	}
}

// work serves streams until none is queued.
func (t *streams) work() {
	for {
		switch s, todo, some := t.take(); {
		case s != nil:
			t.deliver([]*stream{s}, []outcome{t.next(s, todo)})
		case len(some) > 0:
			t.deliver(some, t.readNews(some))
		default:
			return
		}
	}
}

// take takes the first stream of the queue or else, of those that may have news, as many as are read for together. Where
// there are none the worker ends.
func (t *streams) take() (s *stream, todo work, some []*stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) > 0 {
		s, t.queue = t.queue[0], t.queue[1:]
		todo, s.pending = s.pending, 0
		return s, todo, nil
	}
	t.queue = nil
	n := min(len(t.news), maxTogether)
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

// next does what is to be done for one stream.
func (t *streams) next(s *stream, todo work) (o outcome) {
	err := t.panics.Try(t.ctx, door, func() (err error) {
		o, err = s.next(t.ctx, t.conversations, todo)
		return err
	}, "conversation", s.conversation)
	if err != nil {
		return outcome{err: err}
	}
	return o
}

// readNews reads for some streams; all of them end where that fails.
func (t *streams) readNews(some []*stream) (outcomes []outcome) {
	err := t.panics.Try(t.ctx, door, func() (err error) {
		outcomes, err = readNews(t.ctx, t.conversations, some)
		return err
	})
	if err != nil {
		return slices.Repeat([]outcome{{err: err}}, len(some))
	}
	return outcomes
}

// deliver writes the outcomes for some streams as far as their connections take them at once, and settles those streams.
func (t *streams) deliver(some []*stream, outcomes []outcome) {
	for i, s := range some {
		outcomes[i] = s.write(outcomes[i])
	}
	t.mu.Lock()
	var ended []int
	for i, s := range some {
		switch o := outcomes[i]; {
		case len(o.unsent) > 0:
			go t.finish(s, o)
		case !t.settle(s, o):
			ended = append(ended, i)
		}
	}
	t.mu.Unlock()
	for _, i := range ended {
		some[i].close(outcomes[i].err)
	}
}

// finish writes what a client was slow to take, waits for it, and settles its stream.
func (t *streams) finish(s *stream, o outcome) {
	t.mu.Lock()
	timeout := writeTimeout
	if t.stopping {
		timeout = stopTimeout
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(timeout)) // fails where the write does
	t.mu.Unlock()
	_, err := s.conn.Write(o.unsent)
	o.err = cmp.Or(o.err, err)
	t.mu.Lock()
	goesOn := t.settle(s, o)
	t.mu.Unlock()
	if !goesOn {
		s.close(o.err)
	}
}

// settle lets go of a stream that was served. Where there was an error that is for ever: then it must be closed. It is
// called under mu.
func (t *streams) settle(s *stream, o outcome) (goesOn bool) {
	if o.err == nil {
		s.busy = false
		t.ask(s, o.more)
		return true
	}
	t.wheel.remove(s)
	rest := slices.DeleteFunc(t.byConversation[s.conversation], func(o *stream) bool { return o == s })
	t.byConversation[s.conversation] = rest
	if len(rest) == 0 {
		delete(t.byConversation, s.conversation)
	}
	return false
}

// makeRound visits the streams whose turn it is, and makes the next round while there is any stream.
func (t *streams) makeRound() {
	t.panics.Do(t.ctx, door, func() {
		for some := range slices.Chunk(t.visited(), maxTogether) {
			outcomes := make([]outcome, len(some))
			for i, s := range some {
				outcomes[i] = s.beat()
			}
			t.deliver(some, outcomes)
		}
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ticking = len(t.byConversation) > 0; t.ticking {
		time.AfterFunc(t.heartbeat/roundsPerBeat, t.makeRound)
	}
}

// visited takes the streams whose turn it is. Who is served at this moment is passed over.
func (t *streams) visited() (some []*stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.wheel.turn() {
		if !s.busy {
			s.busy = true
			some = append(some, s)
		}
	}
	return some
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
