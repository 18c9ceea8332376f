// Package bot decides what to say to a customer: one message in, one outcome out.
package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// Bot answers from one guide. It keeps nothing between messages but what stands in the Session, so
// one Bot serves any number of conversations at once.
type Bot struct {
	lib      *kb.Library
	searcher kb.Searcher
	policy   Policy
	now      func() time.Time
}

// New makes a bot for a guide and its index. now is the clock by which articles age.
func New(lib *kb.Library, searcher kb.Searcher, policy Policy, now func() time.Time) *Bot {
	return &Bot{lib: lib, searcher: searcher, policy: policy, now: now}
}

// Session is what the bot remembers of one conversation. The zero value is a fresh one.
type Session struct {
	Offered []chat.Option // the options of the last reply, in the order shown
}

// Outcome is what one message leads to.
type Outcome struct {
	Reply chat.Reply
}

// Step decides everything about one message: it reads the guide and changes only the session. An
// error means that the index failed; the session is then as before.
func (b *Bot) Step(ctx context.Context, s *Session, m chat.Message) (Outcome, error) {
	text := m.Text
	picked, ok := pick(s.Offered, text)
	if ok {
		text = picked.Title
	}
	found, err := b.searcher.Search(ctx, kb.Query{Text: text, Limit: kb.DefaultLimit})
	if err != nil {
		return Outcome{}, fmt.Errorf("search the guide: %w", err)
	}
	u := b.understand(found)
	if ok {
		u = b.chosen(u, picked)
	}
	reply := b.say(u, Decide(*s, u, b.policy))
	s.Offered = reply.Options
	return Outcome{Reply: reply}, nil
}

// Understanding is one message as far as the guide makes sense of it.
type Understanding struct {
	kb.Result
	Codes []string // response codes that the message names, known or not
}

// understand adds to what was found what is looked up exactly.
func (b *Bot) understand(found kb.Result) Understanding {
	u := Understanding{Result: found, Codes: b.lib.Codes.Mentioned(found.Text)}
	if a, ok := b.lib.Article(kb.CodesArticle); ok && len(u.Codes) > 0 {
		u.Hits = promote(u.Hits, kb.Hit{ID: a.ID, Title: a.Title, Score: 1})
		u.Confidence = codeConfidence
	}
	return u
}

// codeConfidence is the probability that a message which names a response code is about it: of the
// guide's golden questions that do, all but a few are labelled so.
const codeConfidence = 0.97

// chosen makes sure of what the customer picked: whatever the search says about an option's title,
// nobody is asked the same thing twice.
func (b *Bot) chosen(u Understanding, o chat.Option) Understanding {
	a, ok := b.lib.Article(o.ID)
	switch {
	case o.ID == humanOption:
		u.Codes, u.Intent, u.IntentScore, u.Confidence = nil, kb.IntentHuman, 1, 1
	case ok:
		u.Codes, u.Intent, u.IntentScore, u.Confidence = nil, kb.IntentNone, 0, 1
		u.Hits = promote(u.Hits, kb.Hit{ID: a.ID, Title: a.Title, Score: 1})
	}
	return u
}

// promote puts first at the head of hits.
func promote(hits []kb.Hit, first kb.Hit) []kb.Hit {
	out := []kb.Hit{first}
	for _, h := range hits {
		if h.ID != first.ID && len(out) < kb.DefaultLimit {
			out = append(out, h)
		}
	}
	return out
}
