package bot

import (
	"context"
	"maps"
	"regexp"
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
	if both.Leans && b.lib.Phrases.Say.Aspect != "" {
		both.Aspect = b.aspect(u.Text)
		both.Untold = both.Aspect != "" && len(b.sentences(topic, both.Aspect)) == 0
	}
	return both, nil
}

// codesAgain are the response codes of a short message behind one about codes: "那57呢" names no code
// by itself.
func (b *Bot) codesAgain(s *Session, u Understanding) []string {
	if s.Topic != kb.CodesArticle || len(u.Codes) > 0 || utf8.RuneCountInString(u.Text) > longestLean {
		return nil
	}
	return b.lib.Codes.Mentioned("报" + strings.TrimLeft(u.Text, "那么要是 "))
}

// leads tells whether a short question, sure of its own article, leads on from the topic: to an article
// of the same category or one that is related. "要啥材料" does behind "怎么申请".
func (b *Bot) leads(topic string, u Understanding) bool {
	if b.policy.unsure(u) {
		return false
	}
	from, ok := b.lib.Article(topic)
	to, found := b.lib.Article(u.Hits[0].ID)
	return ok && found && (from.Category == to.Category || slices.Contains(from.Related, to.ID))
}

// aspect is the kind of a question that asks one thing of its topic, when or how much; "" for others.
func (b *Bot) aspect(folded string) string {
	for _, kind := range []string{"when", "howmuch"} {
		if containsAny(folded, b.lib.Lexicon.Kinds[kind]) {
			return kind
		}
	}
	return ""
}

// maxSentences is how many sentences of an article answer a question about one aspect.
const maxSentences = 3

// sentences are those of an article that say when, or how much.
func (b *Bot) sentences(a *kb.Article, aspect string) []string {
	text := a.Lead
	for _, s := range a.Sections() {
		text += "\n" + s.Text
	}
	var out []string
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("。；？\n", r) }) {
		one = strings.TrimSpace(strings.TrimLeft(one, "0123456789. ·"))
		if len(out) < maxSentences && b.aspects[aspect].MatchString(one) {
			out = append(out, one)
		}
	}
	return out
}

// newAspects matches what a sentence has that says when or how much.
func newAspects() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"when":    regexp.MustCompile(`(\d|[一二两三四五六七八九十几])个?(工作日|自然日|天|小时|分钟|月|年)|当天|次日|当日|顺延|T\+`),
		"howmuch": regexp.MustCompile(`\d\s*(元|块|%|％)|免费|不收|收费|费用|手续费|自费|多少钱`),
	}
}

// longestLean is the most characters of a message that may lean on the topic.
const longestLean = 14

// vague tells whether a folded text asks something and names nothing: it has question words or
// fillers, and besides these only politeness.
func (b *Bot) vague(folded string) bool {
	rest := removeAll(elapsed(folded), b.asking)
	return rest != folded && !says(removeAll(rest, b.polite))
}

// askingWords are the words of a question that names nothing.
func askingWords(l *kb.Lexicon) []string {
	words := fillers()
	for _, kind := range slices.Sorted(maps.Keys(l.Kinds)) {
		words = append(words, l.Kinds[kind]...)
	}
	return words
}

// elapsed takes out how long something lasts ("都三天了"): that names no topic either.
func elapsed(folded string) string {
	for _, unit := range []string{"个工作日", "天", "个小时", "小时", "个月", "周", "个星期", "星期"} {
		before, after, ok := strings.Cut(folded, unit)
		if short := strings.TrimRight(before, "0123456789一二两三四五六七八九十半好几"); ok && short != before {
			return short + "多久" + strings.TrimPrefix(after, "了")
		}
	}
	return folded
}

// says tells whether a text has a letter or a digit.
func says(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// fillers are words that name no topic by themselves.
func fillers() []string {
	return []string{
		"那么", "那", "然后", "接下来", "要是", "要", "需要", "得", "会", "能", "可以", "它", "这", "去", "弄", "办", "申请", "做", "搞",
		"钱", "费", "收", "时间", "具体", "详细", "说说", "说", "下一步", "第一步", "步骤", "呢", "嘛", "么", "给", "又", "再", "到底", "材料", "用", "带", "花", "不行", "不能", "不可以", "不让", "啥", "什么", "哪",
	}
}

// removeAll takes words, long ones first, out of s.
func removeAll(s string, words []string) string {
	for _, w := range words {
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
