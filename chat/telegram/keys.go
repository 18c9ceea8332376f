package telegram

import (
	"crypto/hmac"
	"fmt"
	"time"
)

// kvTTL is how long it is kept which message of Telegram's an entry came from, which ones it became, and back; less
// where their conversation is erased.
const kvTTL = 90 * 24 * time.Hour

// kvKey is "telegram/ACCOUNT/KIND/…". What is kept outlives an upgrade: kinds keep their names.
func kvKey(accountName, kind string, ids ...any) string {
	key := Name + "/" + accountName + "/" + kind
	for _, id := range ids {
		key += fmt.Sprintf("/%v", id)
	}
	return key
}

// Source is the message that a customer's entry came from.
type Source struct {
	Chat    int64  `json:"chat"`
	Message int    `json:"message"`
	Thread  int    `json:"thread,omitempty"`  // the thread of a private chat that it is in; 0 for none
	Answers int    `json:"answers,omitempty"` // the message of the same chat that it answers; 0 for none
	Edit    bool   `json:"edit,omitempty"`    // Message had been delivered before, and says something else now
	Sum     string `json:"sum"`               // of its text, by Account.Sum
	Copy    bool   `json:"copy,omitempty"`    // agents may be shown it as it is, where masking changed nothing
}

// SourceKey is where the Source of the entry with an external id is kept.
func SourceKey(accountName, external string) string {
	return kvKey(accountName, "source", external)
}

// Verbatim tells whether an entry's text is what was typed, so that the message may be copied to agents
// as it is: masking changed nothing.
func (s Source) Verbatim(a Account, text string) bool {
	return hmac.Equal([]byte(s.Sum), []byte(a.Sum(text)))
}

// Sent are the messages that an entry became, in order.
type Sent struct {
	Chat     int64 `json:"chat"`
	Messages []int `json:"messages"`
	Thread   int   `json:"thread,omitempty"` // the thread of a private chat that they are in; 0 for none
}

// SentKey is where the Sent of an entry is kept.
func SentKey(accountName, conversation string, seq int64) string {
	return kvKey(accountName, "sent", conversation, seq)
}

// MessageRef is what a message is in a conversation: a customer's has an External, one of ours a Conversation
// and a Seq.
type MessageRef struct {
	External     string `json:"external,omitempty"`
	Sum          string `json:"sum,omitempty"`  // of the newest text, by Account.Sum
	File         string `json:"file,omitempty"` // what tells the newest file from every other
	Conversation string `json:"conversation,omitempty"`
	Seq          int64  `json:"seq,omitempty"`
}

// MessageKey is where the MessageRef of a message is kept.
func MessageKey(accountName string, chat int64, message int) string {
	return kvKey(accountName, "said", chat, message)
}

// MovedKey is where the id of the supergroup is kept that a group became.
func MovedKey(accountName string, chat int64) string {
	return kvKey(accountName, "moved", chat)
}

// lastMessageKey is where the number of the newest message of a customer in a group is kept: what is said to
// them answers it.
func lastMessageKey(accountName, address string) string {
	return kvKey(accountName, "last", address)
}

// threadKey is where the thread of a private chat is kept in which the customer wrote last: what is said to them goes
// there.
func threadKey(accountName, address string) string { return kvKey(accountName, "thread", address) }

// albumKey is where the external id of an album's first message is kept.
func albumKey(accountName, album string) string { return kvKey(accountName, "album", album) }

// scriptKey is where the script is kept that somebody reads.
func scriptKey(accountName, address string) string {
	return kvKey(accountName, "language", address)
}
