package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
)

// How often a customer may be sent something: since 2023-06-12 five times within 48 hours of their message,
// three times within a minute of a tap, a scan or following.
const (
	afterMessage, messageLasts = 5, 48 * time.Hour
	afterAction, actionLasts   = 3, time.Minute
	scarce                     = 2 // so few are left that texts are merged
)

// allowance is one permission to send.
type allowance struct {
	Left  int       `json:"left"`
	Until time.Time `json:"until"`
}

// ledger is what is known of the sends to one customer. WeChat's own count is right where they differ: a
// refusal empties the ledger.
type ledger struct {
	message, action allowance
	known           bool // false: WeChat is to be asked
}

// left is how many sends are allowed.
func (l *ledger) left(now time.Time) (n int) {
	for _, a := range []allowance{l.message, l.action} {
		if now.Before(a.Until) {
			n += a.Left
		}
	}
	return n
}

// spend takes one, of those that end first.
func (l *ledger) spend(now time.Time) {
	for _, a := range []*allowance{&l.action, &l.message} {
		if a.Left > 0 && now.Before(a.Until) {
			a.Left--
			return
		}
	}
}

// empty believes WeChat that nothing is left.
func (l *ledger) empty() { l.message.Left, l.action.Left = 0, 0 }

func messageKey(a *account, openID string) string { return a.key("message", openID) }
func actionKey(a *account, openID string) string  { return a.key("action", openID) }

// ledger reads what is known.
func (c *Channel) ledger(ctx context.Context, a *account, openID string) (l ledger, err error) {
	for key, into := range map[string]*allowance{messageKey(a, openID): &l.message, actionKey(a, openID): &l.action} {
		value, err := c.c.Marks.GetKV(ctx, key)
		if errors.Is(err, chat.ErrNotFound) {
			continue
		}
		if err == nil {
			err = json.Unmarshal(value, into)
		}
		if err != nil {
			return l, fmt.Errorf("read how many sends are left: %w", err)
		}
		l.known = true
	}
	return l, nil
}

// marks are the ledger as it is kept.
func (l *ledger) marks(a *account, openID, conversation string) (marks []chat.KV) {
	for key, of := range map[string]allowance{messageKey(a, openID): l.message, actionKey(a, openID): l.action} {
		if !of.Until.IsZero() {
			marks = append(marks, chat.KV{Key: key, Value: encode(of), Conversation: conversation, ExpiresAt: of.Until})
		}
	}
	return marks
}

// allowed are the marks of what a customer's message or tap allows.
func (c *Channel) allowed(f *flight) []chat.KV {
	var l ledger
	if now := c.c.Now(); f.p.acts() {
		l.action = allowance{afterAction, now.Add(actionLasts)}
	} else {
		l.message = allowance{afterMessage, now.Add(messageLasts)}
	}
	return l.marks(f.a, f.p.From, "")
}

// SendQuota is what may still be sent to the customer of a conversation.
func (c *Channel) SendQuota(ctx context.Context, conversation chat.Conversation) (chat.SendQuota, bool, error) {
	a, ok := c.accounts[conversation.Account]
	if !ok || conversation.Channel != Name {
		return chat.SendQuota{}, false, nil
	}
	if c.forbidden(ctx, a) {
		return chat.SendQuota{}, true, nil
	}
	l, err := c.ledger(ctx, a, conversation.Address)
	if err != nil {
		return chat.SendQuota{}, false, err
	}
	now := c.c.Now()
	got := chat.SendQuota{Remaining: l.left(now)}
	for _, a := range []allowance{l.message, l.action} {
		if a.Left > 0 && now.Before(a.Until) && a.Until.After(got.ExpiresAt) {
			got.ExpiresAt = a.Until
		}
	}
	return got, true, nil
}

// encode is a value of a mark or a sending. What is encoded here cannot fail.
func encode(v any) []byte {
	raw, _ := json.Marshal(v)
	return raw
}
