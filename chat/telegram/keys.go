package telegram

import (
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"time"
)

// What is where, kept as marks: which message of Telegram's an entry came from, which ones it became, and
// back. They last for markLife, or until their conversation is erased.
const markLife = 90 * 24 * time.Hour

// Source is the message that a customer's entry came from.
type Source struct {
	Chat    int64  `json:"chat"`
	Message int    `json:"message"`
	Answers int    `json:"answers,omitempty"` // the message of the same chat that it answers; 0 for none
	Edit    bool   `json:"edit,omitempty"`    // Message had been delivered before, and says something else now
	Sum     string `json:"sum"`               // of its text, by Account.Sum
}

// SourceKey is where the Source of the entry with an external id is kept.
func SourceKey(account, external string) string {
	return "telegram/" + account + "/source/" + external
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
}

// SentKey is where the Sent of an entry is kept.
func SentKey(account, conversation string, seq int64) string {
	return fmt.Sprintf("telegram/%s/sent/%s/%d", account, conversation, seq)
}

// Said is what a message is in a conversation: a customer's has an External, one of ours a Conversation
// and a Seq.
type Said struct {
	External     string `json:"external,omitempty"`
	Sum          string `json:"sum,omitempty"` // of the newest text, by Account.Sum
	Conversation string `json:"conversation,omitempty"`
	Seq          int64  `json:"seq,omitempty"`
}

// SaidKey is where the Said of a message is kept.
func SaidKey(account string, chat int64, message int) string {
	return fmt.Sprintf("telegram/%s/said/%d/%d", account, chat, message)
}

// MovedKey is where the id of the supergroup is kept that a group became.
func MovedKey(account string, chat int64) string {
	return fmt.Sprintf("telegram/%s/moved/%d", account, chat)
}

// lastKey is where the number of the newest message of a customer in a group is kept: what is said to
// them answers it.
func lastKey(account, address string) string { return "telegram/" + account + "/last/" + address }

// albumKey is where the external id of an album's first message is kept.
func albumKey(account, album string) string { return "telegram/" + account + "/album/" + album }

// languageKey is where the script is kept that somebody reads.
func languageKey(account, address string) string {
	return "telegram/" + account + "/language/" + address
}

// decodeKV reads a value that kv encoded.
func decodeKV(value []byte, into any) error {
	if err := json.Unmarshal(value, into); err != nil {
		return fmt.Errorf("read a mark: %w", err)
	}
	return nil
}
