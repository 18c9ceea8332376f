package wechat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// reply is the passive reply to a message, whenever and wherever it comes.
type reply struct {
	Text string `json:"-"` // "" for success, which shows nothing

	// Of the sendings that are handed over by it:
	Complete  []int64 `json:"whole,omitempty"` // the ids of those that end with it
	Partial   int64   `json:"part,omitempty"`  // one that does not; 0 for none
	PartsSent int     `json:"done,omitempty"`  // how many of Partial's parts are out then
}

// newReply is a page as the reply to a message.
func newReply(p page) reply {
	r := reply{Text: p.text}
	for _, s := range p.complete {
		r.Complete = append(r.Complete, s.ID)
	}
	if p.partial != nil {
		r.Partial, r.PartsSent = p.partial.ID, p.partsSent
	}
	return r
}

// hasSendings tells whether anything is handed over by the reply.
func (r reply) hasSendings() bool { return len(r.Complete) > 0 || r.Partial != 0 }

// equal tells whether two replies are one.
func (r reply) equal(other reply) bool {
	return r.Text == other.Text && r.Partial == other.Partial && r.PartsSent == other.PartsSent && slices.Equal(r.Complete, other.Complete)
}

// encode is the reply as it is kept: JSON, and the text behind it as it is, so that it is never longer
// than a value may be.
func (r reply) encode() ([]byte, error) {
	head, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode a reply: %w", err)
	}
	return append(append(head, '\n'), r.Text...), nil
}

func decodeReply(value []byte) (r reply, err error) {
	head, text, _ := bytes.Cut(value, []byte("\n"))
	if err := json.Unmarshal(head, &r); err != nil {
		return r, fmt.Errorf("decode a reply: %w", err)
	}
	r.Text = string(text)
	return r, nil
}
