package api

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// Limits are how often things may be done, per minute; a zero field means the default.
type Limits struct {
	Messages      int // by one conversation: messages, pictures, the button for a person; 30
	Conversations int // opened from one address; 60, for shops share their provider's addresses
	BadKeys       int // wrong agents' keys from one address; 10
}

func (l Limits) orDefault() Limits {
	or := func(n *int, value int) {
		if *n == 0 {
			*n = value
		}
	}
	or(&l.Messages, 30)
	or(&l.Conversations, 60)
	or(&l.BadKeys, 10)
	return l
}

// limiter lets every key do something a number of times a minute: all at once or spread. It is a
// leaky bucket for each key, kept in memory only for as long as it is not empty.
type limiter struct {
	perMinute float64
	now       func() time.Time

	mu      sync.Mutex
	buckets map[string]bucket
	swept   time.Time
}

type bucket struct {
	level float64
	at    time.Time // when the level was so
}

func newLimiter(perMinute int, now func() time.Time) *limiter {
	return &limiter{perMinute: float64(perMinute), now: now, buckets: map[string]bucket{}}
}

// take does it once for key, or says how long to wait first.
func (l *limiter) take(key string) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.sweep(now)
	level := l.level(l.buckets[key], now) + 1
	if level > l.perMinute {
		return time.Duration((level - l.perMinute) / l.perMinute * float64(time.Minute))
	}
	l.buckets[key] = bucket{level, now}
	return 0
}

// full says how long key must wait; 0 when it need not. It takes nothing.
func (l *limiter) full(key string) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	level := l.level(l.buckets[key], l.now()) + 1
	return time.Duration(max(0, level-l.perMinute) / l.perMinute * float64(time.Minute))
}

func (l *limiter) level(b bucket, now time.Time) float64 {
	return max(0, b.level-max(0, now.Sub(b.at).Minutes())*l.perMinute)
}

// sweep forgets what is empty, once a minute.
func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for key, b := range l.buckets {
		if l.level(b, now) == 0 {
			delete(l.buckets, key)
		}
	}
}

// tooMany is the refusal of whoever must wait.
func tooMany(wait time.Duration, detail string) error {
	return &problem{Type: "about:blank", Title: http.StatusText(http.StatusTooManyRequests), Status: http.StatusTooManyRequests, Detail: detail, retry: wait}
}

// retryAfter is a wait in whole seconds, at least one, for the Retry-After header.
func retryAfter(wait time.Duration) string {
	return strconv.Itoa(max(1, int((wait+time.Second-1)/time.Second)))
}

// address is where a request comes from: an IPv4 address, or the network of an IPv6 address, for
// one customer has all of a /64. Headers such as X-Forwarded-For count only behind a trusted proxy.
func address(c echo.Context) string {
	ip, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return ""
	}
	ip = ip.Unmap()
	if ip.Is6() {
		if network, err := ip.WithZone("").Prefix(64); err == nil {
			return network.String()
		}
	}
	return ip.String()
}
