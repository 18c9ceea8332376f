package chat

import (
	"context"
	"fmt"
	"time"
)

// Sending is one thing on its way out: what a customer of a pushing channel must see, or an
// announcement to a system. Sendings of one lane leave in order, one at a time.
type Sending struct {
	ID         int64
	Lane       string // the conversation's id, or what else must keep its order
	Channel    string // which Channel sends it
	Account    string
	Address    string
	Body       []byte    // JSON: an Entry, or what the channel understands besides
	Attempts   int       // this one included
	Repeatable bool      // may arrive twice: sent again where it is unknown whether it arrived
	QueuedAt   time.Time // zero where it is not known
}

// SendingState is how far a sending is.
type SendingState string

// The closed set of states. A lane waits for its first sending that is queued or being sent; dead and
// unknown ones hold up nothing.
const (
	SendingQueued  SendingState = "queued"
	SendingTaken   SendingState = "sending" // leased to a courier
	SendingSent    SendingState = "sent"
	SendingDead    SendingState = "dead"    // given up, with a reason
	SendingUnknown SendingState = "unknown" // may have arrived or not: never sent again blindly, shown to an agent
)

// Outbox is the queue that a Courier empties. Every method is safe for many couriers on many nodes.
type Outbox interface {
	// Take leases at most limit sendings that are due, at most one a lane, each the first of its lane.
	// A lease that ran out becomes queued again when repeatable, else unknown.
	Take(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Sending, error)
	// Settle ends a lease: sent, dead or unknown with a reason, or queued again not before a time.
	Settle(ctx context.Context, id int64, s Settlement) error
	// Ready returns when something may be due, on whatever node it was queued, or when ctx ends.
	Ready(ctx context.Context) error
}

// Settlement is how one attempt ended.
type Settlement struct {
	State     SendingState
	NotBefore time.Time // for SendingQueued
	Untried   bool      // for SendingQueued: given back without an attempt, which then does not count
	Reason    string    // for people: why it is dead, unknown or late
}

// Channel carries sendings to where customers are. An adapter holds nothing else.
type Channel interface {
	// Name is the Sending.Channel that it carries.
	Name() string
	// Send delivers one sending. nil: it arrived. A *SendError says what is known otherwise; any other
	// error counts as unknown.
	Send(ctx context.Context, s Sending) error
}

// SendError tells what is known of a sending that did not arrive for certain.
type SendError struct {
	State  SendingState  // SendingQueued: certainly not delivered, try again; SendingDead: never will be; SendingUnknown
	After  time.Duration // for SendingQueued: not earlier than this; 0 leaves it to the courier's back-off
	Whole  bool          // After holds for the whole account, not just for this lane
	Reason string        // without secrets
}

// Error is the reason.
func (e *SendError) Error() string { return fmt.Sprintf("%s: %s", e.State, e.Reason) }
