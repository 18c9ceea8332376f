package desk

import "github.com/yingda/yingda/chat"

// Activity is what agents who follow a conversation elsewhere, such as in a group, are told of it: the body of
// a sending whose lane is the conversation as seen from there. While an agent holds a conversation every
// entry is an activity, and so is what opens and closes a ticket.
type Activity struct {
	Conversation chat.Conversation `json:"conversation"`
	Entry        chat.Entry        `json:"entry"`
	By           string            `json:"by"`       // the agent who wrote Entry; "" where nobody of the desk did
	ExternalID   string            `json:"external"` // the entry's id where it came from: of the customer's message, or ReplyRequest.ClientID; "" for none
	Event        Event             `json:"event"`    // what the same commit made of the ticket, with its last entry; "" for nothing
	Ticket       *Ticket           `json:"ticket"`   // the conversation's newest, as it is after the commit; nil for none
	Lost         string            `json:"lost"`     // why Entry may not have reached the customer, or did not; "" for everything else
	Unknown      bool              `json:"unknown"`  // Lost: it may have arrived
}
