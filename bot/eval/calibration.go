package eval

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
)

// Calibration tells how far the replies' confidence is from what comes true. It looks at the
// questions in scope and outside the guide; a reply is right when the question is in scope and the
// first article is a good one. Questions for a person are left out: there the confidence is about
// the wish for a person, not about an article.
type Calibration struct {
	Error     float64 `json:"error"`     // expected calibration error, over EqualCount
	Questions int     `json:"questions"` // how many were looked at

	EqualCount []Bin `json:"equal_count"` // as many questions in each
	EqualWidth []Bin `json:"equal_width"` // a tenth of the confidence each: for the diagram; empty bins have no questions
}

// Bin is the replies of like confidence.
type Bin struct {
	Questions  int     `json:"questions"`
	Confidence float64 `json:"confidence"` // mean
	Right      float64 `json:"right"`      // share
}

const bins = 10

// Calibrate measures a run's confidence.
func Calibrate(outcomes []Outcome) Calibration {
	judged := slices.DeleteFunc(slices.Clone(outcomes), func(o Outcome) bool { return o.scope() == person })
	slices.SortStableFunc(judged, func(a, b Outcome) int { return cmp.Compare(a.Confidence, b.Confidence) })
	c := Calibration{Questions: len(judged)}
	for b := range bins {
		part := bin(judged[len(judged)*b/bins : len(judged)*(b+1)/bins])
		c.EqualCount = append(c.EqualCount, part)
		c.Error += math.Abs(part.Confidence-part.Right) * float64(part.Questions)
	}
	c.Error /= math.Max(1, float64(len(judged)))
	for b := range bins {
		outside := func(o Outcome) bool { return min(int(o.Confidence*bins), bins-1) != b }
		c.EqualWidth = append(c.EqualWidth, bin(slices.DeleteFunc(slices.Clone(judged), outside)))
	}
	return c
}

func bin(part []Outcome) Bin {
	b := Bin{Questions: len(part)}
	if len(part) == 0 {
		return b
	}
	for i := range part {
		b.Confidence += part[i].Confidence
		if part[i].scope() == inScope && part[i].Place == 1 {
			b.Right++
		}
	}
	n := float64(len(part))
	b.Confidence, b.Right = b.Confidence/n, b.Right/n
	return b
}

// PrintCalibration writes the error and what was measured.
func PrintCalibration(w io.Writer, c Calibration) {
	fmt.Fprintf(w, "\n%-24s%6.3f  %5d questions\n", "calibration error", c.Error, c.Questions)
	fmt.Fprintf(w, "    the reply's confidence against how often its first article is right, over %d bins of equal count;\n", bins)
	fmt.Fprintf(w, "    nothing is right on OUT, and HUMAN is left out\n")
}
