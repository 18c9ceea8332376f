// Package bot decides what to say to a customer: one message in, one outcome out.
package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// Bot answers from one guide. It keeps nothing between messages but what stands in the Session, so
// one Bot serves any number of conversations at once.
type Bot struct {
	lib      *kb.Library
	searcher kb.Searcher
	policy   Policy
	now      func() time.Time
}

// New makes a bot for a guide and its index. now is the clock by which articles age.
func New(lib *kb.Library, searcher kb.Searcher, policy Policy, now func() time.Time) *Bot {
	return &Bot{lib: lib, searcher: searcher, policy: policy, now: now}
}

// Outcome is what one message leads to.
type Outcome struct {
	Reply chat.Reply
}

// Step decides everything about one message: it reads the guide and changes only the session. An
// error means that the index failed; the session is then as before.
func (b *Bot) Step(ctx context.Context, s *Session, m chat.Message) (Outcome, error) {
	next := *s
	next.begin(m.At)
	u, err := b.read(ctx, &next, m.Text)
	if err != nil {
		return Outcome{}, fmt.Errorf("search the guide: %w", err)
	}
	d, reply := b.varied(&next, u, Decide(next, u, b.policy))
	next.remember(d, reply)
	*s = next
	return Outcome{Reply: reply}, nil
}
