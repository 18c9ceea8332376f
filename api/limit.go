package api

import (
	"cmp"
	"sync"
	"time"
)

// Limits are how much may be done; a zero field means the one of DefaultLimits. An address is an IPv4 address or the /64
// of an IPv6 address; a /48 may do wideShare times as much.
type Limits struct {
	Messages      int // by one conversation, a minute: messages, pictures, ratings, the button for a person
	Conversations int // opened from one address, a minute
	BadKeys       int // wrong agents' keys from one address, a minute

	AddressQuestions int // asked without a conversation, and searches, from one address, a minute
	AddressResumes   int // tickets looked for by number and proof from one address, an hour
	AddressMessages  int // by all conversations of one address, a minute
	AddressFeedback  int // from one address, a minute
	AddressTickets   int // opened from one address, an hour
	AddressUploads   int // from one address at once
	AddressStreams   int // open at one address at once: event streams, and polls that wait
}

// DefaultLimits are wide enough for an office, or a carrier whose customers share an address.
func DefaultLimits() Limits {
	return Limits{
		Messages: 30, Conversations: 60, BadKeys: 10,
		AddressQuestions: 3000, AddressResumes: 30, AddressMessages: 600, AddressFeedback: 60, AddressTickets: 30, AddressUploads: 6, AddressStreams: 500,
	}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	return Limits{
		Messages: cmp.Or(l.Messages, d.Messages), Conversations: cmp.Or(l.Conversations, d.Conversations),
		BadKeys: cmp.Or(l.BadKeys, d.BadKeys), AddressQuestions: cmp.Or(l.AddressQuestions, d.AddressQuestions),
		AddressResumes: cmp.Or(l.AddressResumes, d.AddressResumes), AddressMessages: cmp.Or(l.AddressMessages, d.AddressMessages),
		AddressFeedback: cmp.Or(l.AddressFeedback, d.AddressFeedback), AddressTickets: cmp.Or(l.AddressTickets, d.AddressTickets),
		AddressUploads: cmp.Or(l.AddressUploads, d.AddressUploads), AddressStreams: cmp.Or(l.AddressStreams, d.AddressStreams),
	}
}

// share is somebody's part of what is limited: as many times the limit.
type share struct {
	key   string
	times int
}

// limiter lets every key do something a number of times in a period: all at once or spread. It is a
// leaky bucket for each key, kept in memory only for as long as it is not empty.
type limiter struct {
	rate float64 // uses a minute
	size float64 // uses at once
	now  func() time.Time

	mu      sync.Mutex
	buckets map[string]bucket
	swept   time.Time
}

type bucket struct {
	level float64   // in uses of a share of 1
	at    time.Time // when the level was measured
}

func newLimiter(uses int, period time.Duration, now func() time.Time) *limiter {
	return &limiter{rate: float64(uses) / period.Minutes(), size: float64(uses), now: now, buckets: map[string]bucket{}}
}

// reserve takes one use of each share's rate, or returns how long to wait before there is one and takes nothing.
func (l *limiter) reserve(shares ...share) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.sweep(now)
	levels := make([]float64, len(shares))
	for i, s := range shares {
		levels[i] = l.level(l.buckets[s.key], now) + 1/float64(s.times)
		wait = max(wait, l.waitFor(levels[i]))
	}
	if wait == 0 {
		for i, s := range shares {
			l.buckets[s.key] = bucket{levels[i], now}
		}
	}
	return wait
}

// waitFor is how long it takes until a bucket of that level is no more than full.
func (l *limiter) waitFor(level float64) time.Duration {
	return time.Duration(max(0, level-l.size) / l.rate * float64(time.Minute))
}

func (l *limiter) level(b bucket, now time.Time) float64 {
	return max(0, b.level-max(0, now.Sub(b.at).Minutes())*l.rate)
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

// slots are places for what goes on at once.
type slots struct {
	all          int // places
	conversation int // of one conversation
	address      int // of one address

	mu    sync.Mutex
	taken int
	held  map[string]int // by shares
}

func newSlots(all, conversation, address int) *slots {
	return &slots{all: all, conversation: conversation, address: address, held: map[string]int{}}
}

// acquire takes a place until release. Without one, busy tells whether all are taken, or else this conversation or
// address has its share.
func (s *slots) acquire(conversation string, from []share) (release func(), busy, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := "conversation " + conversation
	fits := s.held[key] < s.conversation
	for _, f := range from {
		fits = fits && s.held[f.key] < s.address*f.times
	}
	if !fits || s.taken >= s.all {
		return nil, fits, false
	}
	keys := []string{key}
	for _, f := range from {
		keys = append(keys, f.key)
	}
	s.add(keys, 1)
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.add(keys, -1)
	}), false, true
}

func (s *slots) add(keys []string, n int) {
	s.taken += n
	for _, k := range keys {
		if s.held[k] += n; s.held[k] == 0 {
			delete(s.held, k)
		}
	}
}
