package search

import (
	"slices"
	"sync"

	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/zh"
)

// largeGuide is the number of documents from which the index lives on disk and queries are pruned.
const largeGuide = 2000

// corpus is a guide's documents, with the phrasings of a small guide taken apart once for all that
// need them. A large guide's would fill the memory: there texts is nil.
type corpus struct {
	analyzer *zh.Analyzer
	docs     []rank.Document
	texts    [][]zh.Text
}

func newCorpus(analyzer *zh.Analyzer, docs []rank.Document) *corpus {
	c := &corpus{analyzer: analyzer, docs: docs}
	if len(docs) >= largeGuide {
		return c
	}
	c.texts = make([][]zh.Text, len(docs))
	const workers = 2
	var wg sync.WaitGroup
	for first := range workers {
		wg.Go(func() {
			for i := first; i < len(docs); i += workers {
				c.texts[i] = analyzer.AnalyzeAll(docs[i].Phrasings)
			}
		})
	}
	wg.Wait()
	return c
}

// textsOf are the phrasings of document i; those of a large guide are taken apart now, and only as far
// as an index needs them.
func (c *corpus) textsOf(i int) []zh.Text {
	if c.texts != nil {
		return c.texts[i]
	}
	out := make([]zh.Text, len(c.docs[i].Phrasings))
	for j, p := range c.docs[i].Phrasings {
		folded := c.analyzer.Fold(p)
		out[j] = zh.Text{Folded: folded, Tokens: c.analyzer.IndexTokens(folded)}
	}
	return out
}

// maxSpellDocs is how many documents teach the speller: more would only cost time.
const maxSpellDocs = 4000

// newSpeller learns the guide's own way of writing: its phrasings, its answers, what it is asked in vain, and the
// lexicon's words.
func (c *corpus) newSpeller(tables *zh.Tables, lib *kb.Library) *zh.Speller {
	var all []string
	for i := range c.docs[:min(len(c.docs), maxSpellDocs)] {
		for _, t := range c.textsOf(i) {
			all = append(all, t.Folded)
		}
		all = append(all, c.analyzer.Fold(c.docs[i].Body))
	}
	for _, question := range lib.Outside {
		all = append(all, c.analyzer.Fold(question))
	}
	return zh.NewSpeller(tables, lib.Lexicon.Polite, append(all, slices.Concat(lib.Lexicon.Same...)...))
}
