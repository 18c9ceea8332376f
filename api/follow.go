package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
)

// The times of whoever follows a conversation.
const (
	longestWait = 30               // seconds that a poll may wait
	heartbeat   = 15 * time.Second // of silence, before a stream says that it lives
	writeLimit  = 10 * time.Second // for one write to a stream: a client that does not read is dropped
	streamLife  = 10 * time.Minute // then the client comes back; what nobody reads is not held for ever
)

// listMessages shows what was said behind ?after=, and waits for it up to ?wait= seconds.
func (s *server) listMessages(c echo.Context) error {
	after, err := number(c, "after", 0, 0, math.MaxInt64)
	if err != nil {
		return err
	}
	seconds, err := number(c, "wait", 0, 0, longestWait)
	if err != nil {
		return err
	}
	if seconds > 0 {
		unhurried(c)
		if err := extendWrite(c, longestWait*time.Second+writeLimit); err != nil {
			return err
		}
	}
	ctx, cancel := s.untilStop(c.Request().Context(), time.Duration(seconds)*time.Second)
	defer cancel()
	entries, err := s.await(ctx, c, after)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string][]chat.Entry{"messages": shownAll(entries)})
}

// untilStop is a context that ends with the request, after a time, or when the server stops.
func (s *server) untilStop(request context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(request, limit)
	if s.Stopping == nil {
		return ctx, cancel
	}
	stop := context.AfterFunc(s.Stopping, cancel)
	return ctx, func() { stop(); cancel() }
}

// await returns what was said behind after as soon as there is anything, or nothing when wait ends.
func (s *server) await(wait context.Context, c echo.Context, after int64) ([]chat.Entry, error) {
	id := conversationID(c)
	for {
		entries, err := s.Conversations.ListEntries(c.Request().Context(), id, after, page)
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
	after, err := resumeAt(c)
	if err != nil {
		return err
	}
	ctx, cancel := s.untilStop(c.Request().Context(), streamLife)
	defer cancel()
	leave, ok := s.streams.enter(conversationID(c), cancel)
	if !ok {
		return fmt.Errorf("streams: %w", chat.ErrBusy)
	}
	defer leave()
	s.metrics.streams.Inc()
	defer s.metrics.streams.Dec()
	unhurried(c)
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would hold the events back
	c.Response().WriteHeader(http.StatusOK)
	if err := s.stream(ctx, c, after); err != nil {
		s.Log.DebugContext(ctx, "a stream ended", "conversation", conversationID(c), "error", err)
	}
	return nil
}

// resumeAt is the sequence number that the client has seen.
func resumeAt(c echo.Context) (int64, error) {
	if last := c.Request().Header.Get("Last-Event-ID"); last != "" {
		var after int64
		if n, err := fmt.Sscanf(last, "%d", &after); err == nil && n == 1 && after >= 0 && itoa(after) == last {
			return after, nil
		}
		return 0, fail(http.StatusBadRequest, "Last-Event-ID 应是收到的最后一个事件的 id。")
	}
	return number(c, "after", 0, 0, math.MaxInt64)
}

// stream writes events until ctx ends or the client stops reading.
func (s *server) stream(ctx context.Context, c echo.Context, after int64) error {
	out := []byte("retry: 1000\n\n")
	for {
		if err := extendWrite(c, writeLimit); err != nil {
			return err
		}
		if _, err := c.Response().Write(out); err != nil {
			return err
		}
		if err := http.NewResponseController(c.Response()).Flush(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		quiet, cancel := context.WithTimeout(ctx, heartbeat)
		entries, err := s.await(quiet, c, after)
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
	data, err := json.Marshal(shown(e)) // on one line, for JSON escapes line breaks
	if err != nil {
		return out, err
	}
	return fmt.Appendf(out, "id: %d\nevent: message\ndata: %s\n\n", e.Seq, data), nil
}

// unhurried lifts the server's limit for reading the request, which would end the request's context
// while we wait.
func unhurried(c echo.Context) {
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Time{}) // a recorder has none
}

// extendWrite lets the next write take that long.
func extendWrite(c echo.Context, limit time.Duration) error {
	err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(limit))
	if errors.Is(err, http.ErrNotSupported) { // a recorder
		return nil
	}
	return err
}
