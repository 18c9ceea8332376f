package bot

import (
	"context"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// Understanding is one message as far as the guide and the conversation make sense of it.
type Understanding struct {
	kb.Result
	Codes  []string        // response codes that the message names, known or not
	Parts  []Understanding // the questions of a message that asks several; each is sure of its answer
	Leans  bool            // it was read as a question about the session's topic
	Denied bool            // it says that the last reply was not meant, and nothing else

	Refused bool // it says no to a person that was offered
}

// read understands a message in its conversation.
func (b *Bot) read(ctx context.Context, s *Session, text string) (Understanding, error) {
	if picked, ok := pick(s.Offered, text); ok {
		u, err := b.search(ctx, picked.Title)
		return b.chosen(u, picked), err
	}
	rest, corrected := correction(text)
	if corrected && rest == "" {
		return Understanding{Denied: true}, nil
	}
	u, err := b.search(ctx, rest)
	if err != nil || corrected {
		return u, err
	}
	if s.Topic != "" && b.policy.unsure(u) || b.vague(u.Text) {
		return b.lean(ctx, s, u)
	}
	return b.split(ctx, u, rest)
}

// search looks a text up and adds what is looked up exactly.
func (b *Bot) search(ctx context.Context, text string) (Understanding, error) {
	found, err := b.searcher.Search(ctx, kb.Query{Text: text, Limit: kb.DefaultLimit})
	if err != nil {
		return Understanding{}, err
	}
	return b.exact(Understanding{Result: found, Codes: b.lib.Codes.Mentioned(found.Text)}), nil
}

// codeConfidence is the probability that a message which names a response code is about it: of the
// guide's golden questions that do, all but a few are labelled so.
const codeConfidence = 0.97

// exact lets a named code win over what the search found.
func (b *Bot) exact(u Understanding) Understanding {
	if a, ok := b.lib.Article(kb.CodesArticle); ok && len(u.Codes) > 0 {
		u.Hits = promote(u.Hits, kb.Hit{ID: a.ID, Title: a.Title, Score: 1})
		u.Confidence = codeConfidence
	}
	return u
}

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
