package rank

import (
	"slices"

	"github.com/yingda/yingda/zh"
)

// Options say what a Corpus is made of.
type Options struct {
	Docs       []Document
	Outside    []string // questions that the guide does not answer
	Analyzer   *zh.Analyzer
	Background zh.Background
	Words      Words
	Model      *Model
}

// compiler makes a Corpus.
type compiler struct {
	*Corpus
	topics  *Topics
	lastDoc [zh.NumTokenKinds][]int32 // token → number of the last document that had it, and 1
	row     []int32                   // working space: one text's tokens
	all     []int32                   // and those of a document's texts
}

// NewCorpus takes every document apart. folded are the texts of the first documents, maxSampleDocs at most, and of
// what is outside the guide, as the analyzer folds them: a document's phrasings, then its body.
func NewCorpus(o Options) (c *Corpus, folded [][]string) {
	comp := compiler{Corpus: newCorpus(o), topics: &o.Model.Topics}
	comp.firstPhrasing, comp.firstNearMiss = []int32{0}, []int32{0}
	const atOnce = 256 // documents that are strings at one time
	for part := range slices.Chunk(o.Docs, atOnce) {
		for _, r := range readAll(part, o.Analyzer, comp.cues) {
			doc := len(comp.firstPhrasing) - 1
			comp.add(doc, &r)
			if doc < maxSampleDocs {
				folded = append(folded, append(foldedTexts(r.phrasings), r.folded))
			}
		}
	}
	outside := o.Analyzer.AnalyzeAll(o.Outside)
	counted := min(len(o.Docs), maxSampleDocs)
	for i := range outside {
		comp.addText(&comp.outside, &outside[i].Tokens, counted)
		comp.keys = append(comp.keys, exampleKey(outsideClass, outside[i].Folded))
	}
	comp.finish(counted + 1)
	return comp.Corpus, append(folded, foldedTexts(outside))
}

func foldedTexts(texts []zh.Text) []string {
	out := make([]string, len(texts), len(texts)+1)
	for i := range texts {
		out[i] = texts[i].Folded
	}
	return out
}

// readAll takes documents apart, some at once.
func readAll(docs []Document, a *zh.Analyzer, words *cueWords) []reading {
	out := make([]reading, len(docs))
	parallel(func(worker int) {
		for i := worker; i < len(docs); i += workers {
			out[i] = read(&docs[i], a, words)
		}
	})
	return out
}

// add appends the next document.
func (c *compiler) add(doc int, r *reading) {
	counted := doc
	if doc >= maxSampleDocs {
		counted = uncounted
	}
	for i := range r.phrasings {
		c.addText(&c.phrasings, &r.phrasings[i].Tokens, counted)
		c.negative = append(c.negative, r.cues[i].negative)
		c.keys = append(c.keys, exampleKey(c.docs[doc].ID, r.phrasings[i].Folded))
	}
	for i := range r.nearMisses {
		c.addText(&c.nearMisses, &r.nearMisses[i].Tokens, uncounted)
	}
	c.firstPhrasing = append(c.firstPhrasing, int32(c.phrasings.len()))
	c.firstNearMiss = append(c.firstNearMiss, int32(c.nearMisses.len()))
	for kind := range zh.NumTokenKinds {
		c.countPhrasings(doc, kind)
	}
	c.addTerms(doc)
	c.row = c.Space.kinds[zh.Bigrams].add(c.row[:0], r.body)
	slices.Sort(c.row)
	c.body.add(slices.Compact(c.row))
	names, kinds := c.row[:0], c.all[:0]
	for _, cues := range r.cues {
		names, kinds = appendNew(names, cues.names), appendNew(kinds, cues.kinds)
	}
	c.names.add(names)
	c.kinds.add(kinds)
}

// appendNew appends to a set what it does not have.
func appendNew(set []int32, numbers []int) []int32 {
	for _, n := range numbers {
		if !slices.Contains(set, int32(n)) {
			set = append(set, int32(n))
		}
	}
	return set
}

// uncounted stands for a document that teaches nothing of how common its tokens are.
const uncounted = -1

// addText appends a text of the counted document, or of an uncounted one.
func (c *compiler) addText(to *texts, tokens *zh.Tokens, counted int) {
	for kind := range to {
		k := &c.Space.kinds[kind]
		c.row = k.add(c.row[:0], tokens[kind])
		to[kind].add(c.row)
		if counted == uncounted {
			continue
		}
		more := k.table.len() - len(k.docs)
		k.docs, c.lastDoc[kind] = append(k.docs, make([]int32, more)...), append(c.lastDoc[kind], make([]int32, more)...)
		for _, number := range c.row {
			if c.lastDoc[kind][number] != int32(counted)+1 {
				c.lastDoc[kind][number] = int32(counted) + 1
				k.docs[number]++
			}
		}
	}
}

// countPhrasings counts in how many of a document's phrasings each token is.
func (c *compiler) countPhrasings(doc int, kind zh.TokenKind) {
	c.all = c.all[:0]
	for i, to := c.phrasingsOf(doc); i < to; i++ {
		c.row = append(c.row[:0], c.phrasings[kind].of(i)...)
		slices.Sort(c.row)
		c.all = append(c.all, slices.Compact(c.row)...)
	}
	slices.Sort(c.all)
	list := &c.tokens[kind]
	c.row = c.row[:0]
	runs(c.all, func(number int32, phrasings int) {
		const most = 255
		c.row = append(c.row, number)
		list.counts = append(list.counts, uint8(min(phrasings, most)))
	})
	list.tokens.add(c.row)
}

// addTerms notes the Latin words and numbers that a third of the phrasings have.
func (c *compiler) addTerms(doc int) {
	from, to := c.phrasingsOf(doc)
	c.row = c.row[:0]
	for _, number := range c.tokens[zh.Chars].tokens.of(doc) {
		if isLatin(c.Space.Text(zh.Chars, number)) && 3*c.tokens[zh.Chars].count(doc, number) >= to-from {
			c.row = append(c.row, number)
		}
	}
	c.terms.add(c.row)
}

// finish weighs the tokens of all texts, of which so many documents were counted, and of the topics.
func (c *compiler) finish(counted int) {
	c.topics.each(func(kind zh.TokenKind, token string, at int32) {
		k := &c.Space.kinds[kind]
		number := k.table.add(token)
		k.topics = append(k.topics, make([]int32, max(0, k.table.len()-len(k.topics)))...)
		k.topics[number] = at
	})
	c.Space.weigh(counted)
	c.body.trim()
	for kind := range c.tokens {
		c.phrasings[kind].trim()
		c.nearMisses[kind].trim()
		c.tokens[kind].tokens.trim()
		c.tokens[kind].mark(c.Space.Size(zh.TokenKind(kind)))
	}
	c.sharedInfo = make([]float64, len(c.docs))
	for doc := range c.docs {
		for _, number := range c.tokens[zh.Concepts].tokens.of(doc) {
			info := float64(c.Space.kinds[zh.Concepts].info[number])
			c.sharedInfo[doc] += c.sharedInformation(doc, info, c.tokens[zh.Concepts].count(doc, number))
		}
	}
}
