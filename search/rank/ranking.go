package rank

import "math"

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
	Nearest  int       // the phrasing of the document that is most like the question
}

// Ranking is the answer to one question.
type Ranking struct {
	Ranked     []Ranked  // best first
	Confidence float64   // calibrated probability that the first is right
	Evidence   []float64 // what the confidence was judged by, in the order of Evidence()

	query queryEvidence
}

// queryEvidence is the part of Evidence that does not depend on the order.
type queryEvidence struct{ length, outsideRidge, outsideBest float64 }

// The signals that the linear ranker weighs for one question and one document, by their places in Features.
const (
	fRidge           = iota // the regression's score
	fRidgeZ                 // the same in standard deviations among all documents
	fBest                   // similarity of the nearest phrasing
	fNear3                  // mean similarity of the three nearest phrasings
	fBm25Z                  // Bleve's score in standard deviations among the candidates
	fCoverChars             // share of the question's information found in the phrasings, by units
	fCoverConcepts          // the same by lexicon groups
	fCoverBigrams           // the same by pairs of units
	fCoverBody              // share of the question's bigrams that the body or the phrasings have
	fDiceChars              // overlap with the nearest phrasing, both ways, by units
	fDiceConcepts           // the same by lexicon groups
	fSequence               // longest common subsequence with the nearest phrasing, by the question's length
	fEdit                   // 1 − edit distance to the nearest phrasing, by the longer one's length
	fNameConflict           // names of the question that the document lacks while it has another of the class
	fNameMissing            // names of the question that the document lacks
	fTermsMissing           // Latin words and numbers common in the phrasings that the question lacks
	fSharedMissing          // information that several phrasings share and the question lacks
	fUncovered              // information of the question, in everyday Chinese, that the phrasings lack
	fKindMismatch           // the question asks how, why, how much … and no phrasing does
	fNegation               // one of question and nearest phrasing denies, the other does not
	fNot                    // how much nearer a near miss (not:) is than the nearest phrasing
	fLength                 // |log| of the ratio of lengths, question to nearest phrasing
	fTopic                  // how far the question and the phrasings are about the same, by words' topics
	fUncoveredBigram        // share of the question's bigrams that neither phrasings nor body have, information-weighted
	numFeatures
)

// Features are the names of the signals. They stand in the weights file and in `ask -why`; features and their order
// change only together with a new fit.
func Features() []string {
	return []string{
		fRidge:           "ridge",
		fRidgeZ:          "ridge_z",
		fBest:            "best",
		fNear3:           "near3",
		fBm25Z:           "bm25_z",
		fCoverChars:      "cover_chars",
		fCoverConcepts:   "cover_concepts",
		fCoverBigrams:    "cover_bigrams",
		fCoverBody:       "cover_body",
		fDiceChars:       "dice_chars",
		fDiceConcepts:    "dice_concepts",
		fSequence:        "sequence",
		fEdit:            "edit",
		fNameConflict:    "name_conflict",
		fNameMissing:     "name_missing",
		fTermsMissing:    "terms_missing",
		fSharedMissing:   "shared_missing",
		fUncovered:       "uncovered",
		fKindMismatch:    "kind_mismatch",
		fNegation:        "negation",
		fNot:             "not",
		fLength:          "length",
		fTopic:           "topic",
		fUncoveredBigram: "uncovered_bigram",
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

// evidence is what Evidence names, of finalists in order.
func evidence(ranked []Ranked, q queryEvidence) []float64 {
	first := ranked[0]
	f := first.Features
	score := func(i int) float64 { return ranked[min(i, len(ranked)-1)].Score }
	entropy, otherRidge, uncoveredAny := 0.0, 0.0, f[fUncovered]
	for i, x := range ranked {
		entropy -= x.Prob * math.Log(x.Prob+1e-12)
		uncoveredAny = min(uncoveredAny, x.Features[fUncovered])
		if i > 0 {
			otherRidge = max(otherRidge, x.Features[fRidge])
		}
	}
	return []float64{
		first.Prob, first.Score - score(1), first.Score - score(2), entropy, first.Score,
		f[fRidge], f[fRidgeZ], f[fRidge] - otherRidge, f[fBest],
		f[fCoverChars], f[fCoverBigrams], f[fCoverBody], f[fUncovered], uncoveredAny,
		f[fNameMissing], f[fNot], f[fSequence], f[fTopic],
		q.length, q.outsideRidge, q.outsideBest,
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
