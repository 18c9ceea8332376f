package rank

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/zh"
)

// Document is one thing that a question may be about: an article, or an intent with what people say for it.
type Document struct {
	ID        string
	Phrasings []string // ways to ask for it, the title first
	Not       []string // near misses that must not land here
	Body      string   // the answer's text
}

// Words are the word lists that features need beside the analyzer's.
type Words struct {
	Names map[string][]string // class → names that exclude each other
	Kinds map[string][]string // kind of question → words that ask it
}

// properName is a proper name of the lexicon.
type properName struct{ class, name string }

// query is a text as the features see it.
type query struct {
	zh.Text
	vector   vector
	topics   []float32 // what it is about
	names    []properName
	kinds    []int
	negative bool
	length   int // units
}

// phrasing is one way to ask for a doc.
type phrasing struct {
	folded   string
	chars    []string // units in order
	concepts []string // lexicon groups in order
	vector   vector   // only where there is no regression
	negative bool
	row      int // its row of the regression
}

// documentFeatures is a Document as the features see it.
type documentFeatures struct {
	phrasings      []phrasing
	nearMisses     []vector
	phrasingCounts [zh.NumTokenKinds]tokenCounts
	topics         []float32   // what the phrasings are about
	body           tokenCounts // bigrams of the body
	names          map[properName]bool
	classes        map[string]bool // classes of which the doc has a name
	kinds          map[int]bool
	terms          []string // Latin words and numbers that a third of the phrasings have
	sharedInfo     float64  // information, by lexicon groups, that several phrasings have in common
}

// tokenCounts is how many phrasings of a doc have a token. A guide with a regression counts by the
// token's number in the space, a larger one, whose space does not know every token, by its text.
type tokenCounts struct {
	byID   []uint8
	byText map[string]uint8
}

func newTokenCounts(size int) tokenCounts {
	if size > 0 {
		return tokenCounts{byID: make([]uint8, size)}
	}
	return tokenCounts{byText: map[string]uint8{}}
}

func (c tokenCounts) count(id int32, token string) int {
	if c.byText != nil {
		return int(c.byText[token])
	}
	if id < 0 {
		return 0
	}
	return int(c.byID[id])
}

func (c tokenCounts) add(id int32, token string) {
	const maxCount = 255
	if c.byText != nil {
		c.byText[token] = min(c.byText[token], maxCount-1) + 1
	} else if id >= 0 {
		c.byID[id] = min(c.byID[id], maxCount-1) + 1
	}
}

// encoder turns text into questions and docs.
type encoder struct {
	analyzer  *zh.Analyzer
	space     *vectorSpace
	topics    *Topics
	complete  bool // the space knows every token of every doc
	names     zh.Words
	nameOf    []properName
	kinds     zh.Words
	negations zh.Words
}

func newEncoder(a *zh.Analyzer, w Words, topics *Topics) *encoder {
	e := &encoder{analyzer: a, topics: topics}
	var names, kinds [][]string
	for _, class := range slices.Sorted(maps.Keys(w.Names)) {
		for _, n := range w.Names[class] {
			names = append(names, []string{n})
			e.nameOf = append(e.nameOf, properName{class, n})
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(w.Kinds)) {
		kinds = append(kinds, w.Kinds[kind])
	}
	e.names, e.kinds = zh.NewWords(names), zh.NewWords(kinds)
	e.negations = zh.NewWords([][]string{
		{"不", "没", "未", "无", "别", "莫得", "无法"},
		{"是不是", "能不能", "会不会", "要不要", "可不可以", "有没有", "对不对", "不过"},
	})
	return e
}

func (e *encoder) query(t zh.Text) query {
	q := query{Text: t, vector: e.space.vector(t.Tokens), topics: e.topics.vector(t), length: len(t.Tokens[zh.Chars])}
	q.kinds, q.negative = e.kinds.FindAll(t.Folded), e.negative(t.Folded)
	for _, n := range e.names.FindAll(t.Folded) {
		q.names = append(q.names, e.nameOf[n])
	}
	return q
}

// negative tells whether the text denies something; "是不是" and its like ask and deny nothing.
func (e *encoder) negative(folded string) bool {
	return slices.Contains(e.negations.FindAll(folded), 0)
}

// vocabularySize is how many tokens of a kind are counted by number; 0 where they are counted by text.
func (e *encoder) vocabularySize(kind zh.TokenKind) int {
	if !e.complete {
		return 0
	}
	return len(e.space.info[kind])
}

// document reads d; texts are its phrasings.
func (e *encoder) document(d Document, texts []zh.Text) *documentFeatures {
	out := &documentFeatures{topics: e.topics.vector(texts...), names: map[properName]bool{}, classes: map[string]bool{}, kinds: map[int]bool{}}
	for kind := range zh.NumTokenKinds {
		out.phrasingCounts[kind] = newTokenCounts(e.vocabularySize(kind))
	}
	out.phrasings = make([]phrasing, len(texts))
	for i, t := range texts {
		v := e.space.vector(t.Tokens)
		out.phrasings[i] = phrasing{folded: t.Folded, chars: t.Tokens[zh.Chars], concepts: t.Tokens[zh.Concepts], vector: v, negative: e.negative(t.Folded)}
		for kind := range zh.NumTokenKinds {
			for _, w := range v[kind] {
				out.phrasingCounts[kind].add(w.id, w.token)
			}
		}
		for _, n := range e.names.FindAll(t.Folded) {
			out.names[e.nameOf[n]] = true
			out.classes[e.nameOf[n].class] = true
		}
		for _, k := range e.kinds.FindAll(t.Folded) {
			out.kinds[k] = true
		}
	}
	for _, n := range e.analyzer.AnalyzeAll(d.Not) {
		out.nearMisses = append(out.nearMisses, e.space.vector(n.Tokens))
	}
	e.addShared(out)
	out.body = newTokenCounts(e.vocabularySize(zh.Bigrams))
	for line := range strings.Lines(d.Body) {
		for _, gram := range e.analyzer.IndexTokens(e.analyzer.Fold(line))[zh.Bigrams] {
			out.body.add(e.space.id(zh.Bigrams, gram), gram)
		}
	}
	return out
}

// has tells whether a phrasing of d has a token.
func (d *documentFeatures) has(kind zh.TokenKind, w weight) bool {
	return d.phrasingCounts[kind].count(w.id, w.token) > 0
}

// addShared notes what d's phrasings have in common.
func (e *encoder) addShared(d *documentFeatures) {
	seen := map[string]bool{}
	for i := range d.phrasings {
		for _, tok := range d.phrasings[i].chars {
			if tok[0] < utf8.RuneSelf && !seen[tok] {
				seen[tok] = true
				if 3*d.phrasingCounts[zh.Chars].count(e.space.id(zh.Chars, tok), tok) >= len(d.phrasings) {
					d.terms = append(d.terms, tok)
				}
			}
		}
		for _, tok := range d.phrasings[i].concepts {
			if !seen["="+tok] {
				seen["="+tok] = true
				d.sharedInfo += e.sharedWeight(d, e.space.id(zh.Concepts, tok), tok)
			}
		}
	}
}

// sharedWeight is what a lexicon group says that several phrasings of d have, by their share; 0 when fewer than two have it.
func (e *encoder) sharedWeight(d *documentFeatures, id int32, token string) float64 {
	n := d.phrasingCounts[zh.Concepts].count(id, token)
	if n < 2 {
		return 0
	}
	return float64(n) / float64(len(d.phrasings)) * e.space.tokenWeight(zh.Concepts, id, token)
}
