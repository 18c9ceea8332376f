package rank

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/yingda/yingda/zh"
)

// weights.json is what `make fit` fitted; docs/ranking.md tells on what.
//
//go:embed weights.json
var weightsFile []byte

// Model holds everything that is fitted and not learnt from the guide itself.
type Model struct {
	Kernel Kernel  `json:"kernel"`
	Rich   Weights `json:"rich"`   // for guides with many phrasings an article
	Sparse Weights `json:"sparse"` // for guides with few
	Single Weights `json:"single"` // for guides with one
	Topics Topics  `json:"-"`      // has a file of its own
}

// Weights order the finalists of a question and judge the first.
type Weights struct {
	Rank       Linear `json:"rank"`       // over Features()
	Confidence Linear `json:"confidence"` // over Evidence(): logistic, the probability that the first is right
}

// How many phrasings the middle article of a guide has, at least, for the weights to be the rich or
// the sparse ones. What the same signal means differs much: with eighty phrasings a right answer is
// seldom far from one.
const (
	richFrom   = 15
	sparseFrom = 2
)

// weights are those for a guide of such documents.
func (m *Model) weights(docs []Doc) *Weights {
	phrasings := make([]int, len(docs))
	for i := range docs {
		phrasings[i] = len(docs[i].Phrasings)
	}
	slices.Sort(phrasings)
	switch middle := len(docs) / 2; {
	case len(docs) > 0 && phrasings[middle] >= richFrom:
		return &m.Rich
	case len(docs) > 0 && phrasings[middle] >= sparseFrom:
		return &m.Sparse
	}
	return &m.Single
}

// Sets are the weights, each for its sort of guide.
func (m *Model) Sets() []*Weights { return []*Weights{&m.Rich, &m.Sparse, &m.Single} }

// Linear is a weighted sum over standardised inputs.
type Linear struct {
	Bias   float64 `json:"bias"`
	Inputs []Input `json:"inputs"`
}

// Input is one input of a Linear: (x − Mean)/Scale counts Weight times.
type Input struct {
	Name   string  `json:"name"`
	Mean   float64 `json:"mean"`
	Scale  float64 `json:"scale"`
	Weight float64 `json:"weight"`
}

// DefaultModel returns the model that ships with the program.
func DefaultModel() (*Model, error) {
	m := new(Model)
	if err := json.Unmarshal(weightsFile, m); err != nil {
		return nil, fmt.Errorf("read the ranking weights: %w", err)
	}
	if err := m.Topics.UnmarshalBinary(topicsFile); err != nil {
		return nil, err
	}
	for _, w := range m.Sets() {
		if !w.Rank.takes(Features()) || !w.Confidence.takes(Evidence()) {
			return nil, errors.New("the ranking weights are for other features: run make fit")
		}
	}
	return m, nil
}

// DefaultKernel holds the constants that were found best on real support questions.
func DefaultKernel() Kernel {
	return Kernel{Kinds: [zh.Kinds]float64{4.2, 2.1, 0.9}, Guide: 0.54, Background: 0.46, Damping: 0.76, Power: 1.6, Ridge: 0.17}
}

// Blank is a model that has not been fitted: it orders by the regression alone.
func Blank(k Kernel) *Model {
	var w Weights
	for _, name := range Features() {
		w.Rank.Inputs = append(w.Rank.Inputs, Input{Name: name, Scale: 1, Weight: float64(btoi(name == "ridge"))})
	}
	for _, name := range Evidence() {
		w.Confidence.Inputs = append(w.Confidence.Inputs, Input{Name: name, Scale: 1})
	}
	return &Model{Kernel: k, Rich: w, Sparse: w, Single: w}
}

// takes tells whether the inputs are those named.
func (l *Linear) takes(names []string) bool {
	return slices.EqualFunc(l.Inputs, names, func(in Input, name string) bool { return in.Name == name })
}

// Reorder ranks the finalists anew by w's order. order[i] is the old place of the one now in place i.
func (w *Weights) Reorder(old Ranking) (again Ranking, order []int) {
	again.Ranked = slices.Clone(old.Ranked)
	order = make([]int, len(old.Ranked))
	for i := range order {
		order[i] = i
		again.Ranked[i].Score = w.Rank.Sum(again.Ranked[i].Features)
	}
	scores := slices.Clone(again.Ranked)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b].Score, scores[a].Score) })
	for i, o := range order {
		again.Ranked[i] = scores[o]
	}
	softmax(again.Ranked)
	again.question = old.question
	again.Evidence = append(evidence(again.Ranked), old.question...)
	again.Confidence = w.Certainty(again.Evidence)
	return again, order
}

// Certainty is the probability that the first finalist is right, by its evidence.
func (w *Weights) Certainty(evidence []float64) float64 {
	return 1 / (1 + math.Exp(-w.Confidence.Sum(evidence)))
}

// Sum is the linear's value for inputs in its order.
func (l *Linear) Sum(inputs []float64) float64 {
	sum := l.Bias
	for i, in := range l.Inputs {
		sum += in.Weight * (inputs[i] - in.Mean) / in.Scale
	}
	return sum
}

// Evidence names what the confidence is judged by: how the candidates' scores lie, and how well the
// first candidate fits.
func Evidence() []string {
	return []string{
		"prob",          // probability of the first among the finalists
		"margin",        // score of the first above the second
		"margin3",       // score of the first above the third
		"entropy",       // of the finalists' probabilities, in nats
		"score",         // score of the first
		"ridge",         // its regression score
		"ridge_z",       // the same in standard deviations
		"ridge_margin",  // its regression score above the best other one
		"best",          // similarity of its nearest phrasing
		"cover_chars",   // share of the question's information that it has
		"cover_bigrams", // the same by pairs of units
		"cover_body",    // share of the question's pairs in body or phrasings
		"uncovered",     // information that it lacks, in nats
		"uncovered_any", // the least such information over the finalists
		"name_missing",  // names that it lacks
		"not",           // how much nearer a near miss is
		"sequence",      // common subsequence with the nearest phrasing
		"topic",         // how far it is about the same
		"length",        // log of the question's length
		"outside_ridge", // the regression's score of being outside the guide
		"outside_best",  // similarity of the nearest question outside the guide
	}
}

// judge computes features, order and confidence of the finalists.
func (r *Ranker) judge(q *question, cands []candidate, outside foreign) Ranking {
	bm25 := make([]float32, len(cands))
	for i, c := range cands {
		bm25[i] = float32(c.BM25)
	}
	mean, dev := moments(bm25)
	out := Ranking{Ranked: make([]Ranked, len(cands))}
	for i := range cands {
		c := &cands[i]
		c.bm25Z = (c.BM25 - mean) / dev
		f := r.signals(q, c)
		out.Ranked[i] = Ranked{Doc: c.Doc, Features: f, Nearest: c.nearest.folded}
	}
	out.question = []float64{math.Log(float64(q.length)), outside.ridge, outside.best}
	out, _ = r.weights.Reorder(out)
	return out
}

func softmax(ranked []Ranked) {
	sum := 0.0
	for i := range ranked {
		ranked[i].Prob = math.Exp(ranked[i].Score - ranked[0].Score)
		sum += ranked[i].Prob
	}
	for i := range ranked {
		ranked[i].Prob /= sum
	}
}

// evidence is the part of Evidence() that depends on the order.
func evidence(ranked []Ranked) []float64 {
	first := ranked[0]
	f := func(name string) float64 { return first.Features[slices.Index(Features(), name)] }
	score := func(i int) float64 { return ranked[min(i, len(ranked)-1)].Score }
	ridge, uncovered := slices.Index(Features(), "ridge"), slices.Index(Features(), "uncovered")
	entropy, otherRidge, uncoveredAny := 0.0, 0.0, f("uncovered")
	for i, x := range ranked {
		entropy -= x.Prob * math.Log(x.Prob+1e-12)
		uncoveredAny = min(uncoveredAny, x.Features[uncovered])
		if i > 0 {
			otherRidge = max(otherRidge, x.Features[ridge])
		}
	}
	return []float64{
		first.Prob, first.Score - score(1), first.Score - score(2), entropy, first.Score,
		f("ridge"), f("ridge_z"), f("ridge") - otherRidge, f("best"),
		f("cover_chars"), f("cover_bigrams"), f("cover_body"), f("uncovered"), uncoveredAny,
		f("name_missing"), f("not"), f("sequence"), f("topic"),
	}
}
