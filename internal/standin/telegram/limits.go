package telegram

import (
	"fmt"
	"time"
)

// Limits are the token buckets of what bots send: messages, copies and edits.
type Limits struct {
	Off   bool   // no limits, nor the pauses that polling and setting a webhook too often cost
	Chat  Bucket // to one private chat
	Group Bucket // to one group
	All   Bucket // of one bot to everybody
}

// Bucket holds Burst tokens at most and gets a new one each Every.
type Bucket struct {
	Burst int
	Every time.Duration
}

// orUsual fills in what is zero: about one message a second to a chat with a burst of a few, 20 a minute
// to a group, 30 a second in all.
func (l Limits) orUsual() Limits {
	if l.Chat == (Bucket{}) {
		l.Chat = Bucket{4, time.Second}
	}
	if l.Group == (Bucket{}) {
		l.Group = Bucket{20, 3 * time.Second}
	}
	if l.All == (Bucket{}) {
		l.All = Bucket{30, time.Second / 30}
	}
	return l
}

// SetLimits changes the limits from now on; zero buckets are the usual ones.
func (s *Server) SetLimits(limits Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = limits.orUsual()
	s.buckets = map[string]*level{}
}

// Throttle answers 429 with the time that is left to whatever a bot sends to a chat, until d has passed;
// chat 0 is the whole bot, and then every method is refused. A bot of 0 is the first.
func (s *Server) Throttle(bot, chat int64, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.bot(bot); b != nil {
		s.holds[[2]int64{b.id, chat}] = s.now().Add(d)
	}
}

// level is how full a bucket is.
type level struct {
	tokens float64
	at     time.Time
}

// fill brings the level up to date and returns how long it takes until there is a token.
func (l *level) fill(b Bucket, now time.Time) time.Duration {
	if now.After(l.at) {
		l.tokens = min(float64(b.Burst), l.tokens+float64(now.Sub(l.at))/float64(b.Every))
		l.at = now
	}
	if l.tokens >= 1 {
		return 0
	}
	return time.Duration((1 - l.tokens) * float64(b.Every))
}

// held says how long Throttle still refuses the call. The lock is held.
func (s *Server) held(bot, chat int64) *apiError {
	if wait := s.holds[[2]int64{bot, chat}].Sub(s.now()); wait > 0 {
		return tooMany(wait)
	}
	return nil
}

// spend takes a token from each bucket that a message to the chat needs, or none and says when to come
// again. The lock is held.
func (s *Server) spend(b *bot, c *chat) *apiError {
	if err := s.held(b.id, c.id); err != nil {
		return err
	}
	if s.limits.Off {
		return nil
	}
	ofChat := s.limits.Group
	if c.kind == kindPrivate {
		ofChat = s.limits.Chat
	}
	one, all := s.level(fmt.Sprintf("%d %d", b.id, c.id), ofChat), s.level(fmt.Sprint(b.id), s.limits.All)
	if wait := max(one.fill(ofChat, s.now()), all.fill(s.limits.All, s.now())); wait > 0 {
		return tooMany(wait)
	}
	one.tokens--
	all.tokens--
	return nil
}

func (s *Server) level(key string, b Bucket) *level {
	l := s.buckets[key]
	if l == nil {
		l = &level{float64(b.Burst), s.now()}
		s.buckets[key] = l
	}
	return l
}
