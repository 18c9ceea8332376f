// Package bot decides what to say to a customer: one message in, one outcome out.
package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
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
	Reply  chat.Reply   // what the bot says; nothing of it counts when Silent
	More   []chat.Reply // what it says behind that, each a bubble of its own
	Silent bool         // an agent holds the conversation: the bot says nothing
	System string       // what the system says, such as a ticket's state; "" for nothing
	Ticket *desk.Draft  // to be opened: the session's Holder is then the agent
	// Contact is the customer's telephone number or other contact, to be sealed before anything is kept;
	// Sealed is what Inbox made of it. The session's device has it veiled.
	Contact string
	Sealed  []byte
	// Rule is what decided, and Asked the text that was looked up, "" when none was: to explain the
	// reply, not to be kept.
	Rule  Rule
	Asked string
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
	return Outcome{Reply: reply, Rule: d.Rule, Asked: u.Asked}, nil
}
