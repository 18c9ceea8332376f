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
	minRichPhrasings   = 15
	minSparsePhrasings = 2
)

// weights are those for a guide of such documents.
func (m *Model) weights(docs []Document) *Weights {
	phrasings := make([]int, len(docs))
	for i := range docs {
		phrasings[i] = len(docs[i].Phrasings)
	}
	slices.Sort(phrasings)
	switch middle := len(docs) / 2; {
	case len(docs) > 0 && phrasings[middle] >= minRichPhrasings:
		return &m.Rich
	case len(docs) > 0 && phrasings[middle] >= minSparsePhrasings:
		return &m.Sparse
	}
	return &m.Single
}

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
	if err := m.Topics.read(topicsFile); err != nil {
		return nil, err
	}
	for _, w := range []*Weights{&m.Rich, &m.Sparse, &m.Single} {
		if !w.Rank.hasInputs(Features()) || !w.Confidence.hasInputs(Evidence()) {
			return nil, errors.New("the ranking weights are for other features: run make fit")
		}
	}
	return m, nil
}

// DefaultKernel holds the constants that were found best on real support questions.
func DefaultKernel() Kernel {
	return Kernel{Kinds: [zh.NumTokenKinds]float64{4.2, 2.1, 0.9}, Guide: 0.54, Background: 0.46, Damping: 0.76, Power: 1.6, Ridge: 0.17}
}

// Untrained is a model that has not been fitted: it orders by the regression alone.
func Untrained(k Kernel) *Model {
	var w Weights
	for _, name := range Features() {
		w.Rank.Inputs = append(w.Rank.Inputs, Input{Name: name, Scale: 1, Weight: float64(boolToInt(name == "ridge"))})
	}
	for _, name := range Evidence() {
		w.Confidence.Inputs = append(w.Confidence.Inputs, Input{Name: name, Scale: 1})
	}
	return &Model{Kernel: k, Rich: w, Sparse: w, Single: w}
}

// hasInputs tells whether the inputs are those named.
func (l *Linear) hasInputs(names []string) bool {
	return slices.EqualFunc(l.Inputs, names, func(in Input, name string) bool { return in.Name == name })
}

// Reorder ranks the finalists anew by w's order. order[i] is the old place of the one now in place i.
func (w *Weights) Reorder(old Ranking) (again Ranking, order []int) {
	ranked := make([]Ranked, len(old.Ranked))
	for i := range ranked {
		order = append(order, i)
	}
	score := func(i int) float64 { return w.Rank.Sum(old.Ranked[i].Features) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score(b), score(a)) })
	for i, place := range order {
		ranked[i] = old.Ranked[place]
		ranked[i].Score = score(place)
	}
	return w.judge(ranked, old.query), order
}

// judge says how sure the ranking of finalists in order is; their scores are w's.
func (w *Weights) judge(ranked []Ranked, q queryEvidence) Ranking {
	softmax(ranked)
	r := Ranking{Ranked: ranked, Evidence: evidence(ranked, q), query: q}
	r.Confidence = w.Probability(r.Evidence)
	return r
}

// Probability is the probability that the first finalist is right; inputs are its evidence.
func (w *Weights) Probability(inputs []float64) float64 {
	return 1 / (1 + math.Exp(-w.Confidence.Sum(inputs)))
}

// Sum is the linear's value for inputs in its order.
func (l *Linear) Sum(inputs []float64) float64 {
	sum := l.Bias
	for i, in := range l.Inputs {
		sum += in.Weight * (inputs[i] - in.Mean) / in.Scale
	}
	return sum
}
