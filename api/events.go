package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
)

// The limits of polls and streams.
const (
	maxWaitSeconds    = 30               // of one poll
	heartbeatInterval = 15 * time.Second // of silence, before a comment keeps the stream alive
	writeTimeout      = 10 * time.Second // for one write to a stream: a client that does not read is dropped
	maxStreamAge      = 10 * time.Minute // then the client comes back; what nobody reads is not held for ever
)

// listMessages lists the entries behind ?after=, and waits for one up to ?wait= seconds (long polling).
func (s *server) listMessages(c echo.Context) error {
	after, err := intParam(c, "after", 0, 0, math.MaxInt64)
	seconds, failure := intParam(c, "wait", 0, 0, maxWaitSeconds)
	if err := cmp.Or(err, failure); err != nil {
		return err
	}
	if seconds > 0 {
		clearReadDeadline(c)
		if err := extendWriteDeadline(c, maxWaitSeconds*time.Second+writeTimeout); err != nil {
			return err
		}
	}
	ctx, cancel := s.streamContext(c.Request().Context(), time.Duration(seconds)*time.Second)
	defer cancel()
	entries, err := s.waitEntries(ctx, c, after)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string][]chat.Entry{"messages": convert(entries, entryJSON)})
}

// streamContext is a context that ends with the request, after a time, or when the server stops.
func (s *server) streamContext(request context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(request, timeout)
	if s.Stopping == nil {
		return ctx, cancel
	}
	stop := context.AfterFunc(s.Stopping, cancel)
	return ctx, func() { stop(); cancel() }
}

// waitEntries returns the entries behind after as soon as there is one, or none when wait ends.
func (s *server) waitEntries(wait context.Context, c echo.Context, after int64) ([]chat.Entry, error) {
	id := conversationID(c)
	for {
		entries, err := s.Conversations.ListEntries(c.Request().Context(), id, after, pageSize)
		if err != nil || len(entries) > 0 || wait.Err() != nil {
			return entries, err
		}
		if err := s.Conversations.WaitEntries(wait, id, after); err != nil && wait.Err() == nil {
			return nil, err
		}
	}
}

// events streams a conversation as server-sent events from ?after= or, when the client comes back,
// from Last-Event-ID. Every event's id is its sequence number, so whichever node answers, nothing is
// left out or told twice.
func (s *server) events(c echo.Context) error {
	after, err := lastEventID(c)
	if err != nil {
		return err
	}
	ctx, cancel := s.streamContext(c.Request().Context(), maxStreamAge)
	defer cancel()
	remove, ok := s.streams.add(conversationID(c), cancel)
	if !ok {
		return fmt.Errorf("more than %d event streams: %w", maxStreams, chat.ErrBusy)
	}
	defer remove()
	s.metrics.streams.Inc()
	defer s.metrics.streams.Dec()
	clearReadDeadline(c)
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would hold the events back
	c.Response().WriteHeader(http.StatusOK)
	if err := s.writeEvents(ctx, c, after); err != nil {
		s.Log.DebugContext(ctx, "event stream ended", "conversation", conversationID(c), "error", err)
	}
	return nil
}

// lastEventID is the sequence number up to which the client has seen the conversation.
func lastEventID(c echo.Context) (int64, error) {
	last := c.Request().Header.Get("Last-Event-ID")
	if last == "" {
		return intParam(c, "after", 0, 0, math.MaxInt64)
	}
	seq, err := strconv.ParseInt(last, 10, 64)
	if err != nil || seq < 0 || strconv.FormatInt(seq, 10) != last {
		return 0, fail(http.StatusBadRequest, "Last-Event-ID 应是收到的最后一个事件的 id。")
	}
	return seq, nil
}

// writeEvents writes events until ctx ends or the client stops reading.
func (s *server) writeEvents(ctx context.Context, c echo.Context, after int64) error {
	out := []byte("retry: 1000\n\n")
	for {
		err := extendWriteDeadline(c, writeTimeout)
		if err == nil {
			_, err = c.Response().Write(out)
		}
		if err == nil {
			err = http.NewResponseController(c.Response()).Flush()
		}
		if err != nil || ctx.Err() != nil {
			return err
		}
		heartbeat, cancel := context.WithTimeout(ctx, heartbeatInterval)
		entries, err := s.waitEntries(heartbeat, c, after)
		cancel()
		if err != nil {
			return err
		}
		out = out[:0]
		for _, e := range entries {
			if out, err = appendEvent(out, e); err != nil {
				return err
			}
			after = e.Seq
		}
		if len(entries) == 0 {
			out = append(out, ":\n\n"...)
		}
	}
}

func appendEvent(out []byte, e chat.Entry) ([]byte, error) {
	data, err := json.Marshal(entryJSON(e)) // on one line, for JSON escapes line breaks
	if err != nil {
		return out, err
	}
	return fmt.Appendf(out, "id: %d\nevent: message\ndata: %s\n\n", e.Seq, data), nil
}

// clearReadDeadline lifts the server's limit for reading the request, which would end the request's context
// while we wait.
func clearReadDeadline(c echo.Context) {
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Time{}) // a recorder has none
}

// extendWriteDeadline lets the next write take that long.
func extendWriteDeadline(c echo.Context, timeout time.Duration) error {
	err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(timeout))
	if errors.Is(err, http.ErrNotSupported) { // a recorder
		return nil
	}
	return err
}
