// Package desk is the people's side: tickets, who works on them, and when somebody is there. It keeps
// nothing itself: a Store does.
package desk

import (
	"context"
	"time"

	"github.com/yingda/yingda/chat"
)

// Ticket is one case for a person. Its JSON form is a contract. A conversation has at most one ticket
// that is not closed.
type Ticket struct {
	ID           string         `json:"id"`
	Number       string         `json:"number"` // short, for people: 1124-7K3F
	State        State          `json:"state"`
	Reason       Reason         `json:"reason"`
	Urgency      Urgency        `json:"urgency"`
	Category     string         `json:"category"` // of the article that it is about; "" for none
	Conversation string         `json:"conversation"`
	Channel      string         `json:"channel"`
	Customer     chat.Customer  `json:"customer"`
	Device       chat.Device    `json:"device"`
	Articles     []chat.Article `json:"articles"`             // what the bot tried, newest first
	Summary      string         `json:"summary"`              // what the customer wants, for the agent's first glance; masked
	Assignee     string         `json:"holder"`               // the agent who claimed it; "" while waiting
	Outcome      Outcome        `json:"outcome"`              // how it ended
	SameOrigin   int            `json:"same_origin"`          // tickets of the same day from the same network, this one among them; 0 where none is known
	CustomerAt   time.Time      `json:"customer_at,omitzero"` // the customer's oldest word since an agent spoke; zero for none
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at"`
}

// State is how far a ticket is.
type State string

// The closed set of states.
const (
	StateWaiting State = "waiting" // nobody has claimed it
	StateHeld    State = "held"    // an agent works on it: Ticket.Assignee
	StateClosed  State = "closed"
)

// States lists the states, as a ticket goes through them.
func States() []State { return []State{StateWaiting, StateHeld, StateClosed} }

// Outcome is how a ticket ended.
type Outcome string

// The closed set of outcomes.
const (
	OutcomeNone      Outcome = ""          // it has not ended, or an agent closed it and said no more
	OutcomeWithdrawn Outcome = "withdrawn" // the customer called it off
)

// Outcomes lists the outcomes.
func Outcomes() []Outcome { return []Outcome{OutcomeNone, OutcomeWithdrawn} }

// Reason is why the bot handed over.
type Reason string

// The closed set of reasons.
const (
	ReasonAsked    Reason = "asked"    // the customer wants a person
	ReasonArticle  Reason = "article"  // the article says escalate: always
	ReasonUnhelped Reason = "unhelped" // no help twice
	ReasonMoney    Reason = "money"    // money has not arrived
	ReasonFraud    Reason = "fraud"    // somebody took money, or tries to
	ReasonFrozen   Reason = "frozen"   // funds or merchant are frozen
	ReasonAngry    Reason = "angry"    // angry words
)

// Reasons lists the reasons.
func Reasons() []Reason {
	return []Reason{ReasonAsked, ReasonArticle, ReasonUnhelped, ReasonMoney, ReasonFraud, ReasonFrozen, ReasonAngry}
}

// Urgency orders the queue: urgent first, then high, then the rest; older ones first within each.
type Urgency string

// The closed set of urgencies.
const (
	UrgencyNormal Urgency = "normal"
	UrgencyHigh   Urgency = "high"
	UrgencyUrgent Urgency = "urgent"
)

// Urgencies lists the urgencies, least first.
func Urgencies() []Urgency { return []Urgency{UrgencyNormal, UrgencyHigh, UrgencyUrgent} }

// TicketDraft is a ticket that the bot wants to open; the store adds the rest.
type TicketDraft struct {
	Number   string // unique; a taken one makes the turn repeat
	Reason   Reason
	Urgency  Urgency
	Category string
	Articles []chat.Article
	Summary  string
}

// Filter chooses tickets; the zero value means all that are not closed.
type Filter struct {
	States   []State
	Assignee string
	Before   string // of the closed ones those that closed before the one of that id or number; "" for all
	Limit    int    // 0: 100
}

// Event is one thing that happened to a ticket, for the audit trail and for announcements.
type Event string

// The closed set of events.
const (
	EventOpened      Event = "ticket.opened"
	EventClaimed     Event = "ticket.claimed"
	EventReplied     Event = "ticket.replied"
	EventNoted       Event = "ticket.noted"
	EventTransferred Event = "ticket.transferred"
	EventTaken       Event = "ticket.taken"    // from the agent who held it, by another one
	EventReturned    Event = "ticket.returned" // to the queue: its holder left the customer waiting
	EventUnseen      Event = "ticket.unseen"   // the customer was told that agents cannot open what he sent
	EventClosed      Event = "ticket.closed"
	EventRevealed    Event = "contact.revealed"
)

// Events lists the events.
func Events() []Event {
	return []Event{EventOpened, EventClaimed, EventReplied, EventNoted, EventTransferred, EventTaken, EventReturned, EventUnseen, EventClosed, EventRevealed}
}

// Note is what agents tell each other; no customer sees it.
type Note struct {
	By   string    `json:"by"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Change is what an agent's act makes of a ticket. A store commits it as a whole: ticket, entries, who holds
// the conversation, the note, the audit record and the announcement.
type Change struct {
	Ticket   Ticket       // as it becomes
	Event    Event        // always set
	Say      []chat.Entry // appended to the conversation, and sent; without Seq, ID and At
	ClientID string       // makes Say idempotent: the same one of this ticket and agent again changes nothing; the agent's first entry bears it; "" for none
	Holder   chat.Holder  // who speaks from now on; "" leaves it
	Note     string       // "" for none
	Detail   string       // for the audit trail, without the text of an entry
}

// Activity is what agents who follow a conversation elsewhere, such as in a group, are told of it: the body of
// a sending whose lane is the conversation as seen from there. While a conversation has an open ticket every
// entry is an activity, and so is what opens and closes it.
type Activity struct {
	Conversation chat.Conversation `json:"conversation"`
	Entry        chat.Entry        `json:"entry"`
	By           string            `json:"by"`       // the agent who wrote Entry; "" where nobody of the desk did
	ExternalID   string            `json:"external"` // the entry's id where it came from: of the customer's message, or ReplyRequest.ClientID; "" for none
	Event        Event             `json:"event"`    // what the same commit made of the ticket, with its last entry; "" for nothing
	Ticket       *Ticket           `json:"ticket"`   // the conversation's newest, as it is after the commit; nil for none
	Former       string            `json:"former"`   // the agent from whom the same commit took the ticket; "" for nobody
	Lost         string            `json:"lost"`     // why Entry may not have reached the customer, or did not; "" for everything else
	Unknown      bool              `json:"unknown"`  // Lost: it may have arrived
}

// Store keeps tickets. It is safe for concurrent use, also by several nodes.
type Store interface {
	// ListTickets lists those that are open by urgency, then age, and behind them the closed ones, the newest first.
	// chat.ErrNotFound when there is no f.Before.
	ListTickets(ctx context.Context, f Filter) ([]Ticket, error)
	// ListUnattended are the held tickets whose customer has waited for a word since that time, and whose holder was
	// last seen before it.
	ListUnattended(ctx context.Context, since time.Time) ([]Ticket, error)
	// FindTicket is one ticket by its id or its number; chat.ErrNotFound.
	FindTicket(ctx context.Context, idOrNumber string) (Ticket, error)
	// FindNewest is a conversation's newest ticket; chat.ErrNotFound.
	FindNewest(ctx context.Context, conversation string) (Ticket, error)
	// ListNotes are a ticket's notes, oldest first.
	ListNotes(ctx context.Context, id string) ([]Note, error)
	// UpdateTicket commits what decide makes of the ticket as it is. decide runs inside of the transaction, may
	// run again, and its error (chat.ErrConflict, chat.ErrForbidden, …) leaves everything as it was. ErrClientIDUsed
	// when the agent has said something else under Change.ClientID. by is noted as seen, unless nobody did it.
	UpdateTicket(ctx context.Context, id string, by Agent, decide func(Ticket) (Change, error)) (Ticket, error)
	// RevealContact is the sealed contact of a ticket's conversation, nil for none; that it was looked at is
	// audited in the same commit.
	RevealContact(ctx context.Context, id string, by Agent) ([]byte, error)
	// NoteSeen keeps that an agent of that name is there now, to the half-minute.
	NoteSeen(ctx context.Context, agent string) error
}
