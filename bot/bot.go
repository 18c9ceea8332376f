// Package bot decides what to say to a customer: one message in, one outcome out.
package bot

import (
	"context"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

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
	aspects  map[string]*regexp.Regexp
	asking   []string // the words of a question that names nothing, and of politeness, long ones first
	polite   []string
	desk     *Handover // nil: there are no tickets, a person is elsewhere
}

// New makes a bot for a guide and its index. now is the clock by which articles age. It hands nobody
// over: it says how to reach a person.
func New(lib *kb.Library, searcher kb.Searcher, policy Policy, now func() time.Time) *Bot {
	return &Bot{
		lib: lib, searcher: searcher, policy: policy, now: now, words: newWords(&lib.Phrases), details: newDetails(lib), aspects: newAspects(),
		asking: byLength(askingWords(&lib.Lexicon)), polite: byLength(lib.Lexicon.Polite),
	}
}

// Handover is how a bot hands over to people.
type Handover struct {
	Hours  Hours
	Number func() string // a number for a new ticket, see Numbers
}

// Hours tells when somebody is at the desk.
type Hours interface {
	Open(t time.Time) bool
	Next(t time.Time) time.Time // when the desk opens next after t; zero when nobody knows
}

// WithHandover returns a bot that gathers the details of a case and opens tickets.
func (b *Bot) WithHandover(d Handover) *Bot {
	with := *b
	with.desk = &d
	return &with
}

// Outcome is what one message leads to.
type Outcome struct {
	Reply  chat.Reply        // what the bot says; nothing of it counts when Silent
	More   []chat.Reply      // what it says behind that, each a bubble of its own
	Silent bool              // an agent holds the conversation, or there is nothing to say: the bot says nothing
	System string            // what the system says, such as a ticket's state; "" for nothing
	Ticket *desk.TicketDraft // to be opened: the session's Holder is then the agent
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
		return t.outcome(), err
	}
	s.known(m.Device)
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
	case m.AlbumPart && !says(m.Text):
		return Outcome{Silent: true}, nil
	case m.Handoff:
		return b.open(s, m), nil
	case m.Welcome:
		return b.beside(s, b.welcome(s, m)), nil
	case m.Medium != "":
		return b.beside(s, b.unreadable(m)), nil
	case s.Case != nil && s.Case.Stage != offered:
		return b.collect(ctx, s, m, h)
	case h.photo && !says(m.Text):
		return said(s, b.bubble(chat.Clarify, b.lib.Phrases.Handover.Picture, option(humanOption, b.lib.Phrases.Say.Human))), nil
	}
	if asked, err := b.asksProgress(ctx, s, m); asked || err != nil {
		return Outcome{Reply: b.progress(s, m)}, err
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
	wanted     bool // a person had been offered before
}

// outcome is the reply, and what explains it.
func (t *turn) outcome(more ...chat.Reply) Outcome {
	return Outcome{Reply: t.reply, More: more, Rule: t.decision.Rule, Asked: t.understood.Asked}
}

// turn answers a message from the guide, whatever else is going on.
func (b *Bot) turn(ctx context.Context, s *Session, m chat.Message) (turn, error) {
	u, err := b.understand(ctx, s, m)
	if err != nil {
		return turn{}, err
	}
	d := Decide(*s, u, b.policy)
	switch swears, alone := b.angry(d, u, m.Text); {
	case swears && !alone:
		d.Angry = true
	case swears:
		d = Decision{Kind: chat.Decline, Rule: RuleAnger, Offer: true, Angry: true}
		if s.Wanted { // and still so
			d = Decision{Kind: chat.Escalate, Rule: RuleAnger}
		}
	}
	d, reply := b.varied(s, u, d)
	t := turn{understood: u, decision: d, reply: reply, wanted: s.Wanted}
	s.remember(d, reply)
	story := d.Kind != chat.Greet && d.Kind != chat.Escalate && !d.Unsolved && !u.Denied
	if story && (s.Case == nil || s.Case.Stage == offered) {
		s.quote(m.Text)
	}
	return t, nil
}

// leftover is how many runes of a message may be no swearing and still mean nothing ("你们", "真是").
const leftover = 2

// angry tells whether a message swears and gets no answer, and whether it does nothing else: nobody who
// does wants to be told what the bot is.
func (b *Bot) angry(d Decision, u Understanding, text string) (swears, alone bool) {
	t, ok := b.trigger("", text)
	if !ok || t.Reason != string(desk.ReasonAngry) || d.Kind == chat.Escalate || len(u.Codes) > 0 {
		return false, false
	}
	only := utf8.RuneCountInString(removeAll(core(text), byLength(t.Words))) <= leftover
	if d.Kind == chat.Clarify || d.Kind == chat.Answer && len(u.Hits) > 0 {
		a, found := b.lib.Article(u.Hits[0].ID)
		about := d.Kind == chat.Answer && found && a.Escalate == kb.EscalateNever
		return only || about || d.Kind == chat.Clarify, only || about
	}
	return true, true
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
