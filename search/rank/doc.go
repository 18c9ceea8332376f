package rank

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/search/zh"
)

// Doc is one thing that a question may be about: an article, or an intent with what people say for it.
type Doc struct {
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

// doc is a Doc as the features see it.
type doc struct {
	phrasings []phrasing
	not       []vector
	union     [zh.Kinds]map[string]int // token → how many phrasings have it
	body      map[string]bool          // bigrams of the body
	names     map[name]bool
	classes   map[string]bool // classes of which the doc has a name
	kinds     map[int]bool
	terms     []string // Latin words and numbers that a third of the phrasings have
	shared    []weighted
	sharedSum float64 // Σ of shared's weights
}

// weighted is a lexicon group that several phrasings have, by its information and their share.
type weighted struct {
	token  string
	weight float64
}

// phrasing is one way to ask for a doc.
type phrasing struct {
	text   string
	tokens zh.Tokens
	vector vector
	number int // in the space; -1 when the guide is too large for one
}

// name is a proper name of the lexicon.
type name struct{ class, name string }

// question is a text as the features see it; phrasings of a doc are read the same way.
type question struct {
	text     string // folded
	tokens   zh.Tokens
	vector   vector
	names    []name
	kinds    []int
	negative bool
	length   int // units
}

// reader turns text into questions and docs.
type reader struct {
	analyzer  *zh.Analyzer
	space     *space
	names     zh.Words
	nameOf    []name
	kinds     zh.Words
	negations zh.Words
}

func newReader(a *zh.Analyzer, w Words) *reader {
	r := &reader{analyzer: a}
	var names, kinds [][]string
	for _, class := range sortedKeys(w.Names) {
		for _, n := range w.Names[class] {
			names = append(names, []string{n})
			r.nameOf = append(r.nameOf, name{class, n})
		}
	}
	for _, kind := range sortedKeys(w.Kinds) {
		kinds = append(kinds, w.Kinds[kind])
	}
	r.names, r.kinds = zh.NewWords(names), zh.NewWords(kinds)
	r.negations = zh.NewWords([][]string{{"不", "没", "未", "无", "别", "莫得", "无法"}, {"是不是", "能不能", "会不会", "要不要", "可不可以", "有没有", "对不对", "不过"}})
	return r
}

func (r *reader) question(folded string) question {
	q := question{text: folded, tokens: r.analyzer.Tokens(folded), kinds: r.kinds.Found(folded)}
	q.vector = r.space.vector(q.tokens)
	q.length = len(q.tokens[zh.Chars])
	for _, n := range r.names.Found(folded) {
		q.names = append(q.names, r.nameOf[n])
	}
	q.negative = r.negative(folded)
	return q
}

// negative tells whether the text denies something; "是不是" and its like ask and deny nothing.
func (r *reader) negative(folded string) bool {
	for _, group := range r.negations.Found(folded) {
		if group == 0 {
			return true
		}
	}
	return false
}

// doc reads d; tokens are those of its phrasings.
func (r *reader) doc(d Doc, tokens []zh.Tokens) *doc {
	out := &doc{body: map[string]bool{}, names: map[name]bool{}, classes: map[string]bool{}, kinds: map[int]bool{}}
	for kind := range out.union {
		out.union[kind] = map[string]int{}
	}
	for i, t := range tokens {
		folded := r.analyzer.Fold(d.Phrasings[i])
		out.phrasings = append(out.phrasings, phrasing{text: folded, tokens: t, vector: r.space.vector(t), number: -1})
		for kind := range t {
			for tok := range unique(t[kind]) {
				out.union[kind][tok]++
			}
		}
		for _, n := range r.names.Found(folded) {
			out.names[r.nameOf[n]] = true
			out.classes[r.nameOf[n].class] = true
		}
		for _, k := range r.kinds.Found(folded) {
			out.kinds[k] = true
		}
	}
	for _, n := range d.Not {
		out.not = append(out.not, r.space.vector(r.analyzer.Tokens(r.analyzer.Fold(n))))
	}
	r.common(out)
	for _, line := range strings.Split(d.Body, "\n") {
		for _, gram := range r.analyzer.Tokens(r.analyzer.Fold(line))[zh.Bigrams] {
			out.body[gram] = true
		}
	}
	return out
}

// common notes what d's phrasings have in common.
func (r *reader) common(d *doc) {
	for tok, count := range d.union[zh.Chars] {
		if tok[0] < utf8.RuneSelf && 3*count >= len(d.phrasings) {
			d.terms = append(d.terms, tok)
		}
	}
	for tok, count := range d.union[zh.Concepts] {
		if count < 2 {
			continue
		}
		w := float64(count) / float64(len(d.phrasings)) * r.space.weigh(zh.Concepts, tok)
		d.shared = append(d.shared, weighted{tok, w})
		d.sharedSum += w
	}
	slices.SortFunc(d.shared, func(a, b weighted) int { return strings.Compare(a.token, b.token) })
}

func unique(tokens []string) map[string]bool {
	set := make(map[string]bool, len(tokens))
	for _, t := range tokens {
		set[t] = true
	}
	return set
}
