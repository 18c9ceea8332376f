package search

import (
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// maxSpellDocs is how many documents teach the speller: more would only cost time.
const maxSpellDocs = 4000

// newSpeller learns the guide's own way of writing: its phrasings, its answers, what
// it is asked in vain, and the lexicon's words.
func newSpeller(c *corpus, tables *zh.Tables, lib *kb.Library) *zh.Speller {
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
	for _, words := range lib.Lexicon.Same {
		all = append(all, words...)
	}
	return zh.NewSpeller(tables, lib.Lexicon.Polite, all)
}
