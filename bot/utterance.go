package bot

import (
	"slices"
	"strings"
	"unicode"

	"github.com/yingda/yingda/zh"
)

// utterance is a text in the forms in which it is read, each made once.
type utterance struct {
	text    string    // as it was written
	folded  string    // by zh.FoldLight
	core    string    // without case, punctuation and the particles at its end
	clauses []string  // of folded in lower case, cut at blanks and signs; a question keeps its mark
	chars   signature // of folded in lower case
}

// newUtterance reads a text; particles are the characters at the end of a short one that add nothing.
func newUtterance(text, particles string) utterance {
	folded := zh.FoldLight(text)
	lower := strings.ToLower(folded)
	return utterance{text: text, folded: folded, core: coreOf(folded, particles), clauses: clausesOf(lower), chars: signatureOf(lower)}
}

// isUnsure tells whether it ends with a question mark: 好 is yes, 好？ is none.
func (u utterance) isUnsure() bool {
	return strings.HasSuffix(strings.TrimRightFunc(u.folded, unicode.IsSpace), "?")
}

// stated are the clauses of which asks is false.
func (u utterance) stated(asks func(clause string) bool) []string {
	return slices.DeleteFunc(slices.Clone(u.clauses), asks)
}

func coreOf(folded, particles string) string {
	kept := strings.Map(func(r rune) rune {
		if unicode.IsPunct(r) || unicode.IsSpace(r) || unicode.IsSymbol(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, folded)
	if short := strings.TrimRight(kept, particles); short != "" {
		return short
	}
	return kept
}

func clausesOf(lower string) []string {
	return strings.FieldsFunc(lower, func(r rune) bool { return r != '?' && !isWordRune(r) })
}
