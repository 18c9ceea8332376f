package rank

import (
	"math"
	"slices"

	"github.com/yingda/yingda/zh"
)

// features computes the features of one candidate into out, which has a place for each. topics is what its document is
// about.
func (c *Corpus) features(q *Query, cand *candidate, topics []float32, out []float64) {
	doc := cand.Doc
	chars, concepts := c.phrasings[zh.Chars].of(cand.nearest), c.phrasings[zh.Concepts].of(cand.nearest)
	out[fRidge], out[fRidgeZ], out[fBest], out[fNear3], out[fBm25Z] = cand.ridge, cand.ridgeZ, cand.best, cand.near3, cand.bm25Z
	c.coverByChars(q, doc, out)
	c.coverByConcepts(q, doc, out)
	c.coverByBigrams(q, doc, out)
	out[fDiceChars] = dice(q.vector[zh.Chars], q.length(), chars)
	out[fDiceConcepts] = dice(q.vector[zh.Concepts], len(q.numbers[zh.Concepts]), concepts)
	out[fSequence], out[fEdit] = alignment(q.numbers[zh.Chars], chars)
	out[fNameConflict], out[fNameMissing] = c.nameAgreement(q, doc)
	out[fTermsMissing] = float64(countFunc(c.terms.of(doc), func(term int32) bool { return !slices.Contains(q.numbers[zh.Chars], term) }))
	out[fKindMismatch] = float64(countFunc(q.kinds, func(kind int) bool { return !slices.Contains(c.kinds.of(doc), int32(kind)) }))
	out[fNegation] = float64(boolToInt(q.negative != c.negative[cand.nearest]))
	out[fNot] = cand.not
	out[fLength] = math.Abs(math.Log(float64(q.length()+1) / float64(len(chars)+1)))
	out[fTopic] = cosine(q.topics, topics)
}

// share is some/all; 0 of nothing.
func share(some, all float64) float64 {
	if all == 0 {
		return 0
	}
	return some / all
}

// coverByChars tells which of the question's units the phrasings have, by everyday information.
func (c *Corpus) coverByChars(q *Query, doc int, out []float64) {
	var has, all float64
	for i := range q.vector[zh.Chars] {
		t := &q.vector[zh.Chars][i]
		all += t.everyday
		if c.tokens[zh.Chars].has(doc, t.Number) {
			has += t.everyday
		}
	}
	out[fCoverChars], out[fUncovered] = share(has, all), all-has
}

// coverByConcepts tells which of the question's lexicon groups the phrasings have, and which they share that the
// question lacks.
func (c *Corpus) coverByConcepts(q *Query, doc int, out []float64) {
	var has, all, shared float64
	for i := range q.vector[zh.Concepts] {
		t := &q.vector[zh.Concepts][i]
		all += float64(t.weight)
		if c.tokens[zh.Concepts].has(doc, t.Number) {
			has += float64(t.weight)
			shared += c.sharedInformation(doc, t.Information, c.tokens[zh.Concepts].count(doc, t.Number))
		}
	}
	out[fCoverConcepts] = share(has, all)
	if c.sharedInfo[doc] > 0 {
		out[fSharedMissing] = 1 - shared/c.sharedInfo[doc]
	}
}

// coverByBigrams tells which of the question's pairs of units the phrasings have, and which they or the body have. Of a
// body only those count that some phrasing of the guide has.
func (c *Corpus) coverByBigrams(q *Query, doc int, out []float64) {
	grams, body := q.vector[zh.Bigrams], c.body.of(doc)
	var has, all, lacking, everyday float64
	missing := 0
	for i := range grams {
		t := &grams[i]
		all += float64(t.weight)
		everyday += t.everyday
		if c.tokens[zh.Bigrams].has(doc, t.Number) {
			has += float64(t.weight)
			continue
		}
		if _, ok := slices.BinarySearch(body, t.Number); !ok || !c.Space.kinds[zh.Bigrams].known(t.Number) {
			missing++
			lacking += t.everyday
		}
	}
	out[fCoverBigrams] = share(has, all)
	out[fCoverBody], out[fUncoveredBigram] = share(float64(len(grams)-missing), float64(len(grams))), share(lacking, everyday)
}

// dice is twice the shared tokens over all tokens of two texts;
// q are the distinct ones of the first text, which has n with repeats.
func dice(q []Token, n int, p []int32) float64 {
	if n+len(p) == 0 {
		return 0
	}
	shared := 0
	for i := range q {
		shared += min(q[i].times, countFunc(p, func(number int32) bool { return number == q[i].Number }))
	}
	return 2 * float64(shared) / float64(n+len(p))
}

// maxAlignment is how many units of a text alignment looks at.
const maxAlignment = 64

// alignment compares the order of units: the longest common subsequence by q's length, and 1 − the
// edit distance by the longer length.
func alignment(q, p []int32) (sequence, edit float64) {
	q, p = q[:min(len(q), maxAlignment)], p[:min(len(p), maxAlignment)]
	if len(q) == 0 || len(p) == 0 {
		return 0, 0
	}
	var lcs, dist [maxAlignment + 1]int
	for j := range dist[:len(p)+1] {
		dist[j] = j
	}
	for i, t := range q {
		var lcsDiag, distDiag int
		distDiag, dist[0] = dist[0], i+1
		for j, u := range p {
			lcsUp, distUp := lcs[j+1], dist[j+1]
			if t == u {
				lcs[j+1] = lcsDiag + 1
				dist[j+1] = distDiag
			} else {
				lcs[j+1] = max(lcsUp, lcs[j])
				dist[j+1] = 1 + min(distDiag, distUp, dist[j])
			}
			lcsDiag, distDiag = lcsUp, distUp
		}
	}
	return float64(lcs[len(p)]) / float64(len(q)), 1 - float64(dist[len(p)])/float64(max(len(q), len(p)))
}

// nameAgreement counts the question's names that the document lacks, and those of them of whose class it has another.
func (c *Corpus) nameAgreement(q *Query, doc int) (conflict, missing float64) {
	names := c.names.of(doc)
	for _, name := range q.names {
		if slices.Contains(names, int32(name)) {
			continue
		}
		missing++
		if slices.ContainsFunc(names, func(other int32) bool { return c.cues.classOf[other] == c.cues.classOf[name] }) {
			conflict++
		}
	}
	return conflict, missing
}
