package eval

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/yingda/yingda/bot"
)

// Why is what speaks for what the bot got rather than for what was wanted.
type Why struct {
	What    string   `json:"what"` // what Reasons compare, in words
	Reasons []Reason `json:"reasons,omitempty"`
}

// Reason is one feature's part in an outcome.
type Reason struct {
	Feature string  `json:"feature"`
	Adds    float64 `json:"adds"` // to the sum, for what was got
}

// Explainer tells why a question was missed. wanted are its labels.
type Explainer func(ctx context.Context, question string, wanted []string) (Why, error)

// Explain fills in the reasons of every miss.
func Explain(ctx context.Context, outcomes []Outcome, explain Explainer) error {
	for i := range outcomes {
		o := &outcomes[i]
		if o.wanted() {
			continue
		}
		why, err := explain(ctx, o.Question, o.Labels)
		if err != nil {
			return fmt.Errorf("explain %q: %w", o.Question, err)
		}
		o.Why = &why
	}
	return nil
}

// PrintMisses writes every miss: asked, got, wanted, and why when that is known.
func PrintMisses(w io.Writer, outcomes []Outcome) {
	missed := 0
	for i := range outcomes {
		o := &outcomes[i]
		if o.wanted() {
			continue
		}
		if missed++; missed == 1 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s\n    got %s (%.2f), wanted %s\n", o.Question, o.got(), o.Confidence, strings.Join(o.Labels, " or "))
		if o.Why != nil {
			fmt.Fprintf(w, "    why: %s\n", o.Why)
		}
	}
}

// got is what the bot did, short: its decision, its first article, and the rule if it was not the ranking.
func (o *Outcome) got() string {
	got := strings.TrimSpace(string(o.Decision) + " " + o.first())
	if o.Rule != "" && o.Rule != bot.RuleRanking {
		got += " by the rule " + string(o.Rule)
	}
	return got
}

// String writes the reasons behind what they compare.
func (w *Why) String() string {
	var parts []string
	for _, r := range w.Reasons {
		parts = append(parts, fmt.Sprintf("%s %+.2f", r.Feature, r.Adds))
	}
	if len(parts) == 0 {
		return w.What
	}
	return w.What + ": " + strings.Join(parts, ", ")
}

// Confusion counts how often one article came first where another was wanted.
type Confusion struct {
	Wanted string `json:"wanted"`
	Got    string `json:"got"`
	N      int    `json:"n"`
}

// Confusions are the pairs, the commonest first. The first label stands for what was wanted.
func Confusions(outcomes []Outcome) []Confusion {
	counts := map[Confusion]int{}
	for i := range outcomes {
		if o := &outcomes[i]; o.scope() == inScope && o.Place != 1 {
			counts[Confusion{Wanted: o.Labels[0], Got: cmp.Or(o.first(), "nothing")}]++
		}
	}
	out := make([]Confusion, 0, len(counts))
	for c, n := range counts {
		c.N = n
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Wanted, b.Wanted), cmp.Compare(a.Got, b.Got))
	})
	return out
}

// PrintConfusions writes the pairs that are confused more than once.
func PrintConfusions(w io.Writer, confusions []Confusion) {
	heading := "\nmost confused: wanted → got, how often\n"
	for _, c := range confusions {
		if c.N > 1 {
			fmt.Fprintf(w, "%s%5d  %s → %s\n", heading, c.N, c.Wanted, c.Got)
			heading = ""
		}
	}
}
