package bot

import (
	"context"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// listen keeps silent while an agent holds the conversation; only a ticket's state is told.
func (b *Bot) listen(s *Session, m chat.Message) Outcome {
	out := Outcome{Silent: true}
	switch {
	case m.Medium == chat.Picture: // the agent does not see it either
		out.System = b.unreadable(m).Text
	case s.Ticket != nil && b.words.asksProgress(m.Text):
		out.System = b.progress(s, m).Text
	}
	return out
}

// asksProgress tells whether a message asks the bot how the case is going. Where it does not name the
// ticket, there must be one, and no wish for a person ("没人管吗 出来个人"): that always wins.
func (b *Bot) asksProgress(ctx context.Context, s *Session, m chat.Message) (bool, error) {
	if !b.words.asksProgress(m.Text) {
		return false, nil
	}
	if strings.Contains(plain(m.Text), "工单") {
		return true, nil
	}
	if s.Ticket == nil {
		return false, nil
	}
	u, err := b.understand(ctx, s, m)
	return err == nil && Decide(*s, u, b.policy).Kind != chat.Escalate, err
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
	case desk.StateHeld:
		sentence = h.Held
	case desk.StateClosed:
		sentence, at = h.Closed, s.Ticket.UpdatedAt
	}
	now := b.at(m)
	since := day(at, now) + " " + at.In(china()).Format("15:04")
	r.Ticket = s.Ticket.Number
	r.Text = fill(sentence, "number", r.Ticket, "since", since, "when", b.when(now))
	return r
}
