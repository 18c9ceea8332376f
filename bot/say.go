package bot

import (
	"math"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// humanOption is the id of the option that asks for a person.
const humanOption = "human"

// say puts a decision into words.
func (b *Bot) say(u Understanding, d Decision) chat.Reply {
	say := &b.lib.Phrases.Say
	r := chat.Reply{
		Decision:   d.Kind,
		Confidence: round(u.Confidence),
		Articles:   make([]chat.Article, 0, len(u.Hits)),
		Options:    []chat.Option{},
	}
	for _, h := range u.Hits {
		r.Articles = append(r.Articles, chat.Article{ID: h.ID, Title: h.Title, Score: round(h.Score)})
	}
	for _, h := range d.Options {
		r.Options = append(r.Options, chat.Option{ID: h.ID, Title: h.Title})
	}
	switch d.Kind {
	case chat.Answer:
		r.Text = b.answer(u)
	case chat.Clarify:
		r.Text = say.Clarify
		r.Options = append(r.Options, b.human())
	case chat.Escalate:
		r.Text = say.Escalate
	case chat.Greet:
		r.Text = map[kb.Intent]string{kb.IntentGreet: say.Greet, kb.IntentThanks: say.Thanks, kb.IntentBye: say.Bye}[u.Intent]
	default:
		r.Text = b.decline(u, d)
		r.Options = append(r.Options, b.human())
	}
	return r
}

func (b *Bot) human() chat.Option {
	return chat.Option{ID: humanOption, Title: b.lib.Phrases.Say.Human}
}

func (b *Bot) decline(u Understanding, d Decision) string {
	switch {
	case strings.TrimSpace(u.Text) == "":
		return b.lib.Phrases.Say.Empty
	case len(d.Options) > 0:
		return b.lib.Phrases.Say.DeclineNear
	}
	return b.lib.Phrases.Say.Decline
}

// answer is the first article's chat bubble, or what the named response codes mean.
func (b *Bot) answer(u Understanding) string {
	if len(u.Codes) > 0 {
		return b.codes(u.Codes)
	}
	a, ok := b.lib.Article(u.Hits[0].ID)
	if !ok { // the index and the library are of one revision, so this cannot happen
		return b.lib.Phrases.Say.Decline
	}
	parts := []string{a.Lead}
	if !a.ValidUntil.IsZero() && !a.ValidOn(b.now()) {
		parts = append(parts, strings.ReplaceAll(b.lib.Phrases.Say.Expired, "{date}", a.ValidUntil.Format(time.DateOnly)))
	}
	if a.Escalate == kb.EscalateAlways {
		parts = append(parts, b.lib.Phrases.Say.AnswerHuman)
	}
	return strings.Join(parts, "\n")
}

// codes explains each code, in the message's order.
func (b *Bot) codes(names []string) string {
	parts := make([]string, 0, len(names))
	for _, name := range names {
		if c, ok := b.lib.Codes.Find(name); ok {
			parts = append(parts, c.Text)
			continue
		}
		parts = append(parts, strings.ReplaceAll(b.lib.Phrases.Say.UnknownCode, "{code}", name))
	}
	return strings.Join(parts, "\n")
}

// round keeps three digits: more would claim more than is known.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }
