package search

import (
	"runtime"
	"slices"

	"github.com/yingda/yingda/search/rank"
)

// Contribution is what one input adds to a sum: Weight · Standard.
type Contribution struct {
	Name     string  // out of rank.Features or rank.Evidence
	Value    float64 // as it was measured
	Standard float64 // the same, in standard deviations from the mean
	Weight   float64
	Adds     float64 // > 0 speaks for, < 0 against
}

// DocExplanation is one ranked document with what put it into its place.
type DocExplanation struct {
	ID       string         // an article's, or "intent:…"
	Title    string         // "" for an intent
	Score    float64        // Bias and the sum of what Features add
	Prob     float64        // its share of the probability among the ranked documents
	Nearest  string         // its phrasing that is most like the question, as the index reads it
	Features []Contribution // in the order of rank.Features
}

// Explanation tells how the index ranked one question, before any rule of the bot's.
type Explanation struct {
	Text          string           // the question as the index understands it
	Ranked        []DocExplanation // best first; none when nothing is like the question
	Bias          float64          // of every document's score
	Confidence    float64          // that the first one is right, as Search says it
	Exact         bool             // the question is word for word a phrasing of the first: Confidence is raised
	RawConfidence float64          // the confidence by the evidence alone: the logistic of EvidenceBias and Evidence
	Evidence      []Contribution   // in the order of rank.Evidence
	EvidenceBias  float64
}

// Find is the place of a document among the ranked ones; -1 when it is not there.
func (e *Explanation) Find(id string) int {
	return slices.IndexFunc(e.Ranked, func(d DocExplanation) bool { return d.ID == id })
}

// Explain ranks a question as Search does and takes the ranking apart.
func (ix *Index) Explain(question string) Explanation {
	defer runtime.KeepAlive(ix)
	out := Explanation{Text: ix.Normalize(question)}
	ranking := ix.Rank(out.Text)
	if len(ranking.Ranked) == 0 {
		return out
	}
	w := ix.ranker.Weights()
	for _, r := range ranking.Ranked {
		out.Ranked = append(out.Ranked, DocExplanation{
			ID: ix.docs[r.Doc].ID, Title: ix.titles[r.Doc], Score: r.Score, Prob: r.Prob,
			Nearest:  ix.analyzer.Fold(ix.docs[r.Doc].Phrasings[r.Nearest]),
			Features: contributions(&w.Rank, r.Features),
		})
	}
	out.Bias, out.EvidenceBias = w.Rank.Bias, w.Confidence.Bias
	out.Evidence = contributions(&w.Confidence, ranking.Evidence)
	out.RawConfidence = ranking.Confidence
	out.Confidence, out.Exact = ix.confidence(out.Text, ranking)
	return out
}

// contributions takes a sum apart.
func contributions(l *rank.Linear, values []float64) []Contribution {
	out := make([]Contribution, len(l.Inputs))
	for i, in := range l.Inputs {
		standard := (values[i] - in.Mean) / in.Scale
		out[i] = Contribution{in.Name, values[i], standard, in.Weight, in.Weight * standard}
	}
	return out
}
