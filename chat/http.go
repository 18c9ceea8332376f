package chat

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"
)

// ErrBodyTooLarge is for a response of more bytes than were asked for.
var ErrBodyTooLarge = errors.New("the response body is too large")

// ReadBody reads the body of a response, at most limit bytes, and closes it. Errors: ErrBodyTooLarge.
func ReadBody(resp *http.Response, limit int64) ([]byte, error) {
	defer resp.Body.Close() //nolint:errcheck // it was read to its end, or is given up
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err == nil && int64(len(body)) > limit {
		return nil, ErrBodyTooLarge
	}
	return body, err
}

// DiscardBody closes the body of a response, after at most limit bytes of it so that the connection can be reused.
func DiscardBody(resp *http.Response, limit int64) {
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, limit)) // a failure costs no more than the connection
	_ = resp.Body.Close()
}

// ParseRetryAfter is the wait that a Retry-After header asks for, in seconds or as a date; 0 for none.
func ParseRetryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// RequestTrace tells of one request that failed whether it may have reached the server.
type RequestTrace struct{ requested, connected atomic.Bool }

// WithTrace is ctx for a request that the trace watches.
func (t *RequestTrace) WithTrace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.requested.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.connected.Store(true) },
	})
}

// MayHaveArrived is false where err, of the request, means that there never was a connection.
func (t *RequestTrace) MayHaveArrived(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return false
	}
	return t.connected.Load() || !t.requested.Load()
}
