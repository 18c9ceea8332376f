package bot

import (
	"context"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// Understanding is one message as far as the guide and the conversation make sense of it.
type Understanding struct {
	kb.Result
	Asked  string          // the text that was looked up: the message, or the part of it that counts
	Codes  []string        // response codes that the message names, known or not
	Parts  []Understanding // the questions of a message that asks several; each is sure of its answer
	Leans  bool            // it was read as a question about the session's topic
	Denied bool            // it says that the last reply was not meant, and nothing else

	Refused bool   // it says no to a person that was offered
	Aspect  string // it asks when or how much of the topic: the kind of question
	Untold  bool   // the topic does not say so
}

// read understands a message in its conversation.
func (b *Bot) read(ctx context.Context, s *Session, text string) (Understanding, error) {
	if all := pickAll(s.Offered, text); len(all) > 1 {
		return b.together(all), nil
	}
	if picked, ok := pick(s.Offered, text); ok {
		u, err := b.search(ctx, picked.Title)
		return b.chosen(u, picked), err
	}
	if b.words.is(kb.CueAck, text) {
		return Understanding{Result: kb.Result{Text: text, Intent: kb.IntentThanks, IntentScore: 1, Confidence: 1}}, nil
	}
	rest, corrected := correction(text)
	if corrected && rest == "" {
		return Understanding{Denied: true}, nil
	}
	u, err := b.search(ctx, rest)
	if err != nil || corrected {
		return u, err
	}
	return b.inContext(ctx, s, u, rest)
}

// inContext reads a message that says too little, or too much, for one search.
func (b *Bot) inContext(ctx context.Context, s *Session, u Understanding, text string) (Understanding, error) {
	unsure := b.policy.unsure(u)
	if codes := b.codesAgain(s, u); len(codes) > 0 {
		u.Codes = codes
		return b.exact(u), nil
	}
	switch {
	case pointless(text) && len(u.Codes) == 0:
		return Understanding{Denied: true}, nil
	case unsure && b.words.is(kb.CueCancel, text):
		return Understanding{Result: kb.Result{Text: u.Text, Intent: kb.IntentBye, IntentScore: 1, Confidence: 1}}, nil
	case s.Topic != "" && unsure, b.vague(u.Text) && !b.leads(s.Topic, u):
		return b.lean(ctx, s, u)
	}
	return b.split(ctx, u, text)
}

// together is the understanding of several options, as if each had been asked for.
func (b *Bot) together(all []chat.Option) Understanding {
	u := Understanding{Result: kb.Result{Confidence: 1}}
	for _, o := range all {
		if part := b.about(o.ID); len(part.Hits) > 0 {
			u.Parts, u.Hits = append(u.Parts, part), append(u.Hits, part.Hits...)
		}
	}
	return u
}

// search looks a text up and adds what is looked up exactly.
func (b *Bot) search(ctx context.Context, text string) (Understanding, error) {
	found, err := b.searcher.Search(ctx, kb.Query{Text: text, Limit: kb.DefaultLimit})
	if err != nil {
		return Understanding{}, err
	}
	return b.exact(Understanding{Result: found, Asked: text, Codes: b.lib.Codes.Mentioned(found.Text)}), nil
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
