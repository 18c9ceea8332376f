package bot

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/kb"
)

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
