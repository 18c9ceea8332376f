package api

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
)

// maxWaitSeconds is how long one poll may wait.
const maxWaitSeconds = 30

// listMessages lists the entries behind ?after=, and waits for one up to ?wait= seconds (long polling).
func (s *server) listMessages(c echo.Context) error {
	after, err := intParam(c, "after", 0, 0, math.MaxInt64)
	seconds, failure := intParam(c, "wait", 0, 0, maxWaitSeconds)
	if err := cmp.Or(err, failure); err != nil {
		return err
	}
	var entries []chat.Entry
	if seconds > 0 {
		entries, err = s.poll(c, after, time.Duration(seconds)*time.Second)
	} else {
		entries, err = s.Conversations.ListEntries(c.Request().Context(), conversationID(c), after, pageSize)
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string][]chat.Entry{"messages": convert(entries, entryJSON)})
}

// poll returns the entries behind after as soon as there is one, or none when the time is over or the server stops.
func (s *server) poll(c echo.Context, after int64, timeout time.Duration) ([]chat.Entry, error) {
	release, err := s.acquireWaiting(c)
	if err != nil {
		return nil, err
	}
	defer release()
	clearReadDeadline(c)
	if err := extendWriteDeadline(c, timeout+writeTimeout); err != nil {
		return nil, err
	}
	wait, cancel := s.waitContext(c.Request().Context(), timeout)
	defer cancel()
	p := &poller{after: after, woken: make(chan struct{}, 1)}
	defer s.Conversations.Subscribe(conversationID(c), p)()
	for woken := false; ; woken = true {
		entries, err := readEntries(c.Request().Context(), s.Conversations, conversationID(c), after, woken)
		if err != nil || len(entries) > 0 {
			return entries, err
		}
		select {
		case <-p.woken:
		case <-wait.Done():
			return nil, nil
		}
	}
}

// waitContext is a context that ends with the request, after a time, or when the server stops.
func (s *server) waitContext(request context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(request, timeout)
	if s.Stopping == nil {
		return ctx, cancel
	}
	stop := context.AfterFunc(s.Stopping, cancel)
	return ctx, func() { stop(); cancel() }
}

// poller is a poll that waits.
type poller struct {
	after int64
	woken chan struct{} // full once there may be something
}

// After implements chat.Subscriber.
func (p *poller) After() int64 { return p.after }

// Wake implements chat.Subscriber.
func (p *poller) Wake() {
	select {
	case p.woken <- struct{}{}:
	default:
	}
}
