package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/yingda/yingda/chat"
)

// answer is how a message is answered, whenever and wherever it comes.
type answer struct {
	Text string `json:"-"` // "" for success, which shows nothing

	// Of the sendings that are handed over by it:
	Whole []int64 `json:"whole,omitempty"` // the ids of those that end with it
	Part  int64   `json:"part,omitempty"`  // one that does not; 0 for none
	Done  int     `json:"done,omitempty"`  // how many of Part's pieces are out then
}

// hands tells whether anything is handed over by the answer.
func (a answer) hands() bool { return len(a.Whole) > 0 || a.Part != 0 }

// same tells whether two answers are one.
func (a answer) same(b answer) bool {
	return a.Text == b.Text && a.Part == b.Part && a.Done == b.Done && slices.Equal(a.Whole, b.Whole)
}

// encode is the answer as a mark's value: JSON, and the text behind it as it is, so that it is never longer
// than a mark may be.
func (a answer) encode() ([]byte, error) {
	head, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("write an answer: %w", err)
	}
	return append(append(head, '\n'), a.Text...), nil
}

func decodeAnswer(value []byte) (a answer, err error) {
	head, text, _ := bytes.Cut(value, []byte("\n"))
	if err := json.Unmarshal(head, &a); err != nil {
		return a, fmt.Errorf("read an answer: %w", err)
	}
	a.Text = string(text)
	return a, nil
}

// mark is where the answer to a flight's message is kept. conversation is "" where it is not known.
func (c *Channel) mark(f *flight, a answer, conversation string) (chat.KV, error) {
	value, err := a.encode()
	return chat.KV{Key: f.key, Value: value, Conversation: conversation, ExpiresAt: c.c.Now().Add(memory)}, err
}

// kept is the answer that a message got before; false when none is known.
func (c *Channel) kept(ctx context.Context, f *flight) (answer, bool) {
	value, err := c.c.Marks.GetKV(ctx, f.key)
	if err != nil {
		if !errors.Is(err, chat.ErrNotFound) {
			c.c.Log.WarnContext(ctx, "cannot look for an answer", "account", f.a.Name, "error", err)
		}
		return answer{}, false
	}
	a, err := decodeAnswer(value)
	return a, err == nil
}

// claim makes want the message's answer, unless it has one: the answer that it has then, and whether that
// is want.
func (c *Channel) claim(ctx context.Context, f *flight, want answer, conversation string) (got answer, ours bool, err error) {
	m, err := c.mark(f, want, conversation)
	if err != nil {
		return answer{}, false, err
	}
	value, err := c.c.Marks.ClaimKV(ctx, m)
	if err != nil {
		return answer{}, false, fmt.Errorf("claim an answer: %w", err)
	}
	got, err = decodeAnswer(value)
	return got, bytes.Equal(value, m.Value), err
}

// claimPatiently claims again and again while the database is busy: a claim that failed may have been kept.
func (c *Channel) claimPatiently(ctx context.Context, f *flight, want answer, conversation string) (got answer, ours bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lease/2)
	defer cancel()
	for n := 0; ; n++ {
		got, ours, err = c.claim(ctx, f, want, conversation)
		if err == nil || !rest(ctx, again(n)) {
			return got, ours, err
		}
	}
}
