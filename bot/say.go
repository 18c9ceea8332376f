package bot

import (
	"cmp"
	"math"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// humanOption is the id of the option that asks for a person.
const humanOption = "human"

// say puts a decision into words.
func (b *Bot) say(s *Session, u Understanding, d Decision) chat.Reply {
	if d.Unsolved && d.Kind == chat.Answer { // more about what was told, not about what was just said
		u = b.about(s.Topic)
	}
	r := chat.Reply{
		Decision:   d.Kind,
		Confidence: round(u.Confidence),
		Articles:   make([]chat.Article, 0, len(u.Hits)),
		Options:    []chat.Option{},
		Text:       b.text(s, u, d),
	}
	for _, h := range u.Hits {
		r.Articles = append(r.Articles, chat.Article{ID: h.ID, Title: h.Title, Score: round(h.Score)})
	}
	for _, h := range d.Options {
		r.Options = append(r.Options, chat.Option{ID: h.ID, Title: h.Title})
	}
	if d.Kind == chat.Clarify || d.Kind == chat.Decline || d.Unsolved {
		r.Options = append(r.Options, chat.Option{ID: humanOption, Title: b.lib.Phrases.Say.Human})
	}
	return r
}

// mostSame is how often the same words may come in a row.
const mostSame = 2

// varied is the reply to d, or another one where d would say the same for the third time. Whoever
// asks for a person gets the same as often as he asks.
func (b *Bot) varied(s *Session, u Understanding, d Decision) (Decision, chat.Reply) {
	r := b.say(s, u, d)
	if r.Text != s.Last || s.Same < mostSame || d.Kind == chat.Escalate {
		return d, r
	}
	other := Decision{Kind: chat.Decline, Offer: !d.Offer}
	return other, b.say(s, u, other)
}

// about is the understanding of an article that is known to be meant.
func (b *Bot) about(id string) Understanding {
	a, ok := b.lib.Article(id)
	if !ok {
		return Understanding{}
	}
	return Understanding{Result: kb.Result{Hits: []kb.Hit{{ID: a.ID, Title: a.Title, Score: 1}}, Confidence: 1}}
}

func (b *Bot) text(s *Session, u Understanding, d Decision) string {
	say := &b.lib.Phrases.Say
	switch {
	case d.Kind == chat.Answer && d.Unsolved:
		return say.Unsolved + "\n" + b.detail(s, u.Hits[0].ID)
	case d.Kind == chat.Answer && d.Detail:
		return b.detail(s, u.Hits[0].ID)
	case d.Kind == chat.Answer:
		return b.answer(u)
	case d.Kind == chat.Clarify:
		return say.Clarify
	case d.Kind == chat.Escalate:
		return say.Escalate
	case d.Kind == chat.Greet && !u.Refused:
		return map[kb.Intent]string{kb.IntentGreet: say.Greet, kb.IntentThanks: say.Thanks, kb.IntentBye: say.Bye}[u.Intent]
	case d.Offer:
		return say.Offer
	case u.Refused:
		return cmp.Or(b.lib.Phrases.Handover.Declined, say.Bye)
	case u.Denied:
		return say.Denied
	case strings.TrimSpace(u.Text) == "":
		return say.Empty
	case len(d.Options) > 0:
		return say.DeclineNear
	}
	return say.Decline
}

// answer is the first article's chat bubble, or what the named response codes mean, or both of several.
func (b *Bot) answer(u Understanding) string {
	if len(u.Codes) > 0 {
		return b.codes(u.Codes)
	}
	var parts []string
	for _, p := range u.Parts {
		parts = append(parts, "【"+p.Hits[0].Title+"】"+b.answer(p))
	}
	if len(parts) > 0 {
		return strings.Join(parts, "\n\n")
	}
	a, ok := b.lib.Article(u.Hits[0].ID)
	if !ok { // the index and the library are of one revision, so this cannot happen
		return b.lib.Phrases.Say.Decline
	}
	return b.qualified(a, a.Lead)
}

// detail is the next section of an article whose lead was told; its lead again when nothing is left.
func (b *Bot) detail(s *Session, id string) string {
	a, ok := b.lib.Article(id)
	if !ok {
		return b.lib.Phrases.Say.Decline
	}
	sections := a.Sections()
	told := s.Told
	if s.Topic != id {
		told = 0
	}
	if told >= len(sections) {
		return b.qualified(a, a.Lead)
	}
	next := sections[told]
	if next.Heading == "" {
		return next.Text
	}
	return next.Heading + "：\n" + next.Text
}

// qualified adds to an answer what must be known with it.
func (b *Bot) qualified(a *kb.Article, text string) string {
	parts := []string{text}
	if now := b.now(); !a.ValidUntil.IsZero() && !a.ValidOn(now) && a.ValidUntil.Before(now) {
		parts = append(parts, strings.ReplaceAll(b.lib.Phrases.Say.Expired, "{date}", a.ValidUntil.Format(time.DateOnly)))
	}
	if a.Escalate == kb.EscalateAlways && b.desk == nil { // else the offer to register it follows
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
