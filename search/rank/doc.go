package rank

import (
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/zh"
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

// name is a proper name of the lexicon.
type name struct{ class, name string }

// question is a text as the features see it.
type question struct {
	zh.Text
	vector   vector
	topics   []float32 // what it is about
	names    []name
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
	number   int // its row of the regression
}

// doc is a Doc as the features see it.
type doc struct {
	phrasings []phrasing
	not       []vector
	has       [zh.Kinds]counts
	topics    []float32 // what the phrasings are about
	body      counts    // bigrams of the body
	names     map[name]bool
	classes   map[string]bool // classes of which the doc has a name
	kinds     map[int]bool
	terms     []string // Latin words and numbers that a third of the phrasings have
	shared    float64  // information, by lexicon groups, that several phrasings have in common
}

// counts is how many phrasings of a doc have a token. A guide with a regression counts by the
// token's number in the space, a larger one, whose space does not know every token, by its text.
type counts struct {
	byID   []uint8
	byText map[string]uint8
}

func newCounts(size int) counts {
	if size > 0 {
		return counts{byID: make([]uint8, size)}
	}
	return counts{byText: map[string]uint8{}}
}

func (c counts) of(id int32, token string) int {
	if c.byText != nil {
		return int(c.byText[token])
	}
	if id < 0 {
		return 0
	}
	return int(c.byID[id])
}

func (c counts) add(id int32, token string) {
	const most = 255
	if c.byText != nil {
		c.byText[token] = min(c.byText[token], most-1) + 1
	} else if id >= 0 {
		c.byID[id] = min(c.byID[id], most-1) + 1
	}
}

// reader turns text into questions and docs.
type reader struct {
	analyzer  *zh.Analyzer
	space     *space
	topics    *Topics
	dense     bool // the space knows every token of every doc
	names     zh.Words
	nameOf    []name
	kinds     zh.Words
	negations zh.Words
}

func newReader(a *zh.Analyzer, w Words, topics *Topics) *reader {
	r := &reader{analyzer: a, topics: topics}
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
	r.negations = zh.NewWords([][]string{
		{"不", "没", "未", "无", "别", "莫得", "无法"},
		{"是不是", "能不能", "会不会", "要不要", "可不可以", "有没有", "对不对", "不过"},
	})
	return r
}

func (r *reader) question(t zh.Text) question {
	q := question{Text: t, vector: r.space.vector(t.Tokens), topics: r.topics.of(t), length: len(t.Tokens[zh.Chars])}
	q.kinds, q.negative = r.kinds.Found(t.Folded), r.negative(t.Folded)
	for _, n := range r.names.Found(t.Folded) {
		q.names = append(q.names, r.nameOf[n])
	}
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

// size is how many tokens of a kind are counted by number; 0 where they are counted by text.
func (r *reader) size(kind zh.Kind) int {
	if !r.dense {
		return 0
	}
	return len(r.space.info[kind])
}

// read takes texts apart.
func (r *reader) read(texts []string) []zh.Text {
	out := make([]zh.Text, len(texts))
	for i, t := range texts {
		out[i] = r.analyzer.Read(t)
	}
	return out
}

// doc reads d; texts are its phrasings.
func (r *reader) doc(d Doc, texts []zh.Text) *doc {
	out := &doc{topics: r.topics.of(texts...), names: map[name]bool{}, classes: map[string]bool{}, kinds: map[int]bool{}}
	for kind := range zh.Kinds {
		out.has[kind] = newCounts(r.size(kind))
	}
	out.phrasings = make([]phrasing, len(texts))
	for i, t := range texts {
		v := r.space.vector(t.Tokens)
		out.phrasings[i] = phrasing{folded: t.Folded, chars: t.Tokens[zh.Chars], concepts: t.Tokens[zh.Concepts], vector: v, negative: r.negative(t.Folded)}
		for kind := range zh.Kinds {
			for _, w := range v[kind] {
				out.has[kind].add(w.id, w.token)
			}
		}
		for _, n := range r.names.Found(t.Folded) {
			out.names[r.nameOf[n]] = true
			out.classes[r.nameOf[n].class] = true
		}
		for _, k := range r.kinds.Found(t.Folded) {
			out.kinds[k] = true
		}
	}
	for _, n := range d.Not {
		out.not = append(out.not, r.space.vector(r.analyzer.Read(n).Tokens))
	}
	r.common(out)
	out.body = newCounts(r.size(zh.Bigrams))
	for line := range strings.Lines(d.Body) {
		for _, gram := range r.analyzer.Grams(r.analyzer.Fold(line))[zh.Bigrams] {
			out.body.add(r.space.id(zh.Bigrams, gram), gram)
		}
	}
	return out
}

// common notes what d's phrasings have in common.
func (r *reader) common(d *doc) {
	seen := map[string]bool{}
	for i := range d.phrasings {
		for _, tok := range d.phrasings[i].chars {
			if tok[0] < utf8.RuneSelf && !seen[tok] {
				seen[tok] = true
				if 3*d.has[zh.Chars].of(r.space.id(zh.Chars, tok), tok) >= len(d.phrasings) {
					d.terms = append(d.terms, tok)
				}
			}
		}
		for _, tok := range d.phrasings[i].concepts {
			if !seen["="+tok] {
				seen["="+tok] = true
				d.shared += r.sharedWeight(d, r.space.id(zh.Concepts, tok), tok)
			}
		}
	}
}

// sharedWeight is what a lexicon group says that several phrasings of d have, by their share; 0 when fewer than two have it.
func (r *reader) sharedWeight(d *doc, id int32, token string) float64 {
	n := d.has[zh.Concepts].of(id, token)
	if n < 2 {
		return 0
	}
	return float64(n) / float64(len(d.phrasings)) * r.space.weigh(zh.Concepts, id, token)
}
