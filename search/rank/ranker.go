package rank

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/yingda/yingda/search/zh"
)

// MaxRidge is the most phrasings for which the regression is solved: it is cubic in them. Larger
// guides are ranked by the other features over Bleve's candidates.
const MaxRidge = 4000

// sample is how many documents of a larger guide teach how common its tokens are.
const sample = 4000

// Ranker ranks the documents of one guide. It is safe for concurrent use.
type Ranker struct {
	model  *Model
	reader *reader
	space  *space
	docs   []Doc
	ridge  *ridge // nil above MaxRidge phrasings

	all   []*doc     // the documents as the features see them, when there is a ridge
	owner []int      // phrasing → document
	sims  *sync.Pool // of *scratch
}

// scratch is the working space of one ranking.
type scratch struct{ sim, score []float32 }

// New learns docs. analyzer and words belong to the guide, model to this package.
func New(docs []Doc, analyzer *zh.Analyzer, words Words, model *Model) (*Ranker, error) {
	r := &Ranker{model: model, docs: docs, reader: newReader(analyzer, words)}
	phrasings := 0
	for i := range docs {
		phrasings += len(docs[i].Phrasings)
	}
	learnt := docs
	if phrasings > MaxRidge {
		learnt = docs[:min(len(docs), sample)]
	}
	tokens := make([][]zh.Tokens, len(learnt))
	for i := range learnt {
		tokens[i] = r.tokens(&learnt[i])
	}
	r.space = newSpace(model.Kernel, newBackground(), tokens)
	r.reader.space = r.space
	if phrasings > MaxRidge {
		return r, nil
	}
	return r, r.learn(tokens)
}

func (r *Ranker) tokens(d *Doc) []zh.Tokens {
	out := make([]zh.Tokens, len(d.Phrasings))
	for i, p := range d.Phrasings {
		out[i] = r.reader.analyzer.Tokens(r.reader.analyzer.Fold(p))
	}
	return out
}

// learn reads every document and solves the regression.
func (r *Ranker) learn(tokens [][]zh.Tokens) error {
	for d := range r.docs {
		doc := r.reader.doc(r.docs[d], tokens[d])
		for i := range doc.phrasings {
			doc.phrasings[i].number = r.space.index(doc.phrasings[i].vector)
			r.owner = append(r.owner, d)
		}
		r.all = append(r.all, doc)
	}
	n := r.space.phrasings
	r.sims = &sync.Pool{New: func() any { return &scratch{make([]float32, n), make([]float32, len(r.docs))} }}
	if n == 0 {
		return nil
	}
	gram := mat.NewSymDense(n, nil)
	sim := make([]float32, n)
	for _, doc := range r.all {
		for _, p := range doc.phrasings {
			r.space.similarities(p.vector, sim)
			for j := p.number; j < n; j++ {
				gram.SetSym(p.number, j, float64(sim[j]))
			}
		}
	}
	var err error
	if r.ridge, err = solveRidge(gram, r.model.Kernel.Ridge, r.owner, len(r.docs)); err != nil {
		return fmt.Errorf("learn the guide's phrasings: %w", err)
	}
	return nil
}

// Candidate is a document that the index proposes.
type Candidate struct {
	Doc  int     // its place in the docs given to New
	BM25 float64 // the index's score; comparable within one question only
}

// Ranked is one document in its place.
type Ranked struct {
	Doc      int
	Score    float64   // the linear model's
	Prob     float64   // its share of the probability among the candidates
	Features []float64 // in the order of Features()
	Nearest  string    // the phrasing that is most like the question
}

// Ranking is the answer to one question.
type Ranking struct {
	Ranked     []Ranked  // best first
	Confidence float64   // calibrated probability that the first is right
	Evidence   []float64 // what the confidence was judged by, in the order of Evidence()

	length int // of the question, in units
}

// candidate is a Candidate with its signals' raw material.
type candidate struct {
	Candidate
	doc           *doc
	nearest       *phrasing
	ridge, ridgeZ float64
	best, near3   float64
	bm25Z         float64
	not           float64
}

// finalists is how many candidates get all features.
const finalists = 15

// Rank orders candidates for a folded question.
func (r *Ranker) Rank(folded string, proposed []Candidate) Ranking {
	q := r.reader.question(folded)
	if q.length == 0 || len(proposed) == 0 {
		return Ranking{}
	}
	var cands []candidate
	if r.ridge != nil {
		s := r.sims.Get().(*scratch)
		defer r.sims.Put(s)
		cands = r.byRidge(&q, proposed, s)
	} else {
		cands = r.byKernel(&q, proposed)
	}
	return r.judge(&q, cands)
}

// byRidge scores every proposed document by the regression and keeps the best.
func (r *Ranker) byRidge(q *question, proposed []Candidate, s *scratch) []candidate {
	r.space.similarities(q.vector, s.sim)
	r.ridge.scores(s.sim, s.score)
	mean, dev := moments(s.score)
	cands := make([]candidate, len(proposed))
	for i, p := range proposed {
		score := float64(s.score[p.Doc])
		cands[i] = candidate{Candidate: p, doc: r.all[p.Doc], ridge: score, ridgeZ: (score - mean) / dev}
	}
	cands = keepBest(cands)
	for i := range cands {
		cands[i].compare(q, r.space, func(p *phrasing) float64 { return float64(s.sim[p.number]) })
	}
	return cands
}

// byKernel does without a regression: the nearest phrasing stands for it.
func (r *Ranker) byKernel(q *question, proposed []Candidate) []candidate {
	cands := make([]candidate, len(proposed))
	scores := make([]float32, len(proposed))
	for i, p := range proposed {
		cands[i] = candidate{Candidate: p, doc: r.reader.doc(r.docs[p.Doc], r.tokens(&r.docs[p.Doc]))}
		cands[i].compare(q, r.space, func(p *phrasing) float64 { return r.space.similarity(q.vector, p.vector) })
		cands[i].ridge = cands[i].best / r.space.sum
		scores[i] = float32(cands[i].ridge)
	}
	mean, dev := moments(scores)
	for i := range cands {
		cands[i].ridgeZ = (cands[i].ridge - mean) / dev
	}
	return keepBest(cands)
}

func keepBest(cands []candidate) []candidate {
	slices.SortFunc(cands, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.ridge, a.ridge), cmp.Compare(b.BM25, a.BM25), cmp.Compare(a.Doc, b.Doc))
	})
	return cands[:min(len(cands), finalists)]
}

func moments(xs []float32) (mean, dev float64) {
	for _, x := range xs {
		mean += float64(x)
	}
	mean /= float64(len(xs))
	for _, x := range xs {
		dev += (float64(x) - mean) * (float64(x) - mean)
	}
	return mean, math.Sqrt(dev/float64(len(xs))) + 1e-6
}

// compare fills the signals that come from the candidate's single phrasings.
func (c *candidate) compare(q *question, s *space, similarity func(*phrasing) float64) {
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
	for _, n := range c.doc.not {
		c.not = max(c.not, s.similarity(q.vector, n)-c.best)
	}
}

// Information is how much a unit or a pair of units tells in this guide.
func (r *Ranker) Information(token string) float64 {
	if _, ok := r.space.ids[zh.Chars][token]; ok {
		return r.space.weigh(zh.Chars, token)
	}
	return r.space.weigh(zh.Bigrams, token)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
