package rank

import (
	"math"
	"slices"

	"github.com/yingda/yingda/zh"
)

// candidate is a Candidate with its signals' raw material.
type candidate struct {
	Candidate
	doc           *documentFeatures
	nearest       *phrasing
	ridge, ridgeZ float64
	best, near3   float64
	bm25Z         float64
	not           float64
}

// comparePhrasings fills the signals that come from the candidate's single phrasings.
func (c *candidate) comparePhrasings(q *query, s *vectorSpace, similarity func(*phrasing) float64) {
	var top [3]float64
	c.nearest = &c.doc.phrasings[0]
	for i := range c.doc.phrasings {
		p := &c.doc.phrasings[i]
		switch sim := similarity(p); {
		case sim > top[0]:
			top, c.nearest = [3]float64{sim, top[0], top[1]}, p
		case sim > top[1]:
			top = [3]float64{top[0], sim, top[1]}
		case sim > top[2]:
			top[2] = sim
		}
	}
	c.best, c.near3 = top[0], (top[0]+top[1]+top[2])/3
	for _, n := range c.doc.nearMisses {
		c.not = max(c.not, s.similarity(q.vector, n)-c.best)
	}
}

// features computes the features of one candidate.
func (e *encoder) features(q *query, c *candidate) []float64 {
	d, best := c.doc, c.nearest
	covered, uncovered := e.coverage(q, d)
	body, uncoveredBigrams := e.bodyCoverage(q, d)
	sequence, edit := alignment(q.Tokens[zh.Chars], best.chars)
	conflict, missing := nameAgreement(q, d)
	return []float64{
		c.ridge, c.ridgeZ, c.best, c.near3, c.bm25Z,
		covered,
		overlap(q, zh.Concepts, d),
		overlap(q, zh.Bigrams, d),
		body,
		dice(q.Tokens[zh.Chars], best.chars),
		dice(q.Tokens[zh.Concepts], best.concepts),
		sequence, edit,
		conflict, missing,
		float64(countFunc(d.terms, func(term string) bool { return !slices.Contains(q.Tokens[zh.Chars], term) })),
		e.sharedMissing(q, d),
		uncovered,
		float64(countFunc(q.kinds, func(kind int) bool { return !d.kinds[kind] })),
		float64(boolToInt(q.negative != best.negative)),
		c.not,
		math.Abs(math.Log(float64(q.length+1) / float64(len(best.chars)+1))),
		cosine(q.topics, d.topics),
		uncoveredBigrams,
	}
}

// sumWeights adds up what weigh gives the tokens that has holds for, and what it gives all.
func sumWeights(ws []weight, weigh func(weight) float64, has func(weight) bool) (some, all float64) {
	for _, w := range ws {
		x := weigh(w)
		all += x
		if has(w) {
			some += x
		}
	}
	return some, all
}

// share is some/all; 0 of nothing.
func share(some, all float64) float64 {
	if all == 0 {
		return 0
	}
	return some / all
}

// everyday is what a token says in everyday Chinese, in nats.
func (e *encoder) everyday(w weight) float64 { return e.space.background.Information(w.token) }

// coverage is the share of the question's units that the phrasings have, by everyday information,
// and that information, in nats, of those that they lack.
func (e *encoder) coverage(q *query, d *documentFeatures) (covered, uncovered float64) {
	has, all := sumWeights(q.vector[zh.Chars], e.everyday, func(w weight) bool { return d.has(zh.Chars, w) })
	return share(has, all), all - has
}

// overlap is the part of the question's tokens of one kind that the document has, by the space's information.
func overlap(q *query, kind zh.TokenKind, d *documentFeatures) float64 {
	return share(sumWeights(q.vector[kind], func(w weight) float64 { return float64(w.w) }, func(w weight) bool { return d.has(kind, w) }))
}

// bodyCoverage is the share of the question's bigrams that the body or a phrasing has, and of their
// everyday information the share that neither has.
func (e *encoder) bodyCoverage(q *query, d *documentFeatures) (covered, uncovered float64) {
	grams := q.vector[zh.Bigrams]
	lacks := func(w weight) bool { return !d.has(zh.Bigrams, w) && d.body.count(w.id, w.token) == 0 }
	missing := countFunc(grams, lacks)
	return share(float64(len(grams)-missing), float64(len(grams))), share(sumWeights(grams, e.everyday, lacks))
}

// dice is twice the shared tokens over all tokens.
func dice(a, b []string) float64 {
	if len(a)+len(b) == 0 {
		return 0
	}
	used := make([]bool, len(b))
	shared := 0
	for _, t := range a {
		for j, u := range b {
			if !used[j] && t == u {
				used[j] = true
				shared++
				break
			}
		}
	}
	return 2 * float64(shared) / float64(len(a)+len(b))
}

// maxAlignment is how many units of a text alignment looks at.
const maxAlignment = 64

// alignment compares the order of units: the longest common subsequence by q's length, and 1 − the
// edit distance by the longer length.
func alignment(q, p []string) (sequence, edit float64) {
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

func nameAgreement(q *query, d *documentFeatures) (conflict, missing float64) {
	for _, n := range q.names {
		if !d.names[n] {
			missing++
			conflict += float64(boolToInt(d.classes[n.class]))
		}
	}
	return conflict, missing
}

// sharedMissing is the share of the phrasings' common information that the question lacks.
func (e *encoder) sharedMissing(q *query, d *documentFeatures) float64 {
	if d.sharedInfo == 0 {
		return 0
	}
	has := 0.0
	for _, w := range q.vector[zh.Concepts] {
		has += e.sharedWeight(d, w.id, w.token)
	}
	return 1 - has/d.sharedInfo
}

// countFunc is how many of xs f holds for.
func countFunc[T any](xs []T, f func(T) bool) int {
	n := 0
	for _, x := range xs {
		n += boolToInt(f(x))
	}
	return n
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
