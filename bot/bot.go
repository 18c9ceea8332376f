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
	words    words
	details  *details
	desk     *Desk // nil: there are no tickets, a person is elsewhere
}

// New makes a bot for a guide and its index. now is the clock by which articles age. It hands nobody
// over: it says how to reach a person.
func New(lib *kb.Library, searcher kb.Searcher, policy Policy, now func() time.Time) *Bot {
	return &Bot{lib: lib, searcher: searcher, policy: policy, now: now, words: newWords(&lib.Phrases), details: newDetails(lib)}
}

// Desk is how a bot hands over to people.
type Desk struct {
	Hours  Hours
	Number func() string // a number for a new ticket, see Numbers
}

// Hours tells when somebody is at the desk.
type Hours interface {
	Open(t time.Time) bool
	Next(t time.Time) time.Time // when the desk opens next after t; zero when nobody knows
}

// WithDesk returns a bot that gathers the details of a case and opens tickets.
func (b *Bot) WithDesk(d Desk) *Bot {
	with := *b
	with.desk = &d
	return &with
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
}

// Step decides everything about one message: it reads the guide and changes only the session. An
// error means that the index failed; the session is then as before.
func (b *Bot) Step(ctx context.Context, s *Session, m chat.Message) (Outcome, error) {
	next := s.clone()
	next.begin(m.At)
	out, err := b.step(ctx, &next, m)
	if err != nil {
		return Outcome{}, fmt.Errorf("search the guide: %w", err)
	}
	*s = next
	return out, nil
}

// step chooses who speaks: the agent, the registration of a case, or the guide.
func (b *Bot) step(ctx context.Context, s *Session, m chat.Message) (Outcome, error) {
	if b.desk == nil {
		t, err := b.turn(ctx, s, m)
		return Outcome{Reply: t.reply}, err
	}
	h := b.hear(s, m)
	out, err := b.respond(ctx, s, m, h)
	out.Contact = h.contact
	if err == nil && !out.Silent {
		s.offer(out)
	}
	return out, err
}

func (b *Bot) respond(ctx context.Context, s *Session, m chat.Message, h heard) (Outcome, error) {
	switch {
	case s.Holder == chat.HolderAgent:
		return b.listen(s, m), nil
	case m.Handoff:
		return b.open(s, m), nil
	case s.Case != nil && s.Case.Stage != offered:
		return b.collect(ctx, s, m, h)
	case b.asksProgress(s, m.Text):
		return Outcome{Reply: b.progress(s, m)}, nil
	}
	t, err := b.turn(ctx, s, m)
	if err != nil {
		return Outcome{}, err
	}
	return b.handOver(s, m, t), nil
}

// turn is one message to the guide: what was understood, decided and said.
type turn struct {
	understood Understanding
	decision   Decision
	reply      chat.Reply
}

// turn answers a message from the guide, whatever else is going on.
func (b *Bot) turn(ctx context.Context, s *Session, m chat.Message) (turn, error) {
	u, err := b.understand(ctx, s, m)
	if err != nil {
		return turn{}, err
	}
	d, reply := b.varied(s, u, Decide(*s, u, b.policy))
	s.remember(d, reply)
	if d.Kind != chat.Greet && !d.Unsolved && !u.Denied {
		s.quote(m.Text)
	}
	return turn{understood: u, decision: d, reply: reply}, nil
}

// understand reads a message; what it says to an offer of a person comes before everything else.
func (b *Bot) understand(ctx context.Context, s *Session, m chat.Message) (Understanding, error) {
	cue := b.cue(s, m.Text)
	switch {
	case m.Handoff, cue == kb.CueNow, s.offering() && cue == kb.CueYes:
		return Understanding{Result: kb.Result{Intent: kb.IntentHuman, IntentScore: 1, Confidence: 1}}, nil
	case s.offering() && (cue == kb.CueNo || cue == kb.CueCancel):
		return Understanding{Refused: true}, nil
	}
	return b.read(ctx, s, m.Text)
}
