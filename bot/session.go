package bot

import (
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// Session is what the bot remembers of one conversation. The zero value is a fresh one. Its JSON holds
// nothing that the customer wrote.
type Session struct {
	// What a store keeps beside the rest: it fills them in before a step and keeps what a step makes of
	// Holder and Device.
	Holder chat.Holder  `json:"-"` // "" counts as the bot
	Device chat.Device  `json:"-"` // what is known of the terminal
	Ticket *desk.Ticket `json:"-"` // the conversation's newest, or nil; a step only reads it

	Offered  []chat.Option `json:"offered,omitempty"`  // the options of the last reply, in the order shown
	Topic    string        `json:"topic,omitempty"`    // id of the article that the last answer came from
	Told     int           `json:"told,omitempty"`     // how many of Topic's sections were told behind its lead
	Unhelped int           `json:"unhelped,omitempty"` // replies in a row that were no help
	Last     string        `json:"last,omitempty"`     // what the bot said last
	Same     int           `json:"same,omitempty"`     // how many times in a row it said so
	At       time.Time     `json:"at,omitzero"`        // when the last message came
}

// pause is how long a topic lives: whoever comes back later begins anew.
const pause = 30 * time.Minute

// begin forgets the topic after a pause. Messages without a time never pause.
func (s *Session) begin(at time.Time) {
	if !at.IsZero() && !s.At.IsZero() && at.Sub(s.At) > pause {
		*s = Session{Holder: s.Holder, Device: s.Device, Ticket: s.Ticket}
	}
	s.At = at
}

// remember notes what was replied.
func (s *Session) remember(d Decision, r chat.Reply) {
	if r.Text != s.Last {
		s.Same = 0
	}
	s.Offered, s.Last = r.Options, r.Text
	s.Same++
	switch d.Kind {
	case chat.Answer:
		if len(r.Articles) > 0 && r.Articles[0].ID != s.Topic {
			s.Topic, s.Told = r.Articles[0].ID, 0
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
