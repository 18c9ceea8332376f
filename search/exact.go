package search

import (
	"hash/maphash"

	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/zh"
)

// exactPhrasings finds the document that has a text, word for word, among its phrasings. Blanks and punctuation make
// no difference.
type exactPhrasings struct {
	seed maphash.Seed
	docs map[uint64]int // hash of a phrasing → its document
}

// newExactPhrasings learns the phrasings of docs; folded begins with them, document by document.
func newExactPhrasings(docs []rank.Document, folded [][]string) *exactPhrasings {
	e := &exactPhrasings{maphash.MakeSeed(), map[uint64]int{}}
	for doc := range docs {
		for _, text := range folded[doc][:len(docs[doc].Phrasings)] {
			e.docs[e.hash(text)] = doc
		}
	}
	return e
}

func (e *exactPhrasings) find(text string) (doc int, ok bool) {
	doc, ok = e.docs[e.hash(text)]
	return doc, ok
}

func (e *exactPhrasings) hash(text string) uint64 {
	var h maphash.Hash
	h.SetSeed(e.seed)
	var units [usualUnits]zh.Unit
	for _, u := range zh.Units(units[:0], text) {
		_, _ = h.WriteString(text[u.Start:u.End]) // never fails
	}
	return h.Sum64()
}
