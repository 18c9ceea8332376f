package eval

import (
	"context"
	"fmt"
	"io"

	"github.com/yingda/yingda/bot"
)

// Noise writes a question as somebody else would: with a typo, in pinyin.
type Noise struct {
	Name  string
	Draws int // how often each question is asked, each time with other noise
	// Apply returns the noisy text of one draw, from 0; false when nothing of it can be changed.
	Apply func(text string, draw int) (string, bool)
}

// Robustness is how the bot stands one kind of noise. Clean has the same questions as they were.
type Robustness struct {
	Noise  string    `json:"noise"`
	Asked  int       `json:"asked"` // noisy questions, of every label
	Clean  []Score   `json:"clean"`
	Scores []Score   `json:"scores"`
	Spoilt []Outcome `json:"spoilt,omitempty"` // of the noisy questions, those that went wrong only by the noise
}

// Robust asks the questions again with every noise. Those that a noise leaves as they are are left
// out of its row, on both sides.
func Robust(ctx context.Context, b bot.Stepper, clean []Outcome, noises []Noise) ([]Robustness, error) {
	var out []Robustness
	for _, n := range noises {
		var noisy []Question
		var before []Outcome
		for line, o := range clean {
			for draw := range n.Draws {
				if text, changed := n.Apply(o.Question, draw); changed {
					noisy = append(noisy, Question{Text: text, Labels: o.Labels, Line: line + 1})
					before = append(before, o)
				}
			}
		}
		after, err := Run(ctx, b, noisy, nil)
		if err != nil {
			return nil, fmt.Errorf("with %s: %w", n.Name, err)
		}
		row := Robustness{Noise: n.Name, Asked: len(noisy), Clean: Scores(before), Scores: Scores(after)}
		for i := range after {
			if before[i].wanted() && !after[i].wanted() {
				row.Spoilt = append(row.Spoilt, after[i])
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// Lost is how many points of top-1 the noise costs; negative when it helps.
func (r *Robustness) Lost() float64 {
	const points = 100
	return points * (find(r.Clean, topOne).Share() - find(r.Scores, topOne).Share())
}

// PrintRobustness writes a row for every noise.
func PrintRobustness(w io.Writer, rows []Robustness) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-24s asked   top-1  points  answered wrong  people missed\n", "the same questions with")
	for i := range rows {
		r := &rows[i]
		people := find(r.Scores, missedPeople)
		fmt.Fprintf(w, "%-24s%6d  %6.3f  %+6.1f  %14.3f  %13s\n", r.Noise, r.Asked, find(r.Scores, topOne).Share(), zero(-r.Lost()),
			find(r.Scores, answeredWrong).Share(), fmt.Sprintf("%d of %d", people.N, people.Of))
	}
	fmt.Fprintln(w, "    points: of top-1, against the same questions as they were written")
}

// PrintSpoilt lists for every noise the questions that it made go wrong.
func PrintSpoilt(w io.Writer, rows []Robustness) {
	for i := range rows {
		if len(rows[i].Spoilt) > 0 {
			fmt.Fprintf(w, "\nwrong with %s, right as they were written: %d\n", rows[i].Noise, len(rows[i].Spoilt))
			PrintMisses(w, rows[i].Spoilt)
		}
	}
}

// zero is x without the sign of a negative nothing.
func zero(x float64) float64 {
	const shown = 0.05
	if -shown < x && x < shown {
		return 0
	}
	return x
}
