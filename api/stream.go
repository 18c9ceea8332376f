package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
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

	// Guarded by streams.mu, but for news, which is the worker's.
	busy    bool      // it waits for a worker, has one, or is not on its way yet
	pending work      // for the next worker
	news    []byte    // was read together with that of others, and is to be written
	wroteAt time.Time // when the client was told something, or nothing, last
}

// work is what there is to do for a stream.
type work uint8

const (
	workNews  work = 1 << iota // there may be entries, or the conversation may be gone
	workWrite                  // news were read
	workRead                   // there may be entries that are not among news
	workCheck                  // where there are none, the conversation may be gone
	workBeat                   // it was silent for long
	workEnd                    // it must end
)

// errStreamEnded says that nothing went wrong: it was too old, one too many, left by its client, or the server stops.
var errStreamEnded = errors.New("the stream is over")

// readTimeout is how long one read for streams may take.
const readTimeout = 10 * time.Second

// next makes what the client is told next; nothing where there is none, and more to do where there may be more to tell.
func (s *stream) next(ctx context.Context, all chat.Conversations, todo work) (data []byte, more work, err error) {
	switch {
	case todo&workEnd != 0:
		return nil, 0, errStreamEnded
	case todo&workWrite != 0:
		data, s.news = s.news, nil
		return data, todo &^ (workWrite | workBeat), nil
	case todo&(workNews|workRead) != 0:
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		entries, err := readEntries(ctx, all, s.conversation, s.after.Load(), todo&(workNews|workCheck) != 0)
		if err != nil {
			return nil, 0, err
		}
		if len(entries) == pageSize {
			more = workRead
		}
		if data, err = s.tell(entries); err != nil || len(data) > 0 {
			return data, more, err
		}
	}
	if todo&workBeat != 0 {
		data = []byte(":\n\n")
	}
	return data, more, nil
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

// readNews reads what is new for several streams at once, and returns what is to be done for each.
func readNews(ctx context.Context, all chat.Conversations, some []*stream) ([]work, error) {
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
	todo := make([]work, len(some))
	for i, s := range some {
		of := entries[s.conversation]
		if s.news, err = s.tell(of); err != nil {
			return nil, err
		}
		switch {
		case len(s.news) == 0:
			todo[i] = workRead | workCheck
		case of[len(of)-1].Seq >= after[s.conversation]+chat.NewEntriesRange:
			todo[i] = workWrite | workRead
		default:
			todo[i] = workWrite
		}
	}
	return todo, nil
}

// frame is data as the body's next chunk, and behind it the end of the body when it is the last.
func (s *stream) frame(data []byte, last bool) []byte {
	if !s.chunked {
		return data
	}
	var out []byte
	if len(data) > 0 {
		out = fmt.Appendf(make([]byte, 0, len(data)+16), "%x\r\n%s\r\n", len(data), data)
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
