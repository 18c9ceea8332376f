package chat

import (
	"context"
	"fmt"
)

// Finding is one thing that was looked at in an account of a channel.
type Finding struct {
	Level Level
	Text  string // what is so, in a sentence
	Fix   string // what to do about it; "" where nothing is to be done
}

// Level is how bad a finding is.
type Level string

// The closed set of levels.
const (
	Good    Level = "ok"
	Warning Level = "warning"
	Bad     Level = "problem"
)

// Findings gathers what a check finds.
type Findings []Finding

// Add notes one: its level, what to do about it, and what is so, as fmt.Sprintf writes it.
func (f *Findings) Add(level Level, mend, format string, args ...any) {
	*f = append(*f, Finding{level, fmt.Sprintf(format, args...), mend})
}

// Checker is a Channel that can look at its accounts.
type Checker interface {
	// Check calls the host for an account and says in words what is right and what is wrong. It changes
	// nothing there, and no secret is in its words.
	Check(ctx context.Context, account string) Findings
}
