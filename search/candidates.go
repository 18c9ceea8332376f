package search

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"github.com/yingda/yingda/search/rank"
)

// maxCandidates is how many candidates the ranker looks at.
const maxCandidates = 50

// term is one token asked of one field.
type term struct {
	field field
	token int32   // its number in the guide's space
	info  float64 // how much it tells: a large index is asked for the most telling ones
}

// engine proposes candidates.
type engine struct {
	postings     []*postings
	accumulators sync.Pool // of *accumulator
	maxTerms     int       // the most terms of a question; 0 means all
}

// prunedTerms is how many terms of a question a large index is asked for: the most informative ones.
const prunedTerms = 14

func newEngine(all []*postings) *engine {
	e := &engine{postings: all}
	docs, most := 0, 0
	for _, p := range all {
		docs += len(p.docs)
		most = max(most, len(p.docs))
	}
	if docs >= largeGuide {
		e.maxTerms = prunedTerms
	}
	e.accumulators.New = func() any { return &accumulator{sums: make([]sum, most)} }
	return e
}

// accumulator adds up the scores of documents, by their numbers in the index. Between questions all is zero.
type accumulator struct {
	sums    []sum
	touched []int32 // the documents that have a term
}

// sum is what one document has come to.
type sum struct {
	score   float64
	matched int32 // how many terms it has
}

// terms are what a question asks the index for, appended to dst.
func (e *engine) terms(dst []term, q *rank.Query) []term {
	for f := range numFields {
		if e.lacks(f) {
			continue
		}
		for _, t := range q.Tokens(f.kind()) {
			dst = append(dst, term{f, t.Number, f.boost() * t.Information})
		}
	}
	if e.maxTerms > 0 && len(dst) > e.maxTerms {
		slices.SortStableFunc(dst, func(a, b term) int { return cmp.Compare(b.info, a.info) })
		dst = dst[:e.maxTerms]
	}
	return dst
}

// lacks tells whether no document has anything in a field.
func (e *engine) lacks(f field) bool {
	return !slices.ContainsFunc(e.postings, func(p *postings) bool { return len(p.fields[f].ends) > 0 })
}

// candidates appends to dst the documents most like the terms, best first: those that Bleve would find for a
// disjunction of them, with its scores.
func (e *engine) candidates(dst []rank.Candidate, terms []term) []rank.Candidate {
	acc := e.accumulators.Get().(*accumulator)
	for _, p := range e.postings {
		dst = p.candidates(dst, terms, acc)
	}
	e.accumulators.Put(acc) // not deferred: after a panic it would not be all zero
	return dst
}

// candidates merges the documents of one index that are most like the terms into best.
func (p *postings) candidates(best []rank.Candidate, terms []term, acc *accumulator) []rank.Candidate {
	length := 0.0 // of the terms' weights, which Bleve brings to 1
	for _, t := range terms {
		f := &p.fields[t.field]
		weight := t.field.boost() * f.idf(len(f.docs(t.token)))
		length += weight * weight
	}
	norm := 1 / math.Sqrt(length)
	for _, t := range terms {
		f := &p.fields[t.field]
		list := f.docs(t.token)
		idf := f.idf(len(list))
		acc.add(list, f.saturation, idf*idf*t.field.boost()*norm)
	}
	for _, number := range acc.touched {
		sum := &acc.sums[number]
		score := sum.score * float64(sum.matched) / float64(len(terms))
		sum.score, sum.matched = 0, 0
		if len(best) < maxCandidates || score >= best[maxCandidates-1].BM25 {
			best = insert(best, rank.Candidate{Doc: int(p.docs[number]), BM25: score})
		}
	}
	acc.touched = acc.touched[:0]
	return best
}

// add scores one term of the given weight.
func (a *accumulator) add(list []int32, saturation []float32, weight float64) {
	for _, number := range list {
		sum := &a.sums[number]
		if sum.matched == 0 {
			a.touched = append(a.touched, number)
		}
		sum.matched++
		sum.score += weight * float64(saturation[number])
	}
}

// insert puts c into best, which is in order and keeps no more than maxCandidates.
func insert(best []rank.Candidate, c rank.Candidate) []rank.Candidate {
	at, _ := slices.BinarySearchFunc(best, c, better)
	best = slices.Insert(best, at, c)
	return best[:min(len(best), maxCandidates)]
}

// better orders candidates, best first; equals as they stand in the guide.
func better(a, b rank.Candidate) int {
	return cmp.Or(cmp.Compare(b.BM25, a.BM25), cmp.Compare(a.Doc, b.Doc))
}
