package bot

import (
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// listen keeps silent while an agent holds the conversation; only a ticket's state is told.
func (b *Bot) listen(s *Session, m chat.Message) Outcome {
	out := Outcome{Silent: true}
	if s.Ticket != nil && b.words.asksProgress(m.Text) {
		out.System = b.progress(s, m).Text
	}
	return out
}

// asksProgress tells whether a message asks how the case is going. Without a ticket it must name one:
// "处理好了吗" may then be about anything.
func (b *Bot) asksProgress(s *Session, text string) bool {
	return b.words.asksProgress(text) && (s.Ticket != nil || strings.Contains(plain(text), "工单"))
}

// progress tells the state of the newest ticket.
func (b *Bot) progress(s *Session, m chat.Message) chat.Reply {
	h := &b.lib.Phrases.Handover
	r := b.bubble(chat.Answer, h.None)
	if s.Ticket == nil {
		r.Options = append(r.Options, option(humanOption, b.lib.Phrases.Say.Human))
		return r
	}
	sentence, at := h.Waiting, s.Ticket.CreatedAt
	switch s.Ticket.State {
	case desk.Held:
		sentence = h.Held
	case desk.Closed:
		sentence, at = h.Closed, s.Ticket.UpdatedAt
	}
	now := b.at(m)
	since := day(at, now) + " " + at.In(china()).Format("15:04")
	r.Ticket = s.Ticket.Number
	r.Text = fill(sentence, "number", r.Ticket, "since", since, "when", b.when(now))
	return r
}
