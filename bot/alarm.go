package bot

import (
	"slices"
	"strings"
	"unicode"
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

// match tells whether clauses, whose characters are chars, have what p describes, and what they say besides. isOnly tells
// whether a clause says nothing but one character.
func (p *pattern) match(clauses []string, chars signature, isOnly func(clause, char string) bool) (rest string, ok bool) {
	if !chars.mayHoldAny(p.marks) {
		return "", false
	}
	found := make([]bool, p.lists+2)
	var beside, other strings.Builder // what is none of the words, and what is of no list either
	for _, clause := range clauses {
		for i := 0; i < len(clause); {
			end, g := p.words.MatchAt(clause, i)
			word := clause[i:end]
			if g == 0 && utf8.RuneCountInString(word) == 1 && !isOnly(clause, word) {
				end = i
			}
			if end == i {
				_, size := utf8.DecodeRuneInString(clause[i:])
				end, g = end+size, len(found)-1
			}
			if found[g] = true; g > 0 {
				beside.WriteString(clause[i:end])
			}
			if g > p.lists {
				other.WriteString(clause[i:end])
			}
			i = end
		}
	}
	if found[0] {
		return beside.String(), true
	}
	return other.String(), p.lists > 0 && !slices.Contains(found[1:1+p.lists], false)
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
func (a *alarms) find(u *Understanding, folded string) {
	clauses, chars := clausesOf(folded), signatureOf(strings.ToLower(folded))
	stated := slices.DeleteFunc(slices.Clone(clauses), func(c string) bool { return a.words.asks(c) || a.words.isEitherOr(c) })
	u.Danger = a.danger(clauses, chars, folded)
	for i := range a.triggers {
		t := &a.lib.Phrases.Triggers[i]
		_, fires := a.triggers[i].match(clauses, chars, a.words.isOnly)
		if _, threatens := a.threats[i].match(stated, chars, a.words.isOnly); !fires && !threatens && (u.Danger == nil || u.Danger.Reason != t.Reason) {
			continue
		}
		if len(u.Triggers) == 0 && isAngry(t) {
			u.Tone = ToneAngry
			if utf8.RuneCountInString(removeAll(a.words.core(folded), byLength(slices.Concat(t.Words, t.Threats)))) <= maxLeftover {
				u.Tone = ToneSwears
			}
		}
		u.Triggers = append(u.Triggers, i)
	}
}

// danger is the first danger that a message tells of; nil for none.
func (a *alarms) danger(clauses []string, chars signature, folded string) *kb.Danger {
	core := a.words.core(folded)
	for i := range a.dangers {
		if _, ok := a.dangers[i].match(clauses, chars, a.words.isOnly); ok || a.asks[i][core] {
			return &a.lib.Phrases.Dangers[i]
		}
	}
	return nil
}

// clausesOf cuts a folded text, in lower case, at blanks and signs. A question keeps its mark.
func clausesOf(folded string) []string {
	return strings.FieldsFunc(strings.ToLower(folded), func(r rune) bool { return r != '?' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
