package bot

import (
	"cmp"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// mostWelcome is how many questions a welcome offers.
const mostWelcome = 6

// welcome introduces the bot to somebody who has just come, with the questions that are asked most: the
// first of every category before the second of any.
func (b *Bot) welcome(s *Session, m chat.Message) chat.Reply {
	r := b.bubble(chat.Greet, b.lib.Phrases.Say.Greet)
	if serial := m.Device.Serial; serial != "" {
		r.Text = paragraphs(r.Text, fill(b.lib.Phrases.Say.Scanned, "serial", s.Device.Serial))
	}
	for round := 0; len(r.Options) < mostWelcome; round++ {
		more := false
		for _, c := range b.lib.Phrases.Categories {
			if round >= len(c.Quick) || len(r.Options) == mostWelcome {
				continue
			}
			more = true
			if a, ok := b.lib.Article(c.Quick[round]); ok {
				r.Options = append(r.Options, option(a.ID, a.Title))
			}
		}
		if !more {
			break
		}
	}
	return r
}

// beside is a reply that has nothing to do with the case that is being registered, if there is one.
func (b *Bot) beside(s *Session, r chat.Reply) Outcome {
	if s.Case == nil || s.Case.Stage == offered {
		return said(s, r)
	}
	s.say(r)
	return b.strayed(s, r)
}

// unreadable says kindly that what came was not understood, and how to go on.
func (b *Bot) unreadable(m chat.Message) chat.Reply {
	media := b.lib.Phrases.Media
	text := cmp.Or(media[string(m.Medium)], media[string(chat.Other)], b.lib.Phrases.Say.Empty)
	return b.bubble(chat.Clarify, text, option(humanOption, b.lib.Phrases.Say.Human))
}

// known takes over what the channel itself knows of the terminal.
func (s *Session) known(d chat.Device) {
	for _, slot := range kb.Slots() {
		if value := *d.Field(string(slot)); value != "" && slot != kb.SlotContact {
			*s.Device.Field(string(slot)) = value
		}
	}
}
