package bot

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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

// lean reads a question that says too little alone ("那要多久", "57呢") as one about the topic. u is
// the message alone; it stands when the topic does not help either.
func (b *Bot) lean(ctx context.Context, s *Session, u Understanding) (Understanding, error) {
	topic, ok := b.lib.Article(s.Topic)
	if !ok || u.Wants(u.Intent) || len(u.Codes) > 0 || utf8.RuneCountInString(u.Text) > longestLean {
		return u, nil
	}
	if s.Topic == kb.CodesArticle {
		if codes := b.lib.Codes.Mentioned("报" + strings.TrimLeft(u.Text, "那么要是 ")); len(codes) > 0 {
			u.Codes = codes
			return b.exact(u), nil
		}
	}
	both, err := b.search(ctx, topic.Title+" "+u.Text)
	if err != nil || len(both.Hits) == 0 {
		return u, err
	}
	near := slices.ContainsFunc(u.Hits[:min(maxOptions, len(u.Hits))], func(h kb.Hit) bool { return h.ID == both.Hits[0].ID })
	switch {
	case b.vague(u.Text): // nothing but a question word: it can only be about the topic
		both.Hits = promote(both.Hits, kb.Hit{ID: topic.ID, Title: topic.Title, Score: both.Hits[0].Score})
	case !near, u.Confidence < b.policy.Near, both.Confidence < b.policy.Answer:
		return u, nil
	}
	both.Text, both.Intent, both.Codes = u.Text, kb.IntentNone, nil
	both.Leans = both.Hits[0].ID == topic.ID
	both.Confidence = max(both.Confidence, b.policy.Answer)
	return both, nil
}

// longestLean is the most characters of a message that may lean on the topic.
const longestLean = 14

// vague tells whether a folded text asks something and names nothing: it has question words or
// fillers, and besides these only politeness.
func (b *Bot) vague(folded string) bool {
	asking := fillers()
	for _, words := range b.lib.Lexicon.Kinds {
		asking = append(asking, words...)
	}
	rest := removeAll(folded, asking)
	return rest != folded && !says(removeAll(rest, b.lib.Lexicon.Polite))
}

// says tells whether a text has a letter or a digit.
func says(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// fillers are words that name no topic by themselves.
func fillers() []string {
	return []string{
		"那么", "那", "然后", "接下来", "要是", "要", "需要", "得", "会", "能", "可以", "它", "这", "去", "弄", "办", "申请", "做", "搞",
		"钱", "费", "收", "时间", "具体", "详细", "说说", "说", "下一步", "第一步", "步骤", "呢", "嘛", "么", "给", "又", "再", "到底", "材料", "用", "带", "花", "啥", "什么", "哪",
	}
}

func removeAll(s string, words []string) string {
	for _, w := range byLength(words) {
		s = strings.ReplaceAll(s, w, "")
	}
	return s
}

// byLength puts long words first, so that a short one does not break them.
func byLength(words []string) []string {
	out := slices.Clone(words)
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// maxParts is how many questions of one message are answered.
const maxParts = 3

// split answers each of several questions in one message. Only parts that are each sure of an article
// of their own count; else the message is one story and u is what it means.
func (b *Bot) split(ctx context.Context, u Understanding, text string) (Understanding, error) {
	pieces := questions(text)
	if len(pieces) < 2 || len(u.Codes) > 0 || u.Intent == kb.IntentHuman && u.Wants(kb.IntentHuman) {
		return u, nil
	}
	var parts []Understanding
	for _, piece := range pieces[:min(len(pieces), maxParts)] {
		p, err := b.search(ctx, piece)
		if err != nil {
			return u, err
		}
		if b.policy.unsure(p) || p.Intent != kb.IntentNone && p.Wants(p.Intent) {
			return u, nil
		}
		if !slices.ContainsFunc(parts, func(q Understanding) bool { return q.Hits[0].ID == p.Hits[0].ID }) {
			parts = append(parts, p)
		}
	}
	if len(parts) < 2 {
		return u, nil
	}
	u.Parts, u.Hits = parts, nil
	for _, p := range parts {
		u.Hits = append(u.Hits, p.Hits[0])
		u.Confidence = min(u.Confidence, p.Confidence)
	}
	u.Confidence = max(u.Confidence, b.policy.Answer)
	return u, nil
}

// shortest is the fewest characters of a question that stands for itself in a message of several.
const shortest = 4

// questions cuts a message where one question ends and another begins.
func questions(text string) []string {
	for _, joint := range []string{"还有就是", "还有", "另外", "顺便问一下", "顺便问", "顺便", "再问一下", "再问"} {
		text = strings.ReplaceAll(text, joint, "\n")
	}
	var out []string
	for _, piece := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("?？;；\n。", r) }) {
		if piece = strings.TrimSpace(piece); utf8.RuneCountInString(piece) >= shortest {
			out = append(out, piece)
		}
	}
	return out
}

// correction takes "不是，我说的是押金" apart; rest is what was meant, the whole text when it corrects nothing.
func correction(text string) (rest string, corrected bool) {
	plain := strings.Trim(text, " ,，.。!！?？~")
	if slices.Contains([]string{"不是", "不对", "都不是", "不是这个", "不是这些", "都不对", "没有我要的", "答非所问", "你理解错了", "理解错了"}, plain) {
		return "", true
	}
	for _, mark := range []string{"我说的是", "我问的是", "我是说", "我是问", "我要问的是", "我想问的是", "我指的是"} {
		if _, after, ok := strings.Cut(plain, mark); ok && after != "" {
			return strings.TrimLeft(after, " ,，:："), true
		}
	}
	return text, false
}

// pick finds the option that a message chooses: by its number, its title, or words of one title.
func pick(offered []chat.Option, text string) (chat.Option, bool) {
	text = strings.Trim(text, " \t\n.。,，、!！~")
	for i, o := range offered {
		if text == o.Title || slices.Contains(ordinals(i, len(offered)), text) {
			return o, true
		}
	}
	return pickByWords(offered, text)
}

// ordinals are the ways to name the i-th of n options by its place.
func ordinals(i, n int) []string {
	digit, wide, word := string(rune('1'+i)), string(rune('１'+i)), string([]rune("一二三四五六七八九")[min(i, 8)])
	names := []string{digit, wide, word, string(rune('①' + i))}
	for _, d := range []string{digit, word} {
		names = append(names, "第"+d+"个", "第"+d+"条", "第"+d, "选"+d, "选第"+d+"个", d+"号", "我选"+d)
	}
	if i == n-1 && n > 1 {
		names = append(names, "最后一个")
	}
	return names
}

// pickByWords takes "到账那个" as the one option whose title has all its characters.
func pickByWords(offered []chat.Option, text string) (chat.Option, bool) {
	core, pointed := text, false
	for _, pointer := range []string{"那一个", "那个", "这个", "那条", "的那个"} {
		if before, ok := strings.CutSuffix(core, pointer); ok {
			core, pointed = strings.TrimSuffix(before, "的"), true
			break
		}
	}
	if !pointed || core == "" {
		return chat.Option{}, false
	}
	var match []chat.Option
	for _, o := range offered {
		if !strings.ContainsFunc(core, func(r rune) bool { return !strings.ContainsRune(o.Title, r) }) {
			match = append(match, o)
		}
	}
	if len(match) != 1 {
		return chat.Option{}, false
	}
	return match[0], true
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
