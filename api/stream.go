package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/yingda/yingda/chat"
)

// stream is an event stream on a connection that net/http has handed over.
type stream struct {
	streams      *streams
	conversation string
	after        atomic.Int64 // sequence number up to which events are written, or about to be
	opened       time.Time
	close        func(why error) // frees all that it has

	conn    net.Conn
	raw     syscall.RawConn // of conn; nil where it is not the system's
	chunked bool            // the body's framing; else it ends with the connection

	// Guarded by streams.mu.
	busy        bool // it waits for a worker, has one, or is not on its way yet
	pending     work // for the next worker
	slot, place int  // in the wheel
}

// work is what there is to do for a stream.
type work uint8

const (
	workNews  work = 1 << iota // there may be entries, or the conversation may be gone
	workRead                   // there may be entries that are not among news
	workCheck                  // where there are none, the conversation may be gone
	workEnd                    // it must end
)

// outcome is what came of the work for a stream.
type outcome struct {
	data   []byte // what the client is told
	more   work   // then to be done
	err    error  // why the stream ends; nil: it goes on
	unsent []byte // of data in its frame, what the client has not taken yet
}

// errStreamEnded says that nothing went wrong: it was too old, one too many, left by its client, or the server stops.
var errStreamEnded = errors.New("the stream is over")

// readTimeout is how long one read for streams may take.
const readTimeout = 10 * time.Second

// next makes what the client is told next; nothing where there is none, and more to do where there may be more to tell.
func (s *stream) next(ctx context.Context, all chat.Conversations, todo work) (o outcome, err error) {
	if todo&workEnd != 0 {
		return o, errStreamEnded
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	entries, err := readEntries(ctx, all, s.conversation, s.after.Load(), todo&(workNews|workCheck) != 0)
	if err != nil {
		return o, err
	}
	if len(entries) == pageSize {
		o.more = workRead
	}
	o.data, err = s.tell(entries)
	return o, err
}

// beat has a stream say that it lives, or end where it is too old or its client hung up.
func (s *stream) beat() outcome {
	if time.Since(s.opened) >= maxStreamAge || s.raw != nil && hungUp(s.raw) {
		return outcome{err: errStreamEnded}
	}
	return outcome{data: []byte(":\n\n")}
}

// tell makes events of those entries that the client has not seen.
func (s *stream) tell(entries []chat.Entry) (data []byte, err error) {
	for _, e := range entries {
		if e.Seq <= s.after.Load() {
			continue // others of the conversation are behind
		}
		if data, err = appendEvent(data, e); err != nil {
			return nil, err
		}
		s.after.Store(e.Seq)
	}
	return data, nil
}

// readNews reads what is new for several streams at once.
func readNews(ctx context.Context, all chat.Conversations, some []*stream) ([]outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	after := make(map[string]int64, len(some))
	for _, s := range some {
		least, ok := after[s.conversation]
		if own := s.after.Load(); !ok || own < least {
			after[s.conversation] = own
		}
	}
	entries, err := all.ListNewEntries(ctx, after)
	if err != nil {
		return nil, err
	}
	outcomes := make([]outcome, len(some))
	for i, s := range some {
		of, o := entries[s.conversation], &outcomes[i]
		if o.data, err = s.tell(of); err != nil {
			return nil, err
		}
		switch {
		case len(o.data) == 0:
			o.more = workRead | workCheck
		case of[len(of)-1].Seq >= after[s.conversation]+chat.NewEntriesRange:
			o.more = workRead
		}
	}
	return outcomes, nil
}

// write writes an outcome as far as the connection takes it at once.
func (s *stream) write(o outcome) outcome {
	o.unsent = s.frame(o.data, o.err != nil)
	if s.raw == nil || len(o.unsent) == 0 {
		return o
	}
	n, err := writeNow(s.raw, o.unsent)
	if o.unsent = o.unsent[n:]; err != nil {
		o.unsent, o.err = nil, cmp.Or(o.err, err)
	}
	return o
}

// frame is data as the body's next chunk, and behind it the end of the body when it is the last.
func (s *stream) frame(data []byte, last bool) []byte {
	if !s.chunked {
		return data
	}
	out := make([]byte, 0, len(data)+16)
	if len(data) > 0 {
		out = strconv.AppendInt(out, int64(len(data)), 16)
		out = append(append(append(out, "\r\n"...), data...), "\r\n"...)
	}
	if last {
		out = append(out, "0\r\n\r\n"...)
	}
	return out
}

// appendEvent appends an entry as an event.
func appendEvent(out []byte, e chat.Entry) ([]byte, error) {
	data, err := json.Marshal(entryJSON(e)) // on one line, for JSON escapes line breaks
	if err != nil {
		return out, err
	}
	return fmt.Appendf(out, "id: %d\nevent: message\ndata: %s\n\n", e.Seq, data), nil
}

// After implements chat.Subscriber.
func (s *stream) After() int64 { return s.after.Load() }
