package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/yingda/yingda/finding"
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
	PartsSent  int       // how many of its parts arrived in earlier attempts
	Idempotent bool      // may arrive twice: sent again where it is unknown whether it arrived
	QueuedAt   time.Time // zero where it is not known
}

// SendingState is how far a sending is.
type SendingState string

// The closed set of states. A lane waits for its first sending that is queued or being sent; dead and
// unknown ones hold up nothing.
const (
	SendingQueued  SendingState = "queued"
	SendingLeased  SendingState = "sending" // leased to a courier
	SendingSent    SendingState = "sent"
	SendingDead    SendingState = "dead"    // given up, with a reason
	SendingUnknown SendingState = "unknown" // may have arrived or not: never sent again blindly, shown to an agent
)

// Outbox is the queue that a Courier empties. Every method is safe for many couriers on many nodes.
type Outbox interface {
	// Lease leases at most limit sendings that are due, at most one a lane, each the first of its lane.
	// A lease that ran out becomes queued again when repeatable, else unknown.
	Lease(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Sending, error)
	// Settle ends a lease: sent, dead or unknown with a reason, or queued again not before a time.
	Settle(ctx context.Context, id int64, s Settlement) error
	// LeaseLane leases everything that is queued in one lane, in order and whatever its time, to a channel that
	// hands it over by itself. behind is the id of the lane's sending that the caller has leased
	// already, 0 for none: while another one has a lease there, nothing is taken. A lease that runs out
	// ends as those of Lease.
	LeaseLane(ctx context.Context, lane string, behind int64, lease time.Duration) ([]Sending, error)
	// WaitDue returns when something may be due, on whatever node it was queued, or when ctx ends.
	WaitDue(ctx context.Context) error
}

// Settlement is how one attempt ended.
type Settlement struct {
	State     SendingState
	NotBefore time.Time // for SendingQueued
	Untried   bool      // for SendingQueued: given back without an attempt, which then does not count
	Reason    string    // for agents, in Chinese: why it is dead, unknown or late
	PartsSent int       // how many of its parts have arrived; never less than before
	KV        []KV      // kept in the same commit
}

// Channel carries sendings to where customers are. An adapter holds nothing else.
type Channel interface {
	// Name is the Sending.Channel that it carries.
	Name() string
	// Send delivers one sending. nil: it arrived. A *SendError says what is known otherwise; any other
	// error counts as unknown. The values are kept in the commit that says how it ended.
	Send(ctx context.Context, s Sending) ([]KV, error)
}

// Runner is a Channel that has something to do besides sending.
type Runner interface {
	// Run does it until ctx ends, and returns when nothing is under way any more.
	Run(ctx context.Context)
}

// QuotaReporter is a Channel that may not send for ever: agents are told how much is left.
type QuotaReporter interface {
	// SendQuota is what may still be sent to the customer of a conversation; ok is false where there is no limit.
	SendQuota(ctx context.Context, c Conversation) (a SendQuota, ok bool, err error)
}

// Checker is a Channel that can look at its accounts.
type Checker interface {
	// Check calls the host for an account and says in words what is right and what is wrong. It changes
	// nothing there, and no secret is in its words.
	Check(ctx context.Context, account string) finding.List
}

// SendQuota is how often, and until when, a customer may still be sent something.
type SendQuota struct {
	Remaining int       // sends; 0: what is said waits for the customer's next message
	ExpiresAt time.Time // the end of the window
}

// Destination is where announcements go besides.
type Destination struct{ Channel, Account, Address string }

// SendError tells what is known of a sending that did not arrive for certain.
type SendError struct {
	State          SendingState  // SendingQueued: certainly not delivered, try again; SendingDead: never will be; SendingUnknown
	RetryAfter     time.Duration // for SendingQueued: not earlier than this; 0 leaves it to the courier's back-off
	PausesAccount  bool          // RetryAfter is for the whole account, not just for this lane
	AwaitsCustomer bool          // waits for the customer, however long: it does not get too old
	PartsSent      int           // how many parts of the sending have arrived
	Reason         string        // for agents, in Chinese, without secrets
}

// Error is the reason.
func (e *SendError) Error() string { return fmt.Sprintf("%s: %s", e.State, e.Reason) }
