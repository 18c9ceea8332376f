package search

import (
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// spellFrom is how many documents teach the speller; more would only cost time.
const spellFrom = 4000

// newSpeller learns the guide's own way of writing: its phrasings, its answers, what
// it is asked in vain, and the lexicon's words.
func (ix *Index) newSpeller(texts [][]zh.Text, tables *zh.Tables, lib *kb.Library) *zh.Speller {
	var all []string
	for i := range ix.docs[:min(len(ix.docs), spellFrom)] {
		for _, t := range ix.textsOf(texts, i) {
			all = append(all, t.Folded)
		}
		all = append(all, ix.analyzer.Fold(ix.docs[i].Body))
	}
	for _, question := range lib.Outside {
		all = append(all, ix.analyzer.Fold(question))
	}
	for _, words := range lib.Lexicon.Same {
		all = append(all, words...)
	}
	return zh.NewSpeller(tables, lib.Lexicon.Polite, all)
}
