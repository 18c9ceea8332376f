package kb

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Level is how bad a Fault is.
type Level int

// From harmless to fatal.
const (
	Verify  Level = iota // not wrong: a person must check it before launch
	Warning              // the guide works, and somebody should mend it
	Error                // the guide must not be served like this
)

// String is the level's name as `yingda check` prints it.
func (l Level) String() string {
	return [...]string{"verify", "warning", "error"}[l]
}

// Finding is one thing that is wrong with a guide, where, and what to do about it.
type Finding struct {
	File  string // relative to the guide's folder
	Line  int    // from 1
	Level Level
	Text  string // what is wrong
	Fix   string // what to do about it
}

// String is the fault on one line: "file:line: level: what; do".
func (f Finding) String() string {
	s := fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Level, f.Text)
	if f.Fix != "" {
		s += "; " + f.Fix
	}
	return s
}

// Findings are all the faults of one guide.
type Findings []Finding

// Sort orders the faults by file and line; what stands on one line by its text, so that the order is always the same.
func (fs Findings) Sort() {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
}

// At returns the faults of one level.
func (fs Findings) At(l Level) Findings {
	var out Findings
	for _, f := range fs {
		if f.Level == l {
			out = append(out, f)
		}
	}
	return out
}

// Err is nil unless a fault is an Error; then it says all of them, a line each.
func (fs Findings) Err() error {
	bad := fs.At(Error)
	if len(bad) == 0 {
		return nil
	}
	lines := make([]string, len(bad))
	for i, f := range bad {
		lines[i] = f.String()
	}
	return errors.New(strings.Join(lines, "\n"))
}
