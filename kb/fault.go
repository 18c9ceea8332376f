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

// Fault is one thing that is wrong with a guide, where, and what to do about it.
type Fault struct {
	File  string // relative to the guide's folder
	Line  int    // from 1
	Level Level
	What  string // what is wrong
	Do    string // what to do about it
}

// String is the fault on one line: "file:line: level: what; do".
func (f Fault) String() string {
	s := fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Level, f.What)
	if f.Do != "" {
		s += "; " + f.Do
	}
	return s
}

// Faults are all the faults of one guide.
type Faults []Fault

// Sort orders the faults by file and line; what stands on one line by its text, so that the order is always the same.
func (fs Faults) Sort() {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.What, b.What))
	})
}

// At returns the faults of one level.
func (fs Faults) At(l Level) Faults {
	var out Faults
	for _, f := range fs {
		if f.Level == l {
			out = append(out, f)
		}
	}
	return out
}

// Err is nil unless a fault is an Error; then it says all of them, a line each.
func (fs Faults) Err() error {
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
