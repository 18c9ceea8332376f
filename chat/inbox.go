package chat

import (
	"context"
	"io"
)

// Inbox is the door for what happens on a pushing channel. Every method is safe for concurrent use.
type Inbox interface {
	// Deliver keeps one message of the customer at the opening's address, whose conversation is made when
	// there is none. A nil error means that the message and what is said to it are on disk: only then is
	// it acknowledged to the channel's host. The same customer's message of the same Channel and ExternalID again changes nothing. Of the
	// message's pictures none is left behind when it was not kept. Errors: ErrBusy, when it should come again.
	Deliver(ctx context.Context, from OpenRequest, m Message) (Receipt, error)
	// Forget erases the customer at an address, as a channel demands when somebody leaves it.
	Forget(ctx context.Context, channel, account, address string) error
}

// Receipt is what became of one message.
type Receipt struct {
	Conversation Conversation // as it was before the message
	Message      Entry        // as it is kept: masked
	Replies      []Entry      // what was said to it, in order; none while an agent holds the conversation
	Repeat       bool         // it had been received before
}

// Pictures keeps customers' and agents' pictures.
type Pictures interface {
	// Save writes a picture anew and keeps it. An error with a method Text() string is the sender's to
	// mend, and Text tells them how, in Chinese.
	Save(ctx context.Context, r io.Reader) (Attachment, error)
	// Open reads one; ErrNotFound. Of the attachment ID, Type and Size are filled in. Whoever opened it closes it.
	Open(ctx context.Context, id string) (io.ReadCloser, Attachment, error)
	// Delete deletes pictures that no message has.
	Delete(ids ...string) error
}
