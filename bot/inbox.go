package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/privacy"
)

// Store keeps conversations turn by turn. It is safe for concurrent use, also by several nodes.
type Store interface {
	// Turn does one turn of m.Conversation as a whole. It loads the session, lets step decide outside
	// of any transaction, and commits at once: the message, the session, what is said (into the
	// conversation and, for a pushing channel, the outbox), and the ticket. When somebody else changed the
	// conversation meanwhile, step is called again with a fresh copy; it must have no other effects.
	//
	// A message whose Conversation, Channel and ExternalID are known already changes nothing and gets what it led to,
	// with Repeat. m.Text is masked already. Errors: chat.ErrNotFound for an unknown conversation,
	// chat.ErrBusy when nothing could be kept. A nil error means that everything is on disk.
	Turn(ctx context.Context, m chat.Message, step StepFunc) (TurnResult, error)
}

// StepFunc decides about one message: Step, and the sealing of a contact.
type StepFunc func(ctx context.Context, s *Session) (Outcome, error)

// TurnResult is what became of one message.
type TurnResult struct {
	Message chat.Entry   // as it is kept
	Replies []chat.Entry // what was said to it, in order; none while an agent holds the conversation
	Ticket  *desk.Ticket // what this turn opened, or nil
	Newest  string       // the number of the conversation's newest ticket; "" for none
	Proven  string       // another conversation, whose ticket the message proved to be the customer's; "" for none
	Repeat  bool         // it had been received before
}

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

var _ chat.Inbox = (*Inbox)(nil)

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

// Deliver keeps one message of the customer at an address of a pushing channel.
func (in *Inbox) Deliver(ctx context.Context, from chat.OpenRequest, m chat.Message) (chat.Receipt, error) {
	c, err := in.Conversations.EnsureConversation(ctx, in.Sanitize(from))
	if err != nil {
		in.deletePictures(ctx, m.Attachments, nil)
		return chat.Receipt{}, fmt.Errorf("find the customer's conversation: %w", err)
	}
	m.Conversation, m.Channel = c.ID, c.Channel
	result, err := in.Receive(ctx, m)
	if err == nil || errors.Is(err, chat.ErrNotFound) || errors.Is(err, chat.ErrConflict) {
		// A repeat brings its pictures again. After any other error the message may still be kept: what belongs
		// to none is swept a day later.
		in.deletePictures(ctx, m.Attachments, result.Message.Attachments)
	}
	if err != nil {
		return chat.Receipt{}, err
	}
	return chat.Receipt{Conversation: c, Message: result.Message, Replies: result.Replies, Repeat: result.Repeat}, nil
}

// Receive does one turn with a message. When it returns without an error, the message, what is said to it and
// the ticket that it opened are on disk. The errors are those of Store.Turn and of the index.
func (in *Inbox) Receive(ctx context.Context, m chat.Message) (TurnResult, error) {
	start := in.Now()
	if m.At.IsZero() {
		m.At = start
	}
	masked := in.Masker.Mask(clean(m.Text))
	m.Text, m.Contact, m.Notice = masked.Text, "", privacy.Notice(masked.Matches)
	in.maskDevice(&m.Device)
	in.maskEnclosure(&m)
	o := Observation{Channel: m.Channel}
	onlyPhones := true
	for _, f := range masked.Matches {
		o.Masked = append(o.Masked, f.Kind)
		if onlyPhones = onlyPhones && f.Kind == privacy.Phone; f.Kind == privacy.Phone && m.Contact == "" {
			m.Contact = f.Secret()
		}
	}
	kept := m
	kept.Contact = ""   // the step alone sees it
	stepper := in.Bot() // one guide for the whole turn, however often it is thought over
	result, err := in.Store.Turn(ctx, kept, func(ctx context.Context, s *Session) (Outcome, error) {
		out, err := stepper.Step(ctx, s, m)
		if err != nil {
			return Outcome{}, err
		}
		if out.Ticket != nil && m.OpenTicket != nil {
			if err := m.OpenTicket(); err != nil {
				return Outcome{}, fmt.Errorf("open a ticket: %w", err)
			}
		}
		if !onlyPhones || out.Contact == "" { // whoever gives the number that was asked for needs no warning
			out = out.withNotice(m.Notice)
		}
		if out.Contact != "" {
			if out.Sealed, err = in.Sealer.SealContact(m.Conversation, out.Contact); err != nil {
				return Outcome{}, fmt.Errorf("seal the contact of conversation %q: %w", m.Conversation, err)
			}
			out.Contact = ""
		}
		return out, nil
	})
	o.Err, o.Repeat, o.Took = err, result.Repeat, in.Now().Sub(start)
	if len(result.Replies) > 0 && result.Replies[0].Reply != nil {
		o.Decision = result.Replies[0].Reply.Decision
	}
	if result.Ticket != nil {
		o.Reason = result.Ticket.Reason
	}
	in.Observe(o)
	if err != nil {
		in.Log.WarnContext(ctx, "message not kept", "conversation", m.Conversation, "channel", m.Channel, "error", err)
		return TurnResult{}, fmt.Errorf("receive a message: %w", err)
	}
	return result, nil
}

// withNotice tells what was hidden: in front of what the bot says, or as the system beside an agent.
func (o Outcome) withNotice(notice string) Outcome {
	switch {
	case notice == "":
	case o.Silent:
		o.System = paragraphs(notice, o.System)
	default:
		o.Reply.Text = notice + "\n\n" + o.Reply.Text
	}
	return o
}

// deletePictures deletes the pictures that came and were not kept. One that stays costs some disk until it is swept.
func (in *Inbox) deletePictures(ctx context.Context, came, kept []chat.Attachment) {
	var ids []string
	for _, a := range came {
		if !slices.ContainsFunc(kept, func(k chat.Attachment) bool { return k.ID == a.ID }) {
			ids = append(ids, a.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	if err := in.Pictures.Delete(ids...); err != nil {
		in.Log.WarnContext(ctx, "a picture is left over", "error", err)
	}
}

// Forget erases the customer at an address; nothing when there is none.
func (in *Inbox) Forget(ctx context.Context, channel, account, address string) error {
	c, err := in.Conversations.EnsureConversation(ctx, chat.OpenRequest{Channel: channel, Account: account, Address: address})
	if err != nil {
		return fmt.Errorf("find a customer to forget: %w", err)
	}
	if err := in.Erase(ctx, c.ID); err != nil {
		return fmt.Errorf("forget a customer: %w", err)
	}
	return nil
}

// MaxText is how many runes of one message are kept; what is longer is cut there.
const MaxText = 4000

// clean makes valid UTF-8 of at most MaxText runes, without NUL.
func clean(text string) string {
	if len(text) > MaxText*utf8.UTFMax {
		text = text[:MaxText*utf8.UTFMax] // the rest cannot be within the limit
	}
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
	return cutRunes(text, MaxText)
}

// Sanitize makes what a conversation begins with fit to be kept: the customer's name and the details of
// the device are masked, and the contact is veiled there and sealed beside it.
func (in *Inbox) Sanitize(o chat.OpenRequest) chat.OpenRequest {
	o.Customer.Name = in.Masker.Mask(clean(o.Customer.Name)).Text
	contact := strings.TrimSpace(clean(o.Device.Contact))
	in.maskDevice(&o.Device)
	o.Device.Contact, o.SealContact = "", nil
	if contact != "" {
		o.Device.Contact = privacy.MaskContact(contact)
		o.SealContact = func(conversation string) ([]byte, error) { return in.Sealer.SealContact(conversation, contact) }
	}
	return o
}

// HoldsCard tells whether a text that cannot be masked, such as an id, holds a payment card's number.
func (in *Inbox) HoldsCard(text string) bool {
	return slices.ContainsFunc(in.Masker.Mask(text).Matches, func(m privacy.Match) bool { return m.Kind == privacy.Card })
}

// maskDevice masks every detail. Its name comes before a number, as on a receipt, so that the masker knows
// a merchant number from a card's. What is surely a UnionPay card's number is none of them, whatever the name.
func (in *Inbox) maskDevice(d *chat.Device) {
	if *d == (chat.Device{}) { // as a rule
		return
	}
	for _, f := range d.Fields() {
		value, name := strings.TrimSpace(clean(*f.Value)), kb.Slot(f.ID).Spec().Printed
		masked, ok := strings.CutPrefix(in.Masker.Mask(name+value).Text, name)
		if alone := in.Masker.Mask(value); !ok || privacy.HasUnionPay(alone.Matches) {
			masked = alone.Text
		}
		*f.Value = masked
	}
}

// maxEnclosed is how many runes are kept of a name on what came.
const maxEnclosed = 200

// maskEnclosure masks what stands on what came. A number on a card is somebody's telephone, of whatever country.
func (in *Inbox) maskEnclosure(m *chat.Message) {
	if m.Enclosure == nil {
		return
	}
	masked := *m.Enclosure
	for _, text := range []*string{&masked.Name, &masked.Type} {
		*text = in.Masker.Mask(cutRunes(clean(*text), maxEnclosed)).Text
	}
	if masked.Contact != "" {
		masked.Contact = privacy.MaskContact(clean(masked.Contact))
	}
	m.Enclosure = &masked
}
