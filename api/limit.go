package api

import (
	"cmp"
	"sync"
	"time"
)

// Limits are how often things may be done, per minute; a zero field means the default.
type Limits struct {
	Messages      int // by one conversation: messages, pictures, the button for a person; 30
	Conversations int // opened from one address; 60, for shops share their provider's addresses
	BadKeys       int // wrong agents' keys from one address; 10
}

func (l Limits) withDefaults() Limits {
	return Limits{Messages: cmp.Or(l.Messages, 30), Conversations: cmp.Or(l.Conversations, 60), BadKeys: cmp.Or(l.BadKeys, 10)}
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
	at    time.Time // when the level was measured
}

func newLimiter(perMinute int, now func() time.Time) *limiter {
	return &limiter{perMinute: float64(perMinute), now: now, buckets: map[string]bucket{}}
}

// reserve takes one use of key's rate, or returns how long to wait before there is one.
func (l *limiter) reserve(key string) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.sweep(now)
	level := l.level(l.buckets[key], now) + 1
	if wait = l.waitFor(level); wait == 0 {
		l.buckets[key] = bucket{level, now}
	}
	return wait
}

// waitFor is how long it takes until a bucket of that level is no more than full.
func (l *limiter) waitFor(level float64) time.Duration {
	return time.Duration(max(0, level-l.perMinute) / l.perMinute * float64(time.Minute))
}

func (l *limiter) level(b bucket, now time.Time) float64 {
	return max(0, b.level-max(0, now.Sub(b.at).Minutes())*l.perMinute)
}

// sweep forgets the empty buckets, once a minute.
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
