package rank

import (
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

// maxSampleDocs is how many documents of a larger guide teach how common its tokens are.
const maxSampleDocs = 4000

// Corpus is a guide as numbers: every text is taken apart once, when the corpus is made. It does not change then.
//
// A row is a text that questions are compared with: first come the phrasings, document by document, then what is
// outside the guide, then the near misses, again document by document.
type Corpus struct {
	Space *TokenSpace
	docs  []Document
	power *powerTable
	cues  *cueWords

	phrasings, outside, nearMisses texts
	firstPhrasing, firstNearMiss   []int32  // document → its first one, and the number of all
	negative                       []bool   // phrasing → it denies something
	keys                           []uint64 // of the phrasings, and of what is outside, for Learned

	tokens     [zh.NumTokenKinds]counted // of the documents' phrasings
	body       lists[int32]              // document → distinct bigrams of its body, in order
	names      lists[int32]              // document → names in its phrasings
	kinds      lists[int32]              // document → kinds of question in its phrasings
	terms      lists[int32]              // document → Latin words and numbers that a third of the phrasings have
	sharedInfo []float64                 // document → information, by lexicon groups, that several phrasings share
}

// newCorpus is a corpus without its texts.
func newCorpus(o Options) *Corpus {
	return &Corpus{
		Space: &TokenSpace{kernel: o.Model.Kernel, background: o.Background},
		docs:  o.Docs, power: newPowerTable(&o.Model.Kernel), cues: newCueWords(o.Words),
	}
}

// texts are texts as numbers of their tokens, by kind, in the text's order and with its repeats.
type texts [zh.NumTokenKinds]lists[int32]

func (t *texts) len() int { return t[zh.Chars].len() }

// counted are the distinct tokens of every document, in order, and how many of its phrasings have each.
type counted struct {
	tokens lists[int32]
	counts []uint8  // beside tokens.items
	bits   []uint64 // a bit for each document and token, stride words a document; nil where they would be too many
	stride int
}

// maxBits is up to how many bits tell which document has which token.
const maxBits = 1 << 25

// mark sets the bits, for a space of so many tokens.
func (c *counted) mark(tokens int) {
	c.stride = (tokens + 63) / 64
	if 64*c.stride*c.tokens.len() > maxBits {
		return
	}
	c.bits = make([]uint64, c.stride*c.tokens.len())
	for doc := range c.tokens.len() {
		for _, token := range c.tokens.of(doc) {
			c.bits[doc*c.stride+int(token/64)] |= 1 << (token % 64)
		}
	}
}

// has tells whether a phrasing of a document has a token.
func (c *counted) has(doc int, token int32) bool {
	if c.bits == nil {
		return c.count(doc, token) > 0
	}
	word := int(token / 64)
	return word < c.stride && c.bits[doc*c.stride+word]>>(token%64)&1 == 1
}

// count is how many phrasings of a document have a token.
func (c *counted) count(doc int, token int32) int {
	at, ok := slices.BinarySearch(c.tokens.of(doc), token)
	if !ok {
		return 0
	}
	return int(c.counts[int(c.tokens.starts[doc])+at])
}

// phrasingsOf are the numbers of a document's phrasings, from and to.
func (c *Corpus) phrasingsOf(doc int) (from, to int) {
	return int(c.firstPhrasing[doc]), int(c.firstPhrasing[doc+1])
}

// nearMissesOf are the numbers of a document's near misses, from and to.
func (c *Corpus) nearMissesOf(doc int) (from, to int) {
	return int(c.firstNearMiss[doc]), int(c.firstNearMiss[doc+1])
}

// rows is how many rows there are.
func (c *Corpus) rows() int { return c.phrasings.len() + c.outside.len() + c.nearMisses.len() }

// vectorOf weighs text i into v.
func (c *Corpus) vectorOf(v *vector, t *texts, i int) {
	for kind := range v {
		v[kind] = c.Space.distinct(v[kind][:0], zh.TokenKind(kind), t[kind].of(i), nil)
	}
}

// Tokens are the distinct tokens of a kind that a document's phrasings have, together, atLeast times.
func (c *Corpus) Tokens(doc int, kind zh.TokenKind, atLeast int) []string {
	var numbers []int32
	for i, to := c.phrasingsOf(doc); i < to; i++ {
		numbers = append(numbers, c.phrasings[kind].of(i)...)
	}
	slices.Sort(numbers)
	var out []string
	runs(numbers, func(number int32, times int) {
		if times >= atLeast {
			out = append(out, c.Space.Text(kind, number))
		}
	})
	return out
}

// BodyTokens are the distinct pairs of units of a document's body.
func (c *Corpus) BodyTokens(doc int) []string {
	out := make([]string, len(c.body.of(doc)))
	for i, number := range c.body.of(doc) {
		out[i] = c.Space.Text(zh.Bigrams, number)
	}
	return out
}

// sharedInformation is what a lexicon group tells that several phrasings of a document have, by their share; 0 when
// fewer than two have it.
func (c *Corpus) sharedInformation(doc int, information float64, count int) float64 {
	if count < 2 {
		return 0
	}
	from, to := c.phrasingsOf(doc)
	return float64(count) / float64(to-from) * information
}

// isLatin tells whether a unit is a Latin word or a number.
func isLatin(token string) bool { return token[0] < utf8.RuneSelf }

// reading is a document taken apart.
type reading struct {
	phrasings, nearMisses []zh.Text
	cues                  []cues   // of the phrasings
	folded                string   // the body
	body                  []string // bigrams of the body, line by line
}

func read(d *Document, a *zh.Analyzer, words *cueWords) (r reading) {
	r.phrasings, r.nearMisses = a.AnalyzeAll(d.Phrasings), a.AnalyzeAll(d.Not)
	for _, t := range r.phrasings {
		r.cues = append(r.cues, words.read(t.Folded))
	}
	var folded []string
	for line := range strings.Lines(d.Body) {
		folded = append(folded, a.Fold(line))
		r.body = append(r.body, a.Bigrams(folded[len(folded)-1])...)
	}
	r.folded = strings.Join(folded, " ")
	return r
}
