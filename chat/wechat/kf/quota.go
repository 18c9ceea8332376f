package kf

import (
	"context"
	"time"

	"github.com/yingda/yingda/chat"
)

// What may be sent to a customer who wrote: so many messages, for so long. The host counts, and has the last
// word; our own count is for agents to see.
const (
	maxSends    = 5
	sendWindow  = 48 * time.Hour
	extraWindow = time.Hour // how much longer our count is kept
)

// keys are where it is kept what is remembered of one customer at one customer service account.
type keys struct {
	spoke   string // when the customer wrote last: kept with the message
	sent    string // a usage: kept with the sending
	welcome string // the code that lets something be said to who has just come
}

func newKeys(name string, who address) keys {
	prefix := Name + "/" + name + "/" + who.String() + "/"
	return keys{prefix + "spoke", prefix + "sent", prefix + "welcome"}
}

// spokeAt notes when a customer wrote.
func (k keys) spokeAt(at time.Time) chat.KV {
	return chat.KV{Key: k.spoke, Value: chat.EncodeJSON(at.Unix()), ExpiresAt: at.Add(sendWindow)}
}

// usage is what was sent since a customer wrote. It is of no account once they write again.
type usage struct {
	Since   int64  `json:"since"`           // when the customer wrote
	N       int    `json:"n"`               // messages
	Waiting string `json:"held,omitempty"`  // the lane in which something waits for the customer; "" for none
	Doubt   string `json:"doubt,omitempty"` // the id of the message that may have arrived or not; "" for none
}

// quota is what is known of what may be sent to a customer.
type quota struct {
	keys  keys
	spoke int64 // when they wrote within the last 48 hours, in seconds since 1970; 0 for not
	usage usage
}

// loadQuota reads what is known of a customer of the account of that name.
func loadQuota(ctx context.Context, kv chat.KVStore, name string, who address) (q quota, err error) {
	q.keys = newKeys(name, who)
	if _, err = chat.LoadKV(ctx, kv, q.keys.spoke, &q.spoke); err != nil {
		return q, err
	}
	if _, err = chat.LoadKV(ctx, kv, q.keys.sent, &q.usage); err != nil {
		return q, err
	}
	if q.usage.Since != q.spoke {
		q.usage.Since, q.usage.N = q.spoke, 0
	}
	return q, nil
}

// encode is the usage as it is kept.
func (q quota) encode(conversation string, now time.Time) chat.KV {
	expires := now.Add(sendWindow + extraWindow)
	if q.usage.Waiting != "" {
		expires = time.Time{} // the customer may write whenever they like
	}
	return chat.KV{Key: q.keys.sent, Value: chat.EncodeJSON(q.usage), Conversation: conversation, ExpiresAt: expires}
}

// left is how many messages may be sent, as far as we know.
func (q quota) left() int { return max(maxSends-q.usage.N, 0) }

func (q quota) report() chat.SendQuota {
	if q.spoke == 0 {
		return chat.SendQuota{}
	}
	return chat.SendQuota{
		Remaining: q.left(),
		ExpiresAt: time.Unix(q.spoke, 0).UTC().Add(sendWindow),
	}
}
