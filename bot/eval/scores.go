package eval

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/yingda/yingda/chat"
)

// Score counts the outcomes of which something is true among those of which it could be.
type Score struct {
	Name string `json:"name"`
	N    int    `json:"n"`
	Of   int    `json:"of"`
}

// Share is N of Of; 0 of nothing.
func (s Score) Share() float64 {
	if s.Of == 0 {
		return 0
	}
	return float64(s.N) / float64(s.Of)
}

// measure says which outcomes a Score counts.
type measure struct {
	name  string
	of    scope
	bad   bool // the fewer the better
	holds func(*Outcome) bool
}

// The scores that a category's row shows too.
const (
	topOne         = "top-1"
	answeredRight  = "answered right"
	answeredWrong  = "answered wrong"
	clarifiedRight = "clarified right"
	missedPeople   = "missed people on HUMAN"
)

// measures are the scores of a run, in the order shown.
func measures() []measure {
	answered := func(o *Outcome) bool { return o.Decision == chat.Answer }
	return []measure{
		{topOne, inScope, false, func(o *Outcome) bool { return o.Place == 1 }},
		{"top-3", inScope, false, func(o *Outcome) bool { return 1 <= o.Place && o.Place <= 3 }},
		{answeredRight, inScope, false, func(o *Outcome) bool { return answered(o) && o.Place == 1 }},
		{answeredWrong, inScope, true, func(o *Outcome) bool { return answered(o) && o.Place != 1 }},
		{clarifiedRight, inScope, false, clarified},
		{"false answers on OUT", outside, true, answered},
		{missedPeople, person, true, func(o *Outcome) bool { return o.Decision != chat.Escalate }},
	}
}

func clarified(o *Outcome) bool { return o.Decision == chat.Clarify && o.Offered }

func (m *measure) score(outcomes []Outcome) Score {
	s := Score{Name: m.name}
	for i := range outcomes {
		if o := &outcomes[i]; o.scope() == m.of {
			s.Of++
			if m.holds(o) {
				s.N++
			}
		}
	}
	return s
}

// Scores counts the outcomes.
func Scores(outcomes []Outcome) []Score {
	var out []Score
	for _, m := range measures() {
		out = append(out, m.score(outcomes))
	}
	return out
}

// find is the score of that name.
func find(scores []Score, name string) Score {
	return scores[slices.IndexFunc(scores, func(s Score) bool { return s.Name == name })]
}

// PrintScores writes the scores as `yingda eval` shows them: name, share, n of m.
func PrintScores(w io.Writer, scores []Score) error {
	for _, s := range scores {
		share := "     –"
		if s.Of > 0 {
			share = fmt.Sprintf("%6.3f", s.Share())
		}
		if _, err := fmt.Fprintf(w, "%-24s%s  %5d of %d\n", s.Name, share, s.N, s.Of); err != nil {
			return err
		}
	}
	return nil
}

// Category is the scores of the questions whose first label is an article of one category.
type Category struct {
	Category string  `json:"category"`
	Scores   []Score `json:"scores"`
}

// Categories splits the questions in scope. of tells the category of an article, "" for none.
func Categories(outcomes []Outcome, of func(id string) string) []Category {
	const unknown = "(not in the guide)"
	parts := map[string][]Outcome{}
	for _, o := range outcomes {
		if o.scope() == inScope {
			name := cmp.Or(of(o.Labels[0]), unknown)
			parts[name] = append(parts[name], o)
		}
	}
	var out []Category
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		c := Category{Category: name}
		all := Scores(parts[name])
		for _, s := range []string{topOne, answeredRight, answeredWrong, clarifiedRight} {
			c.Scores = append(c.Scores, find(all, s))
		}
		out = append(out, c)
	}
	return out
}

// PrintCategories writes a row for every category.
func PrintCategories(w io.Writer, categories []Category) {
	if len(categories) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-24s questions", "category")
	for _, s := range categories[0].Scores {
		fmt.Fprintf(w, "  %s", s.Name)
	}
	fmt.Fprintln(w)
	for _, c := range categories {
		fmt.Fprintf(w, "%-24s%10d", c.Category, c.Scores[0].Of)
		for _, s := range c.Scores {
			fmt.Fprintf(w, "  %*.3f", len(s.Name), s.Share())
		}
		fmt.Fprintln(w)
	}
}
