package budget

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
)

// Baseline is what an earlier program cost, by the names of the figures that are kept.
type Baseline map[string]Value

// LoadBaseline reads a stored baseline.
func LoadBaseline(path string) (Baseline, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the baseline: %w", err)
	}
	var b Baseline
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("read the baseline %s: %w", path, err)
	}
	return b, nil
}

// With is the baseline with what a run found in place of what it held of the same figures.
func (b Baseline) With(r *Run) Baseline {
	out := maps.Clone(b)
	if out == nil {
		out = Baseline{}
	}
	for name, f := range r.known {
		if v, ok := r.Value(name); ok && f.Kept() {
			out[name] = Value{Median: round(v.Median, 4), Noise: round(v.Noise, 2)}
		}
	}
	return out
}

// round keeps so many digits: more are noise, and would change with every run.
func round(v float64, digits int) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if err != nil {
		return v // out of range: as it is
	}
	return short
}

// Save stores the baseline.
func (b Baseline) Save(path string) error {
	data, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	return nil
}

const (
	// sought is what must be seen: a figure that became dearer by so much.
	sought = .10
	// tolerance is what a figure may become dearer by without a word, however quiet the machine: another patch of the
	// compiler, other random seeds.
	tolerance = .07
	// sureness is how many standard errors a change must have to be one.
	sureness = 3
)

// Change is how a figure of a run differs from the baseline.
type Change struct {
	Figure   Figure
	Was, Is  float64
	Increase float64 // by what share of what it was it became dearer; below 0: cheaper
	Margin   float64 // the increase that may be no change: tolerance, or noise
}

// Dearer tells whether the program became dearer by more than noise.
func (c Change) Dearer() bool { return c.Increase > c.Margin }

// Blind tells whether the noise hides what is sought.
func (c Change) Blind() bool { return !c.Dearer() && c.Margin > sought }

// Blind tells whether the noise of a run would hide what is sought, if the baseline had as much.
func (r *Run) Blind(figures []Figure) bool {
	return slices.ContainsFunc(figures, func(f Figure) bool {
		v, ok := r.Value(f.Name)
		return ok && f.Kept() && sureness*math.Hypot(v.Noise, v.Noise) > sought
	})
}

// String is the change in a line.
func (c Change) String() string {
	return fmt.Sprintf("%s: %s → %s %s, %+.0f %%; up to %.0f %% may be noise", c.Figure.Name, number(c.Was), number(c.Is), c.Figure.Unit, 100*c.Increase, 100*c.Margin)
}

// Compare compares a run with the baseline: each figure that is in both, in the table's order. A figure that was 0 and
// is more is infinitely dearer.
func (b Baseline) Compare(r *Run, figures []Figure) []Change {
	var out []Change
	for _, f := range figures {
		was, kept := b[f.Name]
		is, ok := r.Value(f.Name)
		if !kept || !ok {
			continue
		}
		c := Change{Figure: f, Was: was.Median, Is: is.Median, Margin: max(tolerance, sureness*math.Hypot(was.Noise, is.Noise))}
		switch {
		case was.Median != is.Median && f.AtLeast: // half as much is twice as dear
			c.Increase = was.Median/is.Median - 1
		case was.Median != is.Median:
			c.Increase = is.Median/was.Median - 1
		}
		out = append(out, c)
	}
	return out
}
