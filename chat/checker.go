package chat

import (
	"context"

	"github.com/yingda/yingda/finding"
)

// Checker is a Channel that can look at its accounts.
type Checker interface {
	// Check calls the host for an account and says in words what is right and what is wrong. It changes
	// nothing there, and no secret is in its words.
	Check(ctx context.Context, account string) finding.List
}
