package bot

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// Session is what the bot remembers of one conversation. The zero value is a fresh one. Of what the
// customer wrote its JSON holds nothing but Words.
type Session struct {
	// What a store keeps beside the rest: it fills them in before a step and keeps what a step makes of
	// Holder and Device.
	Holder chat.Holder  `json:"-"` // "" counts as the bot
	Device chat.Device  `json:"-"` // what is known of the terminal
	Ticket *desk.Ticket `json:"-"` // the conversation's newest, or nil; a step only reads it

	Offered  []chat.Option  `json:"offered,omitempty"`  // the options of the last reply, in the order shown
	Topic    string         `json:"topic,omitempty"`    // id of the article that the last answer came from
	Told     int            `json:"told,omitempty"`     // how many of Topic's sections were told behind its lead
	Unhelped int            `json:"unhelped,omitempty"` // replies in a row that were no help
	Wanted   bool           `json:"wanted,omitempty"`   // the last reply offered a person
	Last     string         `json:"last,omitempty"`     // what the bot said last
	Same     int            `json:"same,omitempty"`     // how many times in a row it said so
	At       time.Time      `json:"at,omitzero"`        // when the last message came
	Words    []string       `json:"words,omitempty"`    // the customer's last questions, masked and cut, for a ticket's summary
	Tried    []chat.Article `json:"tried,omitempty"`    // what was answered with, newest first
	Case     *Case          `json:"case,omitempty"`     // the hand-over that is being prepared
	Settled  string         `json:"settled,omitempty"`  // the article whose case was offered already
}

// pause is how long a topic lives: whoever comes back later begins anew.
const pause = 30 * time.Minute

// clone copies a session, so that a step that fails has changed nothing.
func (s *Session) clone() Session {
	next := *s
	next.Words, next.Tried = slices.Clone(s.Words), slices.Clone(s.Tried)
	if s.Case != nil {
		c := *s.Case
		c.Asked, c.Done, c.Doubted = slices.Clone(c.Asked), slices.Clone(c.Done), slices.Clone(c.Doubted)
		next.Case = &c
	}
	return next
}

// begin forgets the topic after a pause; a case that was being registered waits. Messages without a
// time never pause.
func (s *Session) begin(at time.Time) {
	if !at.IsZero() && !s.At.IsZero() && at.Sub(s.At) > pause {
		fresh := Session{Holder: s.Holder, Device: s.Device, Ticket: s.Ticket}
		if c := s.Case; c != nil && c.Stage != offered {
			c.Stage, c.Reminders = paused, 0
			fresh.Case, fresh.Words, fresh.Tried = c, s.Words, s.Tried
		}
		*s = fresh
	}
	s.At = at
}

// remember notes what was replied.
func (s *Session) remember(d Decision, r chat.Reply) {
	s.say(r)
	s.Wanted = d.Offer
	switch d.Kind {
	case chat.Answer:
		if len(r.Articles) > 0 {
			if first := r.Articles[0]; first.ID != s.Topic {
				s.Topic, s.Told = first.ID, 0
				s.try(first)
			}
		}
		if d.Detail {
			s.Told++
		}
		s.Unhelped = 0
	case chat.Escalate, chat.Greet:
		s.Unhelped = 0
	default:
		s.Unhelped++
	}
	if d.Unsolved {
		s.Unhelped++
	}
}

// say notes one reply, so that nothing is said again and again.
func (s *Session) say(r chat.Reply) {
	if r.Text != s.Last {
		s.Same = 0
	}
	s.Offered, s.Last = r.Options, r.Text
	s.Same++
}

// offer notes the options of the last bubble: they are what a number picks.
func (s *Session) offer(out Outcome) {
	s.Offered = out.Reply.Options
	if n := len(out.More); n > 0 && len(out.More[n-1].Options) > 0 {
		s.Offered = out.More[n-1].Options
	}
}

// try notes an article that was answered with.
func (s *Session) try(a chat.Article) {
	s.Tried = slices.DeleteFunc(s.Tried, func(x chat.Article) bool { return x.ID == a.ID })
	s.Tried = slices.Insert(s.Tried, 0, a)
	s.Tried = s.Tried[:min(len(s.Tried), maxTried)]
}

const (
	maxTried = 5
	maxWords = 2  // questions that a summary quotes
	maxQuote = 80 // runes of each
)

// quote keeps the customer's words for a summary.
func (s *Session) quote(text string) {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) < 2 || slices.Contains(s.Words, cut(text, maxQuote)) {
		return
	}
	s.Words = append(s.Words, cut(text, maxQuote))
	s.Words = s.Words[max(0, len(s.Words)-maxWords):]
}

// offering tells whether a person, or the way to one, was offered last.
func (s *Session) offering() bool {
	return s.Wanted || s.Case != nil && s.Case.Stage == offered
}

// cut shortens a text to n runes.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}
