package zh

import (
	"slices"
	"strings"
)

// Vocabulary is what an Analyzer knows about words, all of it folded.
type Vocabulary struct {
	StopWords   []string     // words without meaning
	Synonyms    [][]string   // words for one thing; the first names the group
	Corrections []Correction // misspellings
}

// Correction is one misspelling: Wrong becomes Right in a text that has one of Near, or in any when Near is empty.
type Correction struct {
	Wrong, Right string
	Near         []string
}

// Analyzer turns text as typed into the tokens that ranking compares. It is safe for concurrent use.
type Analyzer struct {
	corrections  []Correction // group of misspellings → its correction
	misspellings Words
	stopWords    Words
	synonyms     Words
	groups       []string // group of synonyms → its name
}

// NewAnalyzer makes an analyzer for one vocabulary.
func NewAnalyzer(v Vocabulary) *Analyzer {
	a := Analyzer{corrections: v.Corrections, stopWords: NewWords([][]string{v.StopWords}), synonyms: NewWords(v.Synonyms)}
	wrong := make([][]string, len(v.Corrections))
	for i, c := range v.Corrections {
		wrong[i] = []string{c.Wrong}
	}
	a.misspellings = NewWords(wrong)
	for _, words := range v.Synonyms {
		a.groups = append(a.groups, words[0])
	}
	return &a
}

// Fold returns text folded, with spelt-out codes in digits and misspelt words mended.
func (a *Analyzer) Fold(text string) string {
	folded := readCodes(Fold(text))
	return a.misspellings.Replace(folded, func(g int) string {
		c := a.corrections[g]
		if len(c.Near) > 0 && !slices.ContainsFunc(c.Near, func(near string) bool { return strings.Contains(folded, near) }) {
			return c.Wrong
		}
		return c.Right
	})
}

// TokenKind is one way to look at a text; each has its own tokens.
type TokenKind int

// The kinds of tokens.
const (
	Chars         TokenKind = iota // units
	Concepts                       // lexicon groups, units where no word is known
	Bigrams                        // two neighbouring units
	NumTokenKinds                  // how many kinds there are
)

// Tokens are the tokens of one text, by kind, in the text's order and with their repeats.
type Tokens [NumTokenKinds][]string

// Text is a folded text and its tokens.
type Text struct {
	Folded string
	Tokens Tokens
}

// Analyze folds a text and takes it apart.
func (a *Analyzer) Analyze(text string) Text {
	folded := a.Fold(text)
	return Text{folded, a.Tokens(folded)}
}

// AnalyzeAll is Analyze for each of texts.
func (a *Analyzer) AnalyzeAll(texts []string) []Text {
	out := make([]Text, len(texts))
	for i, t := range texts {
		out[i] = a.Analyze(t)
	}
	return out
}

// LongNumber stands for every number of more digits than any code or amount has.
const LongNumber = "#"

const maxShortNumber = 6 // digits

// Tokens returns the tokens of folded text, stop words left out unless nothing else was said.
func (a *Analyzer) Tokens(folded string) Tokens {
	core, units := a.withoutStopWords(folded)
	return Tokens{
		Chars:    chars(core, units),
		Concepts: a.concepts(core, units),
		Bigrams:  bigrams(core, units),
	}
}

// Bigrams returns only the Bigrams of Tokens.
func (a *Analyzer) Bigrams(folded string) []string {
	return bigrams(a.withoutStopWords(folded))
}

// withoutStopWords is the text without stop words, and its units. What is only a part of a word of the lexicon
// stays: 还 is filler, in 还款 it is none.
func (a *Analyzer) withoutStopWords(folded string) (string, []Unit) {
	core := a.stopWords.Remove(folded, a.synonyms)
	if units := Units(make([]Unit, 0, 32), core); len(units) > 0 {
		return core, units
	}
	return folded, Units(nil, folded)
}

// chars are the units; a long number adds what stands for all such.
func chars(core string, units []Unit) []string {
	out := make([]string, 0, len(units))
	for _, u := range units {
		out = append(out, core[u.Start:u.End])
		if u.Kind == Number && u.End-u.Start > maxShortNumber {
			out = append(out, LongNumber)
		}
	}
	return out
}

// bigrams are the pairs of neighbouring units, as pieces of text; what stands between two units is left out.
func bigrams(text string, units []Unit) []string {
	if len(units) < 2 {
		return nil
	}
	pairs := make([]string, 0, len(units)-1)
	for i := 1; i < len(units); i++ {
		u, v := units[i-1], units[i]
		pair := text[u.Start:v.End]
		if u.End != v.Start {
			pair = text[u.Start:u.End] + text[v.Start:v.End]
		}
		pairs = append(pairs, pair)
	}
	return pairs
}

// concepts are the lexicon's groups and, between them, the units.
func (a *Analyzer) concepts(text string, units []Unit) []string {
	out := make([]string, 0, len(units))
	for i := 0; i < len(units); {
		u := units[i]
		end, g := a.synonyms.MatchAt(text, u.Start)
		if end == u.Start {
			out = append(out, text[u.Start:u.End])
			i++
			continue
		}
		out = append(out, a.groups[g])
		for i < len(units) && units[i].Start < end {
			i++
		}
	}
	return out
}
