package rank

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/yingda/yingda/zh"
)

// affordable tells whether the regression is solved for so many phrasings of so many documents: its
// multiplications, n³/6 to factorize and 2n² a class to solve, must take seconds at most. Larger
// guides are ranked by the other features over Bleve's candidates.
func affordable(phrasings, docs int) bool {
	const most = 1e11
	n := float64(phrasings)
	return n*n*(n/6+2*float64(docs)) <= most
}

// sample is how many documents of a larger guide teach how common its tokens are.
const sample = 4000

// Ranker ranks the documents of one guide. It is safe for concurrent use.
type Ranker struct {
	weights *Weights
	reader  *reader
	space   *space
	docs    []Doc

	// Where the regression is affordable:
	ridge    *ridge // nil elsewhere
	all      []*doc // the documents as the features see them
	classes  []string
	examples []uint64   // keys of the regression's rows; the documents' phrasings come first
	outside  int        // the first row of what is outside the guide
	sims     *sync.Pool // of *scratch
}

// scratch is the working space of one ranking.
type scratch struct{ sim, score []float32 }

// Options say from what a Ranker learns, and how.
type Options struct {
	Docs       []Doc
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
	r := &Ranker{docs: o.Docs, reader: newReader(o.Analyzer, o.Words, &o.Model.Topics)}
	phrasings := 0
	for i := range o.Docs {
		phrasings += len(o.Docs[i].Phrasings)
	}
	r.weights = o.Model.weights(o.Docs)
	phrasings += len(o.Outside)
	learnt, texts := o.Docs, o.Texts
	if !affordable(phrasings, len(o.Docs)) {
		learnt, texts = o.Docs[:min(len(o.Docs), sample)], nil
	}
	if texts == nil {
		for i := range learnt {
			texts = append(texts, r.reader.read(learnt[i].Phrasings))
		}
	}
	outside := r.reader.read(o.Outside)
	r.space = newSpace(o.Model.Kernel, o.Background, append(slices.Clip(texts), outside))
	r.reader.space, r.reader.dense = r.space, affordable(phrasings, len(o.Docs))
	if !r.reader.dense {
		return r, nil
	}
	return r, r.learn(texts, outside, o.Learned)
}

// learn reads every document and solves the regression.
func (r *Ranker) learn(texts [][]zh.Text, outside []zh.Text, prior *Learned) error {
	var examples []example
	add := func(class int, t zh.Text, v vector) {
		r.space.index(v)
		r.examples = append(r.examples, key(r.classes[class], t.Folded))
		examples = append(examples, example{r.examples[len(r.examples)-1], class, v})
	}
	r.all = make([]*doc, len(r.docs))
	parallel(func(w int) {
		for d := w; d < len(r.docs); d += workers {
			r.all[d] = r.reader.doc(r.docs[d], texts[d])
		}
	})
	for d, doc := range r.all {
		r.classes = append(r.classes, r.docs[d].ID)
		for i := range doc.phrasings {
			doc.phrasings[i].number = len(examples)
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
	r.sims = &sync.Pool{New: func() any { return &scratch{make([]float32, n), make([]float32, len(r.classes))} }}
	var err error
	if r.ridge, err = learnRidge(r.space, examples, r.classes, prior); err != nil {
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

	question []float64 // the part of Evidence that does not depend on the order
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

// Rank orders candidates for a question.
func (r *Ranker) Rank(t zh.Text, proposed []Candidate) Ranking {
	q := r.reader.question(t)
	if q.length == 0 || len(proposed) == 0 {
		return Ranking{}
	}
	if r.ridge == nil {
		return r.judge(&q, r.byKernel(&q, proposed), foreign{})
	}
	s := r.sims.Get().(*scratch)
	defer r.sims.Put(s)
	cands, outside := r.byRidge(&q, proposed, s)
	return r.judge(&q, cands, outside)
}

// byRidge scores every proposed document by the regression and keeps the best.
func (r *Ranker) byRidge(q *question, proposed []Candidate, s *scratch) ([]candidate, foreign) {
	r.space.similarities(q.vector, s.sim)
	r.ridge.scores(s.sim, s.score)
	mean, dev := moments(s.score[:len(r.docs)])
	cands := make([]candidate, len(proposed))
	for i, p := range proposed {
		score := float64(s.score[p.Doc])
		cands[i] = candidate{Candidate: p, doc: r.all[p.Doc], ridge: score, ridgeZ: (score - mean) / dev}
	}
	cands = keepBest(cands)
	for i := range cands {
		cands[i].compare(q, r.space, func(p *phrasing) float64 { return float64(s.sim[p.number]) })
	}
	out := foreign{ridge: float64(s.score[len(r.docs)])}
	for _, x := range s.sim[r.outside:] {
		out.best = max(out.best, float64(x))
	}
	return cands, out
}

// foreign is how much a question is like what is outside the guide.
type foreign struct{ ridge, best float64 }

// readable is how many of a large guide's candidates are read: its documents are taken apart for
// every question, which costs more than it finds beyond the first.
const readable = 20

// byKernel does without a regression: the nearest phrasing stands for it.
func (r *Ranker) byKernel(q *question, proposed []Candidate) []candidate {
	proposed = proposed[:min(len(proposed), readable)]
	cands := make([]candidate, len(proposed))
	scores := make([]float32, len(proposed))
	for i, p := range proposed {
		cands[i] = candidate{Candidate: p, doc: r.reader.doc(r.docs[p.Doc], r.reader.read(r.docs[p.Doc].Phrasings))}
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

// Information is how much a token tells in this guide.
func (r *Ranker) Information(kind zh.Kind, token string) float64 {
	return r.space.weigh(kind, r.space.id(kind, token), token)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
