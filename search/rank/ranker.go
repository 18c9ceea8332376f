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

// ridgeFeasible tells whether the regression is solved for so many phrasings of so many documents: its
// multiplications, n³/6 to factorize and 2n² a class to solve, must take seconds at most. Larger
// guides are ranked by the other features over Bleve's candidates.
func ridgeFeasible(phrasings, docs int) bool {
	const maxMultiplications = 1e11
	n := float64(phrasings)
	return n*n*(n/6+2*float64(docs)) <= maxMultiplications
}

// maxSampleDocs is how many documents of a larger guide teach how common its tokens are.
const maxSampleDocs = 4000

// Ranker ranks the documents of one guide. It is safe for concurrent use.
type Ranker struct {
	weights *Weights
	encoder *encoder
	space   *vectorSpace
	docs    []Document

	// Where the regression is feasible:
	ridge    *ridge              // nil elsewhere
	features []*documentFeatures // the documents as the features see them
	classes  []string
	examples []uint64   // keys of the regression's rows; the documents' phrasings come first
	outside  int        // the first row of what is outside the guide
	scratch  *sync.Pool // of *scratch
}

// scratch is the working space of one ranking.
type scratch struct{ sim, score []float32 }

// Options say from what a Ranker learns, and how.
type Options struct {
	Docs       []Document
	Texts      [][]zh.Text // Docs' phrasings as Analyzer reads them, or nil
	Outside    []string    // questions that the guide does not answer
	Analyzer   *zh.Analyzer
	Background zh.Background
	Words      Words
	Model      *Model
	Learned    *Learned // what an earlier Ranker learnt; nil to learn everything
}

// New learns the documents.
func New(o Options) (*Ranker, error) {
	r := &Ranker{docs: o.Docs, encoder: newEncoder(o.Analyzer, o.Words, &o.Model.Topics), weights: o.Model.weights(o.Docs)}
	phrasings := len(o.Outside)
	for i := range o.Docs {
		phrasings += len(o.Docs[i].Phrasings)
	}
	r.encoder.complete = ridgeFeasible(phrasings, len(o.Docs))
	learnt, texts := o.Docs, o.Texts
	if !r.encoder.complete {
		learnt, texts = o.Docs[:min(len(o.Docs), maxSampleDocs)], nil
	}
	if texts == nil {
		for i := range learnt {
			texts = append(texts, o.Analyzer.AnalyzeAll(learnt[i].Phrasings))
		}
	}
	outside := o.Analyzer.AnalyzeAll(o.Outside)
	r.space = newVectorSpace(o.Model.Kernel, o.Background, append(slices.Clip(texts), outside))
	r.encoder.space = r.space
	if !r.encoder.complete {
		return r, nil
	}
	return r, r.train(texts, outside, o.Learned)
}

// train reads every document and solves the regression.
func (r *Ranker) train(texts [][]zh.Text, outside []zh.Text, prior *Learned) error {
	var examples []example
	add := func(class int, t zh.Text, v vector) {
		r.space.addPhrasing(v)
		r.examples = append(r.examples, exampleKey(r.classes[class], t.Folded))
		examples = append(examples, example{r.examples[len(r.examples)-1], class, v})
	}
	r.features = make([]*documentFeatures, len(r.docs))
	parallel(func(w int) {
		for d := w; d < len(r.docs); d += workers {
			r.features[d] = r.encoder.document(r.docs[d], texts[d])
		}
	})
	for d, doc := range r.features {
		r.classes = append(r.classes, r.docs[d].ID)
		for i := range doc.phrasings {
			doc.phrasings[i].row = len(examples)
			add(d, texts[d][i], doc.phrasings[i].vector)
			doc.phrasings[i].vector = vector{} // the regression knows it now
		}
	}
	r.classes = append(r.classes, outsideClass)
	r.outside = len(examples)
	for _, t := range outside {
		add(len(r.docs), t, r.space.vector(t.Tokens))
	}
	n := len(examples)
	r.scratch = &sync.Pool{New: func() any { return &scratch{make([]float32, n), make([]float32, len(r.classes))} }}
	var err error
	if r.ridge, err = fitRidge(r.space, examples, r.classes, prior); err != nil {
		return fmt.Errorf("learn the guide's phrasings: %w", err)
	}
	return nil
}

// Rank orders candidates for a question.
func (r *Ranker) Rank(t zh.Text, proposed []Candidate) Ranking {
	q := r.encoder.query(t)
	if q.length == 0 || len(proposed) == 0 {
		return Ranking{}
	}
	if r.ridge == nil {
		return r.ranking(&q, r.scoreByKernel(&q, proposed), outsideScores{})
	}
	s := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	cands, outside := r.scoreByRidge(&q, proposed, s)
	return r.ranking(&q, cands, outside)
}

// outsideScores is how much a question is like what is outside the guide.
type outsideScores struct{ ridge, best float64 }

// scoreByRidge scores every proposed document by the regression and keeps the best.
func (r *Ranker) scoreByRidge(q *query, proposed []Candidate, s *scratch) ([]candidate, outsideScores) {
	r.space.similarities(q.vector, s.sim)
	r.ridge.scores(s.sim, s.score)
	mean, dev := meanDeviation(s.score[:len(r.docs)])
	cands := make([]candidate, len(proposed))
	for i, p := range proposed {
		score := float64(s.score[p.Doc])
		cands[i] = candidate{Candidate: p, doc: r.features[p.Doc], ridge: score, ridgeZ: (score - mean) / dev}
	}
	cands = finalistsOf(cands)
	for i := range cands {
		cands[i].comparePhrasings(q, r.space, func(p *phrasing) float64 { return float64(s.sim[p.row]) })
	}
	out := outsideScores{ridge: float64(s.score[len(r.docs)])}
	for _, x := range s.sim[r.outside:] {
		out.best = max(out.best, float64(x))
	}
	return cands, out
}

// maxKernelCandidates is how many of a large guide's candidates are read: its documents are taken apart for
// every question, which costs more than it finds beyond the first.
const maxKernelCandidates = 20

// scoreByKernel does without a regression: the nearest phrasing stands for it.
func (r *Ranker) scoreByKernel(q *query, proposed []Candidate) []candidate {
	proposed = proposed[:min(len(proposed), maxKernelCandidates)]
	cands := make([]candidate, len(proposed))
	scores := make([]float32, len(proposed))
	for i, p := range proposed {
		cands[i] = candidate{Candidate: p, doc: r.encoder.document(r.docs[p.Doc], r.encoder.analyzer.AnalyzeAll(r.docs[p.Doc].Phrasings))}
		cands[i].comparePhrasings(q, r.space, func(p *phrasing) float64 { return r.space.similarity(q.vector, p.vector) })
		cands[i].ridge = cands[i].best / r.space.sum
		scores[i] = float32(cands[i].ridge)
	}
	mean, dev := meanDeviation(scores)
	for i := range cands {
		cands[i].ridgeZ = (cands[i].ridge - mean) / dev
	}
	return finalistsOf(cands)
}

// maxFinalists is how many candidates get all features.
const maxFinalists = 15

func finalistsOf(cands []candidate) []candidate {
	slices.SortFunc(cands, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.ridge, a.ridge), cmp.Compare(b.BM25, a.BM25), cmp.Compare(a.Doc, b.Doc))
	})
	return cands[:min(len(cands), maxFinalists)]
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
func (r *Ranker) ranking(q *query, cands []candidate, outside outsideScores) Ranking {
	bm25 := make([]float32, len(cands))
	for i, c := range cands {
		bm25[i] = float32(c.BM25)
	}
	mean, dev := meanDeviation(bm25)
	out := Ranking{Ranked: make([]Ranked, len(cands))}
	for i := range cands {
		c := &cands[i]
		c.bm25Z = (c.BM25 - mean) / dev
		f := r.encoder.features(q, c)
		out.Ranked[i] = Ranked{Doc: c.Doc, Features: f, Nearest: c.nearest.folded}
	}
	out.queryEvidence = []float64{math.Log(float64(q.length)), outside.ridge, outside.best}
	out, _ = r.weights.Reorder(out)
	return out
}

// Information is how much a token tells in this guide.
func (r *Ranker) Information(kind zh.TokenKind, token string) float64 {
	return r.space.tokenWeight(kind, r.space.id(kind, token), token)
}

// Weights are those of the model by which r ranks.
func (r *Ranker) Weights() *Weights { return r.weights }

// Learned returns what r has learnt; nil when the guide is too large for the regression.
func (r *Ranker) Learned() *Learned {
	if r.ridge == nil {
		return nil
	}
	l := &Learned{classes: map[string]int{}, rows: make(map[uint64][]float32, len(r.examples))}
	for c, name := range r.classes {
		l.classes[name] = c
	}
	for i, k := range r.examples {
		l.rows[k] = r.ridge.row(i)
	}
	return l
}

// Missing is how many phrasings of r stood not in what it started from.
func (r *Ranker) Missing(l *Learned) int {
	return countFunc(r.examples, func(key uint64) bool { return l.rows[key] == nil })
}
