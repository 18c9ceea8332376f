package rank

import (
	"math"
	"slices"
)

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

	queryEvidence []float64 // the part of Evidence that does not depend on the order
}

// Features are the signals that the linear ranker weighs for one question and one document. Their
// names stand in the weights file and in `ask -why`; Features and their order change only together
// with a new fit.
func Features() []string {
	return []string{
		"ridge",            // the regression's score
		"ridge_z",          // the same in standard deviations among all documents
		"best",             // similarity of the nearest phrasing
		"near3",            // mean similarity of the three nearest phrasings
		"bm25_z",           // Bleve's score in standard deviations among the candidates
		"cover_chars",      // share of the question's information found in the phrasings, by units
		"cover_concepts",   // the same by lexicon groups
		"cover_bigrams",    // the same by pairs of units
		"cover_body",       // share of the question's bigrams that the body or the phrasings have
		"dice_chars",       // overlap with the nearest phrasing, both ways, by units
		"dice_concepts",    // the same by lexicon groups
		"sequence",         // longest common subsequence with the nearest phrasing, by the question's length
		"edit",             // 1 − edit distance to the nearest phrasing, by the longer one's length
		"name_conflict",    // names of the question that the document lacks while it has another of the class
		"name_missing",     // names of the question that the document lacks
		"terms_missing",    // Latin words and numbers common in the phrasings that the question lacks
		"shared_missing",   // information that several phrasings share and the question lacks
		"uncovered",        // information of the question, in everyday Chinese, that the phrasings lack
		"kind_mismatch",    // the question asks how, why, how much … and no phrasing does
		"negation",         // one of question and nearest phrasing denies, the other does not
		"not",              // how much nearer a near miss (not:) is than the nearest phrasing
		"length",           // |log| of the ratio of lengths, question to nearest phrasing
		"topic",            // how far the question and the phrasings are about the same, by words' topics
		"uncovered_bigram", // share of the question's bigrams that neither phrasings nor body have, information-weighted
	}
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

// evidence is the part of Evidence() that depends on the order.
func evidence(ranked []Ranked) []float64 {
	first := ranked[0]
	f := func(name string) float64 { return first.Features[slices.Index(Features(), name)] }
	score := func(i int) float64 { return ranked[min(i, len(ranked)-1)].Score }
	ridgeAt, uncoveredAt := slices.Index(Features(), "ridge"), slices.Index(Features(), "uncovered")
	entropy, otherRidge, uncoveredAny := 0.0, 0.0, f("uncovered")
	for i, x := range ranked {
		entropy -= x.Prob * math.Log(x.Prob+1e-12)
		uncoveredAny = min(uncoveredAny, x.Features[uncoveredAt])
		if i > 0 {
			otherRidge = max(otherRidge, x.Features[ridgeAt])
		}
	}
	return []float64{
		first.Prob, first.Score - score(1), first.Score - score(2), entropy, first.Score,
		f("ridge"), f("ridge_z"), f("ridge") - otherRidge, f("best"),
		f("cover_chars"), f("cover_bigrams"), f("cover_body"), f("uncovered"), uncoveredAny,
		f("name_missing"), f("not"), f("sequence"), f("topic"),
	}
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
