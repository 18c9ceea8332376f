package rank

import (
	"math"
	"slices"

	"github.com/yingda/yingda/zh"
)

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

// signals computes the features of one candidate.
func (r *Ranker) signals(q *question, c *candidate) []float64 {
	d, best := c.doc, c.nearest
	covered, uncovered := r.coverage(q, d)
	body, uncoveredBigrams := r.bodyCoverage(q, d)
	sequence, edit := alignment(q.Tokens[zh.Chars], best.chars)
	conflict, missing := nameAgreement(q, d)
	return []float64{
		c.ridge, c.ridgeZ, c.best, c.near3, c.bm25Z,
		covered,
		share(q, zh.Concepts, d),
		share(q, zh.Bigrams, d),
		body,
		dice(q.Tokens[zh.Chars], best.chars),
		dice(q.Tokens[zh.Concepts], best.concepts),
		sequence, edit,
		conflict, missing,
		termsMissing(q, d),
		r.sharedMissing(q, d),
		uncovered,
		kindMismatch(q, d),
		float64(btoi(q.negative != best.negative)),
		c.not,
		math.Abs(math.Log(float64(q.length+1) / float64(len(best.chars)+1))),
		agreement(q.topics, d.topics),
		uncoveredBigrams,
	}
}

// coverage is the share of the question's units that the phrasings have, by everyday information,
// and that information, in nats, of those that they lack.
func (r *Ranker) coverage(q *question, d *doc) (covered, uncovered float64) {
	var has, all float64
	for _, w := range q.vector[zh.Chars] {
		info := r.space.background.Information(w.token)
		all += info
		if d.has[zh.Chars].of(w.id, w.token) > 0 {
			has += info
		}
	}
	if all == 0 {
		return 0, 0
	}
	return has / all, all - has
}

// share is the part of the question's tokens of one kind that the document has, by the space's information.
func share(q *question, kind zh.Kind, d *doc) float64 {
	var has, all float64
	for _, w := range q.vector[kind] {
		all += float64(w.w)
		if d.has[kind].of(w.id, w.token) > 0 {
			has += float64(w.w)
		}
	}
	if all == 0 {
		return 0
	}
	return has / all
}

// bodyCoverage is the share of the question's bigrams that the body or a phrasing has, and of their
// everyday information the share that neither has.
func (r *Ranker) bodyCoverage(q *question, d *doc) (covered, uncovered float64) {
	var has, lacks, all float64
	grams := q.vector[zh.Bigrams]
	for _, w := range grams {
		info := r.space.background.Information(w.token)
		all += info
		if d.has[zh.Bigrams].of(w.id, w.token) > 0 || d.body.of(w.id, w.token) > 0 {
			has++
		} else {
			lacks += info
		}
	}
	if len(grams) == 0 {
		return 0, 0
	}
	return has / float64(len(grams)), lacks / all
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

// longest is how many units of a text alignment looks at.
const longest = 64

// alignment compares the order of units: the longest common subsequence by q's length, and 1 − the
// edit distance by the longer length.
func alignment(q, p []string) (sequence, edit float64) {
	q, p = q[:min(len(q), longest)], p[:min(len(p), longest)]
	if len(q) == 0 || len(p) == 0 {
		return 0, 0
	}
	var lcs, dist [longest + 1]int
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

func nameAgreement(q *question, d *doc) (conflict, missing float64) {
	for _, n := range q.names {
		if !d.names[n] {
			missing++
			conflict += float64(btoi(d.classes[n.class]))
		}
	}
	return conflict, missing
}

// termsMissing counts the Latin words and numbers common in the phrasings that the question lacks.
func termsMissing(q *question, d *doc) float64 {
	n := 0
	for _, term := range d.terms {
		n += btoi(!slices.Contains(q.Tokens[zh.Chars], term))
	}
	return float64(n)
}

// sharedMissing is the share of the phrasings' common information that the question lacks.
func (r *Ranker) sharedMissing(q *question, d *doc) float64 {
	if d.shared == 0 {
		return 0
	}
	has := 0.0
	for _, w := range q.vector[zh.Concepts] {
		has += r.reader.sharedWeight(d, w.id, w.token)
	}
	return 1 - has/d.shared
}

func kindMismatch(q *question, d *doc) float64 {
	n := 0
	for _, k := range q.kinds {
		n += btoi(!d.kinds[k])
	}
	return float64(n)
}
