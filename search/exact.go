package search

import (
	"hash/fnv"
	"slices"

	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/zh"
)

// exactPhrasings finds the document that has a text, word for word, among its phrasings. Blanks and punctuation make
// no difference.
type exactPhrasings struct {
	hashes []uint64 // of the phrasings, in order
	docs   []int32  // beside them
}

// newExactPhrasings learns the phrasings of docs; folded begins with them, document by document. The last document that
// has a phrasing has it.
func newExactPhrasings(docs []rank.Document, folded [][]string) exactPhrasings {
	byHash := map[uint64]int32{}
	for doc := range docs {
		for _, text := range folded[doc][:len(docs[doc].Phrasings)] {
			byHash[hashUnits(text)] = int32(doc)
		}
	}
	var e exactPhrasings
	for hash := range byHash {
		e.hashes = append(e.hashes, hash)
	}
	slices.Sort(e.hashes)
	for _, hash := range e.hashes {
		e.docs = append(e.docs, byHash[hash])
	}
	return e
}

func (e *exactPhrasings) find(text string) (doc int, ok bool) {
	at, ok := slices.BinarySearch(e.hashes, hashUnits(text))
	if !ok {
		return 0, false
	}
	return int(e.docs[at]), true
}

// hashUnits is a hash of what a text says.
func hashUnits(text string) uint64 {
	h := fnv.New64a()
	var units [usualUnits]zh.Unit
	for _, u := range zh.Units(units[:0], text) {
		_, _ = h.Write([]byte(text[u.Start:u.End])) // never fails
	}
	return h.Sum64()
}
