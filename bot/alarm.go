package bot

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// pattern finds what a kb.Pattern describes. It is safe for concurrent use.
type pattern struct {
	words zh.Words    // group 0: the words; then a group for each list of All; the last: what only looks like them
	lists int         // of All
	marks []signature // of all words but the last group's
}

func newPattern(p kb.Pattern) pattern {
	groups := append([][]string{p.Words}, p.All...)
	marks := signatures(slices.Concat(groups...), signatureOf)
	return pattern{zh.NewWords(append(groups, p.Not)), len(p.All), marks}
}

// isOnly tells whether a clause says nothing but one character.
type isOnly func(clause, char string) bool

// match tells whether clauses, whose characters are chars, have what p describes, and in how many of its first groups
// that stands.
func (p *pattern) match(clauses []string, chars signature, only isOnly) (groups int, ok bool) {
	if !chars.mayHoldAny(p.marks) {
		return 0, false
	}
	found := make([]bool, p.lists+2)
	for g := range p.spans(clauses, only) {
		found[g] = true
	}
	if found[0] {
		return 1, true
	}
	return 1 + p.lists, p.lists > 0 && !slices.Contains(found[1:1+p.lists], false)
}

// beside is what clauses say besides the words of the first groups.
func (p *pattern) beside(clauses []string, groups int, only isOnly) string {
	var rest strings.Builder
	for g, span := range p.spans(clauses, only) {
		if g >= groups {
			rest.WriteString(span)
		}
	}
	return rest.String()
}

// spans cuts clauses into words, each with its group, and single characters, which count as of the last group.
func (p *pattern) spans(clauses []string, only isOnly) iter.Seq2[int, string] {
	return func(yield func(group int, span string) bool) {
		for _, clause := range clauses {
			for i := 0; i < len(clause); {
				end, g := p.words.MatchAt(clause, i)
				word := clause[i:end]
				if g == 0 && utf8.RuneCountInString(word) == 1 && !only(clause, word) {
					end = i
				}
				if end == i {
					_, size := utf8.DecodeRuneInString(clause[i:])
					end, g = end+size, p.lists+1
				}
				if !yield(g, clause[i:end]) {
					return
				}
				i = end
			}
		}
	}
}

// alarms are the guide's dangers and triggers, ready to be found. They are safe for concurrent use.
type alarms struct {
	lib      *kb.Library
	words    *vocabulary
	asks     []map[string]bool // of each danger, as core leaves them
	dangers  []pattern
	triggers []pattern
	threats  []pattern
}

func newAlarms(lib *kb.Library, words *vocabulary) *alarms {
	a := &alarms{lib: lib, words: words}
	for i := range lib.Phrases.Dangers {
		d := &lib.Phrases.Dangers[i]
		asks := map[string]bool{}
		for _, ask := range d.Asks {
			asks[words.core(ask)] = true
		}
		a.asks, a.dangers = append(a.asks, asks), append(a.dangers, newPattern(d.Pattern))
	}
	for i := range lib.Phrases.Triggers {
		t := &lib.Phrases.Triggers[i]
		a.triggers = append(a.triggers, newPattern(t.Pattern))
		a.threats = append(a.threats, newPattern(kb.Pattern{Words: t.Threats, Not: t.Not}))
	}
	return a
}

// maxLeftover is how many runes of a message may be no swearing and still mean nothing ("你们", "真是").
const maxLeftover = 2

// find notes the danger that a message tells of, whose words it has, and how it is said.
func (a *alarms) find(u *Understanding, said utterance) {
	stated := said.stated(func(clause string) bool { return a.words.asks(clause) || a.words.isEitherOr(clause) })
	u.Danger = a.danger(said)
	for i := range a.triggers {
		t := &a.lib.Phrases.Triggers[i]
		_, fires := a.triggers[i].match(said.clauses, said.chars, a.words.isOnly)
		if _, threatens := a.threats[i].match(stated, said.chars, a.words.isOnly); !fires && !threatens && (u.Danger == nil || u.Danger.Reason != t.Reason) {
			continue
		}
		if len(u.Triggers) == 0 && isAngry(t) {
			u.Tone = ToneAngry
			if utf8.RuneCountInString(removeAll(said.core, byLength(slices.Concat(t.Words, t.Threats)))) <= maxLeftover {
				u.Tone = ToneSwears
			}
		}
		u.Triggers = append(u.Triggers, i)
	}
}

// danger is the first danger that a message tells of; nil for none.
func (a *alarms) danger(said utterance) *kb.Danger {
	for i := range a.dangers {
		if _, ok := a.dangers[i].match(said.clauses, said.chars, a.words.isOnly); ok || a.asks[i][said.core] {
			return &a.lib.Phrases.Dangers[i]
		}
	}
	return nil
}
