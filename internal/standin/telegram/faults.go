package telegram

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// Fault is what goes wrong with one call. The zero value is: nothing.
type Fault struct {
	Before time.Duration // the call waits so long before anything comes of it
	After  time.Duration // its answer waits so long, after it took effect
	Drop   Drop
	Status int    // an answer instead of the call, which then has no effect; 0 is the real one
	Body   string // of that answer
	Header http.Header
}

// Drop says whether and when the connection is cut instead of an answer.
type Drop int

// The moments of a cut.
const (
	NoDrop     Drop = iota
	DropBefore      // nothing came of the call
	DropAfter       // the call took effect, and its answer was lost
)

// Slow makes the answer late, after the call took effect.
func Slow(d time.Duration) Fault { return Fault{After: d} }

// Cut drops the connection before or after the call took effect.
func Cut(when Drop) Fault { return Fault{Drop: when} }

// BadGateway is the HTML page of a proxy whose server is away.
func BadGateway() Fault {
	return Fault{
		Status: http.StatusBadGateway, Header: http.Header{"Content-Type": {"text/html"}},
		Body: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n",
	}
}

// TooMany is a 429 that asks for a pause of so many seconds.
func TooMany(seconds int) Fault {
	fault := Refuse(http.StatusTooManyRequests, "Too Many Requests: retry after "+strconv.Itoa(seconds))
	fault.Body = `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after ` + strconv.Itoa(seconds) +
		`","parameters":{"retry_after":` + strconv.Itoa(seconds) + `}}`
	fault.Header.Set("Retry-After", strconv.Itoa(seconds))
	return fault
}

// Refuse is any error in JSON; the description carries its prefix, as in "Bad Request: TOPIC_DELETED".
func Refuse(code int, description string) Fault {
	return Fault{
		Status: code, Header: http.Header{"Content-Type": {"application/json"}},
		Body: `{"ok":false,"error_code":` + strconv.Itoa(code) + `,"description":` + strconv.Quote(description) + `}`,
	}
}

// SetScript sets what decides about each call before it is done; nil lets all pass. The script may call
// the server, and is called by many goroutines at once.
func (s *Server) SetScript(script func(Call) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = script
}

func (s *Server) fault(c Call) Fault {
	s.mu.Lock()
	script := s.script
	s.mu.Unlock()
	if script == nil {
		return Fault{}
	}
	return script(c)
}

// pause waits, unless the context or the server ends first.
func (s *Server) pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
	return false
}
