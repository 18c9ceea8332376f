// Package chat holds what every channel speaks: messages in, replies out.
package chat

import (
	"strings"
	"time"
)

// Message is one thing that a customer said, whatever the channel.
type Message struct {
	Conversation string       // "" where nothing is kept
	Channel      string       // "ask", "widget", "telegram", "wechat", …
	ExternalID   string       // the channel's own id of the message, unique within Channel and Conversation
	Text         string       // as typed; masked from bot.Inbox on
	At           time.Time    // when the channel received it
	Attachments  []Attachment // pictures that came with it
	Handoff      bool         // the button for a person was pressed: no detail is asked for any more
	Origin       string       // tells the networks of one day apart, by a keyed hash; "" for unknown

	// OpenTicket is asked before the message opens a ticket, maybe several times; its error refuses the message. nil:
	// it may. A func, so it is kept nowhere.
	OpenTicket func() error
	// ProveTicket is the same before the message's proof of another conversation's ticket is looked at.
	ProveTicket func() error

	// What pushing channels say besides.
	Welcome     bool          // the customer has just come, or asks what this is: Text says how
	Device      Device        // what the channel itself knows, such as the serial number on a scanned sticker; replaces what was known
	Medium      Medium        // what came instead of words; Text then stands for it in the conversation: "[语音]"
	Enclosure   *Enclosure    // what came and is not kept itself, instead of words or beside them; nil for none
	Unseen      bool          // agents cannot be shown what came: the customer is told while a ticket is open
	ReplyWindow time.Duration // the channel may give what is said as the answer to its own request, or together with what is said next: the courier waits so long
	Recalls     string        // the ExternalID of the customer's earlier message that this one takes back: its words are erased; "" for none
	AlbumPart   bool          // a further picture of several that were sent together: without words nothing is said to it
	KV          []KV          // kept with the message, as the conversation's own
	Cursor      *KV           // the channel's place in its stream, kept with the message and belonging to nobody

	// What masking took out of Text. Both are for this turn alone and kept nowhere.
	Contact string // the first telephone number, which the contact detail may take
	Notice  string // what the customer is told about what was hidden; "" when nothing was
}

// RecalledText stands in the conversation where a message was taken back.
const RecalledText = "[已撤回]"

// How long a serial number on a terminal's sticker is, at least and at most.
const minSerial, maxSerial = 8, 24

// ParseSerialNumber reads the payload of a code or a link that stands on a terminal's sticker: 8 to 24 letters, digits
// and dashes, at least one digit among them. It is "" for anything else, such as the name of an advertisement.
func ParseSerialNumber(payload string) string {
	strange := func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	if n := len(payload); n < minSerial || n > maxSerial || strings.ContainsFunc(payload, strange) || !strings.ContainsAny(payload, "0123456789") {
		return ""
	}
	return payload
}
