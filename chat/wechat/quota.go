package wechat

import (
	"context"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
)

// How often a customer may be sent something: since 2023-06-12 five times within 48 hours of their message,
// three times within a minute of a tap, a scan or following.
const (
	sendsPerMessage, messageWindow = 5, 48 * time.Hour
	sendsPerAction, actionWindow   = 3, time.Minute
	scarce                         = 2 // so few are left that texts are merged
)

// allowance is one permission to send.
type allowance struct {
	Left  int       `json:"left"`
	Until time.Time `json:"until"`
}

// quota is what is known of the sends to one customer. WeChat's own count is right where they differ: a
// refusal exhausts the quota.
type quota struct {
	message, action allowance
	known           bool // false: WeChat is to be asked
}

// left is how many sends are allowed.
func (q *quota) left(now time.Time) (n int) {
	for _, a := range []allowance{q.message, q.action} {
		if now.Before(a.Until) {
			n += a.Left
		}
	}
	return n
}

// spend takes one, of those that end first.
func (q *quota) spend(now time.Time) {
	for _, a := range []*allowance{&q.action, &q.message} {
		if a.Left > 0 && now.Before(a.Until) {
			a.Left--
			return
		}
	}
}

// exhaust believes WeChat that nothing is left.
func (q *quota) exhaust() { q.message.Left, q.action.Left = 0, 0 }

func (q *quota) report(now time.Time) chat.SendQuota {
	r := chat.SendQuota{Remaining: q.left(now)}
	for _, a := range []allowance{q.message, q.action} {
		if a.Left > 0 && now.Before(a.Until) && a.Until.After(r.ExpiresAt) {
			r.ExpiresAt = a.Until
		}
	}
	return r
}

// allowances are those of a customer by where they are kept.
func (a *account) allowances(openID string, q *quota) map[string]*allowance {
	return map[string]*allowance{a.key("message", openID): &q.message, a.key("action", openID): &q.action}
}

// loadQuota reads what is known.
func (a *account) loadQuota(ctx context.Context, openID string) (q quota, err error) {
	for key, into := range a.allowances(openID, &q) {
		found, err := chat.LoadKV(ctx, a.kv, key, into)
		if err != nil {
			return q, fmt.Errorf("load the send quota: %w", err)
		}
		q.known = q.known || found
	}
	return q, nil
}

// encodeQuota is a quota as it is kept.
func (a *account) encodeQuota(q quota, openID, conversation string) (values []chat.KV) {
	for key, of := range a.allowances(openID, &q) {
		if !of.Until.IsZero() {
			values = append(values, chat.KV{Key: key, Value: chat.EncodeJSON(of), Conversation: conversation, ExpiresAt: of.Until})
		}
	}
	return values
}

// grantQuota is, as it is kept, what a customer's message or tap allows.
func (a *account) grantQuota(cb callback, conversation string) []chat.KV {
	var q quota
	if now := a.now(); cb.isAction() {
		q.action = allowance{sendsPerAction, now.Add(actionWindow)}
	} else {
		q.message = allowance{sendsPerMessage, now.Add(messageWindow)}
	}
	return a.encodeQuota(q, cb.From, conversation)
}
