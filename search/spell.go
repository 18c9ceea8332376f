package search

import (
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/search/zh"
)

// spellFrom is how many documents teach the speller; more would only cost time.
const spellFrom = 4000

// newSpeller learns the guide's own way of writing.
func newSpeller(a *zh.Analyzer, docs []rank.Doc, lib *kb.Library) *zh.Speller {
	var texts []string
	for i := range docs[:min(len(docs), spellFrom)] {
		for _, p := range docs[i].Phrasings {
			texts = append(texts, a.Fold(p))
		}
		texts = append(texts, a.Fold(docs[i].Body))
	}
	for _, words := range lib.Lexicon.Same {
		texts = append(texts, words...)
	}
	return zh.NewSpeller(texts)
}
