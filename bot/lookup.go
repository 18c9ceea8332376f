package bot

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// reader understands messages. It is safe for concurrent use.
type reader struct {
	lib      *kb.Library
	searcher kb.Searcher
	policy   Policy
	now      func() time.Time
	words    *vocabulary
	alarms   *alarms
	slots    *slotReader
	tickets  bool // there are tickets, and details to gather for them
}

// certain is the result of a message whose intent is sure.
func certain(i kb.Intent) kb.Result { return kb.Result{Intent: i, IntentScore: 1, Confidence: 1} }

// find searches the guide, at most once for one text.
func (r *reader) find(ctx context.Context, lookups *[]Lookup, text string) (kb.Result, error) {
	if i := slices.IndexFunc(*lookups, func(l Lookup) bool { return l.Text == text }); i >= 0 {
		return (*lookups)[i].Result, nil
	}
	found, err := r.searcher.Search(ctx, kb.Query{Text: text, Limit: kb.DefaultLimit})
	if err == nil {
		*lookups = append(*lookups, Lookup{text, found})
	}
	return found, err
}

// search looks a text up and adds what is looked up exactly.
func (r *reader) search(ctx context.Context, u *Understanding, text string) error {
	found, err := r.find(ctx, &u.Lookups, text)
	if err != nil {
		return err
	}
	u.Result, u.Asked = found, text
	r.nameCodes(u, r.lib.Codes.Mentioned(found.Text))
	return nil
}

// codeConfidence is the probability that a message which names a response code is about it: of the
// guide's golden questions that do, all but a few are labelled so.
const codeConfidence = 0.97

// nameCodes lets named codes win over what the search found.
func (r *reader) nameCodes(u *Understanding, codes []string) {
	u.Codes = codes
	if a, ok := r.lib.Article(kb.CodesArticle); ok && len(codes) > 0 {
		u.Hits = promote(u.Hits, hitOf(a, 1))
		u.Confidence = codeConfidence
	}
}

// choose makes sure of what the customer picked: whatever the search says about an option's title,
// nobody is asked the same thing twice.
func (r *reader) choose(u *Understanding, o chat.Option) {
	a, ok := r.lib.Article(o.ID)
	switch {
	case o.ID == humanOption:
		u.Codes, u.Intent, u.IntentScore, u.Confidence = nil, kb.IntentHuman, 1, 1
	case ok:
		u.Act = ActPick
		u.Codes, u.Intent, u.IntentScore, u.Confidence = nil, kb.IntentNone, 0, 1
		u.Hits = promote(u.Hits, hitOf(a, 1))
	}
}

// chooseAll takes several options as if each had been asked for.
func (r *reader) chooseAll(u *Understanding, all []chat.Option) {
	u.Act, u.Confidence = ActPick, 1
	for _, o := range all {
		if a, ok := r.lib.Article(o.ID); ok {
			part := aboutArticle(a)
			u.Parts, u.Hits = append(u.Parts, part), append(u.Hits, part.Hits...)
		}
	}
}

// aboutArticle is the understanding of an article that is known to be meant.
func aboutArticle(a *kb.Article) Understanding {
	return Understanding{Result: kb.Result{Hits: []kb.Hit{hitOf(a, 1)}, Confidence: 1}}
}

func hitOf(a *kb.Article, score float64) kb.Hit {
	return kb.Hit{ID: a.ID, Title: a.Title, Score: score}
}

// promote puts first at the head of hits.
func promote(hits []kb.Hit, first kb.Hit) []kb.Hit {
	others := slices.DeleteFunc(slices.Clone(hits), func(h kb.Hit) bool { return h.ID == first.ID })
	return append([]kb.Hit{first}, others[:min(len(others), kb.DefaultLimit-1)]...)
}

// inContext reads a message that says too little, or too much, for one search.
func (r *reader) inContext(ctx context.Context, s *Session, u *Understanding, said utterance) error {
	if codes := r.codesAgain(s, u); len(codes) > 0 {
		r.nameCodes(u, codes)
		return nil
	}
	unsure := r.policy.unsure(*u)
	switch {
	case len(u.Codes) == 0 && r.words.isPointless(said.folded):
		u.Act, u.Result, u.Asked = ActDeny, kb.Result{}, ""
		return nil
	case unsure && r.words.says(kb.CueCancel, said):
		u.Result, u.Asked, u.Codes = kb.Result{Text: u.Text, Intent: kb.IntentBye, IntentScore: 1, Confidence: 1}, "", nil
		return nil
	case s.Topic != "" && unsure, r.words.isVague(u.Text) && !r.leadsOn(s.Topic, u):
		return r.lean(ctx, s, u)
	}
	return r.split(ctx, u, said.text)
}

// maxLean is the most characters of a message that may lean on the topic.
const maxLean = 14

// minLongNumber is how many digits name something of their own: a telephone, a terminal.
const minLongNumber = 5

// isLongNumber tells a text of digits that asks nothing of any topic.
func isLongNumber(text string) bool {
	return countDigits(text) >= minLongNumber && !strings.ContainsFunc(text, unicode.IsLetter)
}

// lean reads a question that says too little alone ("那要多久", "57呢") as one about the topic. The
// message alone stands when the topic does not help either.
func (r *reader) lean(ctx context.Context, s *Session, u *Understanding) error {
	topic, ok := r.lib.Article(s.Topic)
	if !ok || u.Wants(u.Intent) || len(u.Codes) > 0 || utf8.RuneCountInString(u.Text) > maxLean || isLongNumber(u.Text) {
		return nil
	}
	asked := topic.Title + " " + u.Text
	both, err := r.find(ctx, &u.Lookups, asked)
	if err != nil {
		return err
	}
	with := Understanding{Result: both}
	r.nameCodes(&with, r.lib.Codes.Mentioned(both.Text))
	if len(with.Hits) == 0 {
		return nil
	}
	near := slices.ContainsFunc(u.Hits[:min(maxOptions, len(u.Hits))], func(h kb.Hit) bool { return h.ID == with.Hits[0].ID })
	switch {
	case r.words.isVague(u.Text): // nothing but a question word: it can only be about the topic
		with.Hits = promote(with.Hits, hitOf(topic, with.Hits[0].Score))
	case !near, u.Confidence < r.policy.Near, with.Confidence < r.policy.Answer:
		return nil
	}
	with.Text, with.Intent, with.Confidence = u.Text, kb.IntentNone, max(with.Confidence, r.policy.Answer)
	u.Result, u.Asked = with.Result, asked
	if u.Hits[0].ID == topic.ID {
		r.focus(u, topic)
	}
	return nil
}

// focus tells what of the topic is asked for.
func (r *reader) focus(u *Understanding, topic *kb.Article) {
	u.Focus = FocusTopic
	if aspect := r.words.aspect(u.Text); aspect != "" && r.lib.Phrases.Replies.Aspect != "" {
		u.Focus = FocusUntold
		if u.Sentences = r.words.sentences(topic, aspect); len(u.Sentences) > 0 {
			u.Focus = FocusAspect
		}
	}
}

// codesAgain are the response codes of a short message behind one about codes: "那57呢" names no code
// by itself.
func (r *reader) codesAgain(s *Session, u *Understanding) []string {
	if s.Topic != kb.CodesArticle || len(u.Codes) > 0 || utf8.RuneCountInString(u.Text) > maxLean || isLongNumber(u.Text) {
		return nil
	}
	return r.lib.Codes.Mentioned(r.words.FollowUp.CodeMark + strings.TrimLeft(u.Text, r.words.FollowUp.CodeLead))
}

// leadsOn tells whether a short question, sure of its own article, leads on from the topic: to an article
// of the same category or one that is related. "要啥材料" does behind "怎么申请".
func (r *reader) leadsOn(topic string, u *Understanding) bool {
	if r.policy.unsure(*u) {
		return false
	}
	from, ok := r.lib.Article(topic)
	to, found := r.lib.Article(u.Hits[0].ID)
	return ok && found && (from.Category == to.Category || slices.Contains(from.Related, to.ID))
}

// maxParts is how many questions of one message are answered.
const maxParts = 3

// split answers each of several questions in one message. Only parts that are each sure of an article
// of their own count; else the message is one story.
func (r *reader) split(ctx context.Context, u *Understanding, text string) error {
	clauses := r.words.clauses(text)
	if len(clauses) < 2 || len(u.Codes) > 0 || u.Wants(kb.IntentHuman) {
		return nil
	}
	var parts []Understanding
	for _, clause := range clauses[:min(len(clauses), maxParts)] {
		p := Understanding{Lookups: u.Lookups}
		err := r.search(ctx, &p, clause)
		u.Lookups, p.Lookups = p.Lookups, nil
		if err != nil || r.policy.unsure(p) || p.Wants(p.Intent) {
			return err
		}
		if !slices.ContainsFunc(parts, func(q Understanding) bool { return q.Hits[0].ID == p.Hits[0].ID }) {
			parts = append(parts, p)
		}
	}
	if len(parts) < 2 {
		return nil
	}
	u.Parts, u.Hits = parts, nil
	for _, p := range parts {
		u.Hits = append(u.Hits, p.Hits[0])
		u.Confidence = min(u.Confidence, p.Confidence)
	}
	u.Confidence = max(u.Confidence, r.policy.Answer)
	return nil
}

// clauses cuts a message where one question ends and another begins.
func (v *vocabulary) clauses(text string) []string {
	for _, joint := range v.Joints {
		text = strings.ReplaceAll(text, joint, "\n")
	}
	var out []string
	for piece := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("?？;；\n。", r) }) {
		out = v.appendClauses(out, strings.TrimSpace(piece))
	}
	return slices.DeleteFunc(out, func(one string) bool { return utf8.RuneCountInString(one) < minClause })
}

// minClause is the fewest characters of a question that stands for itself in a message of several.
const minClause = 4

// appendClauses cuts at commas, or else at blanks, where each side asks something; else they are part of the story.
func (v *vocabulary) appendClauses(out []string, piece string) []string {
	for _, marks := range []string{",，", " 　"} {
		if !strings.ContainsAny(piece, marks) {
			continue
		}
		parts := strings.FieldsFunc(piece, func(r rune) bool { return strings.ContainsRune(marks, r) })
		if len(parts) > 1 && !slices.ContainsFunc(parts, func(p string) bool { return !v.asks(zh.FoldLight(p)) && !v.isEitherOr(p) }) {
			return append(out, parts...)
		}
	}
	return append(out, piece)
}

// isEitherOr finds the question form of 退不退 and 有没有.
func (v *vocabulary) isEitherOr(text string) bool {
	run := []rune(text)
	for i := 1; i+1 < len(run); i++ {
		if strings.ContainsRune(v.EitherOr, run[i]) && run[i-1] == run[i+1] {
			return true
		}
	}
	return false
}
