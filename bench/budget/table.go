package budget

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

// Print writes every figure beside its limit and the baseline, in the table's order. That one was not taken is an error.
func Print(w io.Writer, r *Run, figures []Figure, b Baseline) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...any) {
		for _, c := range cells {
			_, _ = fmt.Fprintf(t, "%v\t", c) // what fails shows at Flush
		}
		_, _ = fmt.Fprintln(t)
	}
	row("measure", "figure", "median", "unit", "± %", "limit", "stretch", "reached", "baseline")
	for _, f := range figures {
		v, ok := r.Value(f.Name)
		if !ok {
			return fmt.Errorf("nothing took %q", f.Name)
		}
		was := "-"
		if kept, ok := b[f.Name]; ok {
			was = number(kept.Median)
		}
		row(f.Measure, f.Name, number(v.Median), f.Unit, strconv.FormatFloat(100*v.Noise, 'f', 1, 64), bound(f, f.Limit), bound(f, f.Stretch), f.verdict(v.Median), was)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print the figures: %w", err)
	}
	return nil
}

// bound is a limit as it is printed.
func bound(f Figure, limit float64) string {
	switch {
	case limit == 0:
		return "-"
	case f.AtLeast:
		return "≥ " + number(limit)
	}
	return "≤ " + number(limit)
}

// number prints three digits, and all of a whole number.
func number(v float64) string {
	if v >= 1000 || v == float64(int64(v)) {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
