package api

import (
	"math"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

// events streams a conversation as server-sent events from ?after= or, when the client comes back,
// from Last-Event-ID. Every event's id is its sequence number, so whichever node answers, nothing is
// left out or told twice. The request ends here; the stream goes on, without a goroutine.
func (s *server) events(c echo.Context) error {
	after, err := lastEventID(c)
	if err != nil {
		return err
	}
	release, err := s.acquireWaiting(c)
	if err != nil {
		return err
	}
	request := newExchange(c, time.Now())
	st := s.streams.open(conversationID(c), after, func() {
		release()
		s.record(request)
	})
	conn, err := hijackStream(c)
	if err != nil {
		st.close(err)
		return nil //nolint:nilerr // it is logged, and the status is sent
	}
	c.Set(detachedKey, true)
	s.streams.start(st, conn, c.Request().ProtoAtLeast(1, 1))
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

// hijackStream sends the header of a stream and its first line, and takes the connection over from net/http, which
// frames the body by chunks from HTTP/1.1 on, and by the end of the connection before.
func hijackStream(c echo.Context) (net.Conn, error) {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would hold the events back
	h.Set(echo.HeaderConnection, "close")
	c.Response().WriteHeader(http.StatusOK)
	_, err := c.Response().Write([]byte("retry: 1000\n\n"))
	control := http.NewResponseController(c.Response())
	if err == nil {
		err = control.Flush()
	}
	if err != nil {
		return nil, err
	}
	conn, _, err := control.Hijack() // what a client says after its request does not matter
	return conn, err
}
