package desk

import "time"

// Outage is an account of a channel that does not work any more. Its JSON form is a contract.
type Outage struct {
	Channel string    `json:"channel"`
	Account string    `json:"account"`
	Since   time.Time `json:"since"`
	Reason  string    `json:"reason"` // for whoever runs the program, in English, without secrets
}

// OutageEvent is what is announced of an Outage.
type OutageEvent string

// The closed set of these events.
const (
	EventChannelDown OutageEvent = "channel.down"
	EventChannelUp   OutageEvent = "channel.up"
)
