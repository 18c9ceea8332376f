package kf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/yingda/yingda/chat"
)

// What may be sent to a customer who wrote: so many messages, for so long. The host counts, and has the last
// word; our own count is for agents to see.
const (
	sends     = 5
	sendsLast = 48 * time.Hour
	spareTime = time.Hour // how much longer our count is kept
)

// keys are the names of what is remembered of one customer at one desk.
type keys struct {
	spoke   string // when the customer wrote last: kept with the message
	sent    string // what was sent since then: kept with the sending
	welcome string // the code that lets something be said to who has just come
}

func keysOf(account string, who address) keys {
	prefix := Name + "/" + account + "/" + who.String() + "/"
	return keys{prefix + "spoke", prefix + "sent", prefix + "welcome"}
}

// spokeAt notes when a customer wrote.
func (k keys) spokeAt(at time.Time) chat.KV {
	return chat.KV{Key: k.spoke, Value: strconv.AppendInt(nil, at.Unix(), 10), ExpiresAt: at.Add(sendsLast)}
}

// sent is what was sent since a customer wrote. It is of no account once they write again.
type sent struct {
	Since int64  `json:"since"`           // when the customer wrote
	N     int    `json:"n"`               // messages
	Held  string `json:"held,omitempty"`  // the lane in which something waits for the customer; "" for none
	Doubt string `json:"doubt,omitempty"` // the id of the message that may have arrived or not; "" for none
}

// quota is what is known of what may be sent to a customer.
type quota struct {
	keys  keys
	spoke int64 // when they wrote within the last 48 hours, in seconds since 1970; 0 for not
	sent  sent
}

// quota reads it.
func (c *Channel) quota(ctx context.Context, account string, who address) (q quota, err error) {
	q.keys = keysOf(account, who)
	raw, err := c.mark(ctx, q.keys.spoke)
	if err != nil {
		return q, err
	}
	if q.spoke, err = strconv.ParseInt(string(raw), 10, 64); err != nil {
		q.spoke = 0 // none is kept
	}
	if raw, err = c.mark(ctx, q.keys.sent); err != nil {
		return q, err
	}
	if json.Unmarshal(raw, &q.sent) != nil {
		q.sent = sent{} // none is kept
	}
	if q.sent.Since != q.spoke {
		q.sent.Since, q.sent.N = q.spoke, 0
	}
	return q, nil
}

// left is how much may still be sent.
func (q quota) left() int {
	if q.spoke == 0 {
		return 0
	}
	return max(sends-q.sent.N, 0)
}

// mark keeps what was sent.
func (q quota) mark(conversation string, now time.Time) (chat.KV, error) {
	raw, err := json.Marshal(q.sent)
	if err != nil {
		return chat.KV{}, fmt.Errorf("write what was sent: %w", err)
	}
	until := now.Add(sendsLast + spareTime)
	if q.sent.Held != "" {
		until = time.Time{} // the customer may write whenever they like
	}
	return chat.KV{Key: q.keys.sent, Value: raw, Conversation: conversation, ExpiresAt: until}, nil
}

// mark is what is kept under a key; nil for nothing.
func (c *Channel) mark(ctx context.Context, key string) ([]byte, error) {
	raw, err := c.c.Marks.GetKV(ctx, key)
	if errors.Is(err, chat.ErrNotFound) {
		return nil, nil
	}
	return raw, err
}

// release makes due what waits for the customer, who is here now.
func (l *lane) release(ctx context.Context, who address) error {
	q, err := l.c.quota(ctx, l.a.Name, who)
	if err != nil || q.sent.Held == "" {
		return err
	}
	if err := l.c.c.Outbox.ReleaseLane(ctx, q.sent.Held); err != nil {
		return fmt.Errorf("release what waits for a customer: %w", err)
	}
	return nil // what is sent then ends the mark
}

// SendQuota is how much may still be sent to the customer of a conversation.
func (c *Channel) SendQuota(ctx context.Context, conversation chat.Conversation) (chat.SendQuota, bool, error) {
	who, ok := parseAddress(conversation.Address)
	if !ok || conversation.Channel != Name {
		return chat.SendQuota{}, false, nil
	}
	q, err := c.quota(ctx, conversation.Account, who)
	if err != nil {
		return chat.SendQuota{}, false, fmt.Errorf("look what may be sent: %w", err)
	}
	a := chat.SendQuota{Remaining: q.left()}
	if q.spoke != 0 {
		a.ExpiresAt = time.Unix(q.spoke, 0).UTC().Add(sendsLast)
	}
	return a, true, nil
}
