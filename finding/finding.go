// Package finding is how whatever is checked reports: a guide, an installation, an account of a channel.
package finding

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Level is how bad a finding is.
type Level string

// The closed set of levels, from harmless to fatal.
const (
	OK      Level = "ok"
	Verify  Level = "verify"  // not wrong: a person must check it before launch
	Warning Level = "warning" // it works, and somebody should look
	Error   Level = "error"   // it does not work, or must not be served like this
)

// Finding is one thing that was looked at: where, how bad it is, and what to do about it. Its JSON form is a contract.
type Finding struct {
	// Where it is; what does not apply is zero.
	Check   string `json:"check,omitempty"`   // what of an installation was examined: "database"
	Account string `json:"account,omitempty"` // of a channel: "telegram/default"
	File    string `json:"file,omitempty"`    // relative to the guide's folder
	Line    int    `json:"line,omitempty"`    // from 1

	Level Level  `json:"level"`
	Text  string `json:"text"` // what is so
	Fix   string `json:"fix"`  // what to do about it; "" where nothing is to be done
}

// String is a finding in a file on one line: "file:line: level: text; fix".
func (f Finding) String() string {
	s := fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Level, f.Text)
	if f.Fix != "" {
		s += "; " + f.Fix
	}
	return s
}

// List is all findings of one check.
type List []Finding

// Add appends one: its level, what to do about it, and what is so, as fmt.Sprintf writes it.
func (l *List) Add(level Level, fix, format string, args ...any) {
	*l = append(*l, Finding{Level: level, Text: fmt.Sprintf(format, args...), Fix: fix})
}

// Sort orders the findings by file and line; what stands on one line by its text, so that the order is always the same.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
}

// At returns the findings of some levels, in their order.
func (l List) At(levels ...Level) List {
	var out List
	for _, f := range l {
		if slices.Contains(levels, f.Level) {
			out = append(out, f)
		}
	}
	return out
}

// Err is nil unless a finding is an Error; then it says all of these, a line each.
func (l List) Err() error {
	var errs []error
	for _, f := range l.At(Error) {
		errs = append(errs, errors.New(f.String()))
	}
	return errors.Join(errs...)
}
