// Package rank orders articles by how well they answer a question. It learns from a guide's own
// phrasings (kernel ridge regression), refines the order with a small linear model over features,
// and says how sure it is. docs/ranking.md tells why it is built so.
package rank

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/yingda/yingda/zh"
)

// ridgeFeasible tells whether the regression is solved for the corpus: its multiplications, n³/6 to factorize and 2n² a
// class to solve, must take seconds at most. Larger guides are ranked by the other features over Bleve's candidates.
func (c *Corpus) ridgeFeasible() bool {
	const maxMultiplications = 1e11
	n := float64(c.phrasings.len() + c.outside.len())
	return n*n*(n/6+2*float64(len(c.docs))) <= maxMultiplications
}

// Ranker ranks the documents of one guide. It is safe for concurrent use.
type Ranker struct {
	corpus  *Corpus
	weights *Weights
	topics  *Topics
	about   []float32 // what the documents' phrasings are about: a vector of topics each
	queries sync.Pool // of *Query

	// Where the regression is feasible:
	ridge    *ridge // nil elsewhere
	postings *postings
	examples *examples
}

// New learns the documents of a corpus. prior is a ranker of an earlier state of the guide, or of one like it: what it
// has learnt saves seconds. It is nil to learn everything.
func New(c *Corpus, m *Model, prior *Ranker) (*Ranker, error) {
	r := newRanker(c, m)
	r.about = make([]float32, len(c.docs)*m.Topics.size)
	parallel(func(worker int) {
		for doc := worker; doc < len(c.docs); doc += workers {
			r.learnTopics(doc)
		}
	})
	if !c.ridgeFeasible() {
		return r, nil
	}
	p, e := newPostings(c), newExamples(c)
	learned, err := fitRidge(c, p, e, prior)
	if err != nil {
		return nil, fmt.Errorf("learn the guide's phrasings: %w", err)
	}
	r.useRidge(learned, p, e)
	return r, nil
}

// newRanker is a ranker that does without a regression and knows nothing of the documents' topics.
func newRanker(c *Corpus, m *Model) *Ranker {
	r := &Ranker{corpus: c, weights: m.weights(c.docs), topics: &m.Topics}
	r.queries.New = func() any { return &Query{topics: make([]float32, m.Topics.size)} }
	return r
}

// useRidge makes r rank by a regression.
func (r *Ranker) useRidge(learned *ridge, p *postings, e *examples) {
	r.ridge, r.postings, r.examples = learned, p, e
	r.ridge.pack()
	r.queries.New = func() any {
		return &Query{topics: make([]float32, r.topics.size), sim: make([]float32, r.corpus.rows()), score: make([]float32, len(e.classes))}
	}
}

// learnTopics sums up what a document's phrasings are about.
func (r *Ranker) learnTopics(doc int) {
	about := r.topicsOf(doc)
	var numbers []int32
	for kind := range zh.NumTokenKinds {
		numbers = numbers[:0]
		for i, to := r.corpus.phrasingsOf(doc); i < to; i++ {
			numbers = append(numbers, r.corpus.phrasings[kind].of(i)...)
		}
		slices.Sort(numbers)
		runs(numbers, func(number int32, times int) {
			if at := r.corpus.Space.kinds[kind].topic(number); at > 0 {
				r.topics.add(about, at, times)
			}
		})
	}
	normalize(about)
}

// topicsOf is what a document is about.
func (r *Ranker) topicsOf(doc int) []float32 {
	return r.about[doc*r.topics.size : (doc+1)*r.topics.size]
}

// Query reads a question.
func (r *Ranker) Query(t zh.Text) *Query {
	q := r.queries.Get().(*Query)
	q.read(r.corpus, r.topics, &t)
	return q
}

// Release gives a question's working space to the next one; after a panic it is better lost.
func (r *Ranker) Release(q *Query) { r.queries.Put(q) }

// Rank orders candidates for a question.
func (r *Ranker) Rank(q *Query, proposed []Candidate) Ranking {
	if q.length() == 0 || len(proposed) == 0 {
		return Ranking{}
	}
	if r.ridge == nil {
		r.scoreByKernel(q, proposed)
		return r.ranking(q, queryEvidence{})
	}
	return r.ranking(q, r.scoreByRidge(q, proposed))
}

// scoreByRidge scores every proposed document by the regression and keeps the best. It also tells how much the
// question is like what is outside the guide.
func (r *Ranker) scoreByRidge(q *Query, proposed []Candidate) queryEvidence {
	r.postings.similarities(&q.vector, q.sim)
	phrasings := r.corpus.phrasings.len()
	outside, nearMisses := q.sim[phrasings:len(r.examples.keys)], q.sim[len(r.examples.keys):]
	r.ridge.scores(q.sim[:len(r.examples.keys)], q.score)
	mean, dev := meanDeviation(q.score[:len(r.corpus.docs)])
	q.candidates = q.candidates[:0]
	for _, p := range proposed {
		score := float64(q.score[p.Doc])
		q.candidates = append(q.candidates, candidate{Candidate: p, ridge: score, ridgeZ: (score - mean) / dev})
	}
	q.keepFinalists()
	for i := range q.candidates {
		c := &q.candidates[i]
		from, to := r.corpus.phrasingsOf(c.Doc)
		fromMiss, toMiss := r.corpus.nearMissesOf(c.Doc)
		c.compare(from, q.sim[from:to], nearMisses[fromMiss:toMiss])
	}
	evidence := queryEvidence{outsideRidge: float64(q.score[len(r.corpus.docs)])}
	for _, sim := range outside {
		evidence.outsideBest = max(evidence.outsideBest, float64(sim))
	}
	return evidence
}

// maxKernelCandidates is how many of a large guide's candidates are compared text by text, which costs more than it
// finds beyond the first.
const maxKernelCandidates = 20

// scoreByKernel does without a regression: the nearest phrasing stands for it.
func (r *Ranker) scoreByKernel(q *Query, proposed []Candidate) {
	proposed = proposed[:min(len(proposed), maxKernelCandidates)]
	q.spread(r.corpus.Space)
	q.candidates, q.score = q.candidates[:0], q.score[:0]
	for _, p := range proposed {
		c := candidate{Candidate: p}
		q.sim = q.sim[:0]
		from, to := r.corpus.phrasingsOf(p.Doc)
		for i := from; i < to; i++ {
			q.sim = append(q.sim, q.similarity(r.corpus, &r.corpus.phrasings, i))
		}
		for i, end := r.corpus.nearMissesOf(p.Doc); i < end; i++ {
			q.sim = append(q.sim, q.similarity(r.corpus, &r.corpus.nearMisses, i))
		}
		c.compare(from, q.sim[:to-from], q.sim[to-from:])
		c.ridge = c.best / r.corpus.Space.kernel.max()
		q.candidates, q.score = append(q.candidates, c), append(q.score, float32(c.ridge))
	}
	q.gather()
	mean, dev := meanDeviation(q.score)
	for i := range q.candidates {
		c := &q.candidates[i]
		c.ridgeZ = (c.ridge - mean) / dev
	}
	q.keepFinalists()
}

// maxFinalists is how many candidates get all features.
const maxFinalists = 15

func (q *Query) keepFinalists() {
	slices.SortFunc(q.candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.ridge, a.ridge), cmp.Compare(b.BM25, a.BM25), cmp.Compare(a.Doc, b.Doc))
	})
	q.candidates = q.candidates[:min(len(q.candidates), maxFinalists)]
}

func meanDeviation(xs []float32) (mean, dev float64) {
	for _, x := range xs {
		mean += float64(x)
	}
	mean /= float64(len(xs))
	for _, x := range xs {
		dev += (float64(x) - mean) * (float64(x) - mean)
	}
	return mean, math.Sqrt(dev/float64(len(xs))) + 1e-6
}

// ranking computes features, order and confidence of the finalists.
func (r *Ranker) ranking(q *Query, evidence queryEvidence) Ranking {
	var bm25 [maxFinalists]float32
	for i := range q.candidates {
		bm25[i] = float32(q.candidates[i].BM25)
	}
	mean, dev := meanDeviation(bm25[:len(q.candidates)])
	ranked := make([]Ranked, len(q.candidates))
	features := make([]float64, len(ranked)*numFeatures)
	for i := range ranked {
		c := &q.candidates[i]
		c.bm25Z = (c.BM25 - mean) / dev
		from, _ := r.corpus.phrasingsOf(c.Doc)
		ranked[i] = Ranked{Doc: c.Doc, Features: features[i*numFeatures : (i+1)*numFeatures : (i+1)*numFeatures], Nearest: c.nearest - from}
		r.corpus.features(q, c, r.topicsOf(c.Doc), ranked[i].Features)
		ranked[i].Score = r.weights.Rank.Sum(ranked[i].Features)
	}
	slices.SortStableFunc(ranked, func(a, b Ranked) int { return cmp.Compare(b.Score, a.Score) })
	evidence.length = math.Log(float64(q.length()))
	return r.weights.judge(ranked, evidence)
}

// Space are the tokens of the guide.
func (r *Ranker) Space() *TokenSpace { return r.corpus.Space }

// Weights are those of the model by which r ranks.
func (r *Ranker) Weights() *Weights { return r.weights }
