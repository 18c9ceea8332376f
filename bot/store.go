package bot

import (
	"context"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// Store keeps conversations turn by turn. It is safe for concurrent use, also by several nodes.
type Store interface {
	// Turn does one turn of m.Conversation as a whole. It loads the session, lets think decide outside
	// of any transaction, and commits at once: the message, the session, what is said (into the
	// conversation and, for a pushing channel, the outbox), and the ticket. When somebody else changed the
	// conversation meanwhile, think is called again with a fresh copy; it must have no other effects.
	//
	// A message whose Channel and External are known already changes nothing and gets what it led to,
	// with Repeat. m.Text is masked already. Errors: chat.ErrNotFound for an unknown conversation,
	// chat.ErrBusy when nothing could be kept. A nil error means that everything is on disk.
	Turn(ctx context.Context, m chat.Message, think StepFunc) (TurnResult, error)
}

// StepFunc decides about one message: Step, and the sealing of a contact.
type StepFunc func(ctx context.Context, s *Session) (Outcome, error)

// TurnResult is what became of one message.
type TurnResult struct {
	Message chat.Entry   // as it is kept
	Replies []chat.Entry // what was said to it, in order; none while an agent holds the conversation
	Ticket  *desk.Ticket // what this turn opened, or nil
	Newest  string       // the number of the conversation's newest ticket; "" for none
	Repeat  bool         // it had been received before
}
