package bot

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/privacy"
)

// MaxText is how many runes of one message are kept; what is longer is cut there.
const MaxText = 4000

// Stepper decides about one message. A *Bot is one.
type Stepper interface {
	Step(ctx context.Context, s *Session, m chat.Message) (Outcome, error)
}

// InboxConfig is what an Inbox works with. Store, Bot, Masker and Sealer are needed.
type InboxConfig struct {
	Store   Store
	Bot     func() Stepper // the bot of the guide that is served now
	Masker  *privacy.Masker
	Sealer  *privacy.Sealer
	Now     func() time.Time  // time.Now
	Log     *slog.Logger      // nowhere
	Observe func(Observation) // for metrics; called once a message, nil for nobody

	// For the pushing channels, which Deliver and Forget serve.
	Conversations chat.Conversations
	Pictures      chat.Pictures
	Erase         func(ctx context.Context, conversation string) error // everything of it, pictures too
}

// Observation is what metrics count of one message.
type Observation struct {
	Channel  string
	Decision chat.Decision // of the first reply; "" where the bot was silent or the turn failed
	Reason   desk.Reason   // of the ticket that was opened; "" for none
	Masked   []privacy.Kind
	Repeat   bool
	Err      error
	Took     time.Duration
}

// Inbox is the one door for what customers say: whatever the channel, a message is cleaned, masked,
// decided about and kept before anybody sees it.
type Inbox struct{ InboxConfig }

// NewInbox makes an inbox.
func NewInbox(c InboxConfig) *Inbox {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Observe == nil {
		c.Observe = func(Observation) {}
	}
	return &Inbox{c}
}

// Receive takes one message. When it returns without an error, the message, what is said to it and
// the ticket that it opened are on disk. The errors are those of Store.Turn and of the index.
func (in *Inbox) Receive(ctx context.Context, m chat.Message) (TurnResult, error) {
	start := in.Now()
	if m.At.IsZero() {
		m.At = start
	}
	masked := in.Masker.Mask(clean(m.Text))
	m.Text, m.Contact, m.Notice = masked.Text, "", privacy.Notice(masked.Matches)
	in.maskDevice(&m.Device)
	o := Observation{Channel: m.Channel}
	phones := true
	for _, f := range masked.Matches {
		o.Masked = append(o.Masked, f.Kind)
		if phones = phones && f.Kind == privacy.Phone; f.Kind == privacy.Phone && m.Contact == "" {
			m.Contact = f.Secret()
		}
	}
	bot := in.Bot() // one guide for the whole turn, however often it is thought over
	turned, err := in.Store.Turn(ctx, withoutSecrets(m), func(ctx context.Context, s *Session) (Outcome, error) {
		out, err := bot.Step(ctx, s, m)
		if err != nil {
			return Outcome{}, err
		}
		if !phones || out.Contact == "" { // whoever gives the number that was asked for needs no warning
			out = out.notified(m.Notice)
		}
		return in.sealed(out)
	})
	o.Err, o.Repeat, o.Took = err, turned.Repeat, in.Now().Sub(start)
	if len(turned.Replies) > 0 && turned.Replies[0].Reply != nil {
		o.Decision = turned.Replies[0].Reply.Decision
	}
	if turned.Ticket != nil {
		o.Reason = turned.Ticket.Reason
	}
	in.Observe(o)
	if err != nil {
		in.Log.WarnContext(ctx, "message not kept", "conversation", m.Conversation, "channel", m.Channel, "error", err)
		return TurnResult{}, fmt.Errorf("receive a message: %w", err)
	}
	return turned, nil
}

// withoutSecrets is the message as a store may see it.
func withoutSecrets(m chat.Message) chat.Message {
	m.Contact = ""
	return m
}

// sealed seals the contact.
func (in *Inbox) sealed(out Outcome) (Outcome, error) {
	if out.Contact == "" {
		return out, nil
	}
	sealed, err := in.Sealer.Seal(out.Contact, ContactLabel)
	if err != nil {
		return Outcome{}, fmt.Errorf("seal a contact: %w", err)
	}
	out.Contact, out.Sealed = "", sealed
	return out, nil
}

// notified tells what was hidden: in front of what the bot says, or as the system beside an agent.
func (o Outcome) notified(notice string) Outcome {
	switch {
	case notice == "":
	case o.Silent:
		o.System = strings.Join(slices.DeleteFunc([]string{notice, o.System}, func(s string) bool { return s == "" }), "\n")
	default:
		o.Reply.Text = notice + "\n\n" + o.Reply.Text
	}
	return o
}

// clean makes valid UTF-8 of at most MaxText runes, without NUL.
func clean(text string) string {
	if len(text) > MaxText*utf8.UTFMax {
		text = text[:MaxText*utf8.UTFMax] // the rest cannot be within the limit
	}
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
	return cutRunes(text, MaxText)
}
