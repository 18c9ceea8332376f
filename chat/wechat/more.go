package wechat

import (
	"context"
	"time"

	"github.com/yingda/yingda/chat"
)

// more is the mark that something waits in a lane for the customer to ask for it.
func (c *Channel) more(a *account, openID, lane string) chat.KV {
	return chat.KV{Key: a.key("more", openID), Value: []byte(lane), Conversation: lane, ExpiresAt: c.c.Now().Add(48 * time.Hour)}
}

// goOn leases what waits where the customer asks to go on; false where nothing does, and the message is one
// for the bot. Such a message is no part of the conversation.
func (c *Channel) goOn(ctx context.Context, f *flight) (next said, ok bool) {
	if f.p.Type != "text" || !asksForMore(f.p.Content) {
		return said{}, false
	}
	key := f.a.key("more", f.p.From)
	lane, err := c.c.Marks.GetKV(ctx, key)
	if err != nil { // there is none, or the bot is asked
		return said{}, false
	}
	rows, err := c.c.Outbox.LeaseLane(ctx, string(lane), 0, lease)
	if err != nil || len(rows) == 0 {
		return said{}, false
	}
	marks := []chat.KV{{Key: key}} // kept again when there is still more
	for _, m := range c.allowed(f) {
		m.Conversation = string(lane)
		marks = append(marks, m)
	}
	if err := c.c.Marks.SetKV(ctx, marks...); err != nil {
		c.c.Log.WarnContext(ctx, "cannot keep what may be sent", "account", f.a.Name, "error", err)
	}
	return said{lane: string(lane), rows: rows}, true
}

const typingPath = "/cgi-bin/message/custom/typing"

// typing shows the customer that somebody writes. That it fails is no matter.
func (c *Channel) typing(ctx context.Context, f *flight) {
	if f.a.guess() {
		return
	}
	c.running.Go(func() {
		err := f.a.client.Post(context.WithoutCancel(ctx), typingPath,
			map[string]string{"touser": f.p.From, "command": "Typing"}, nil)
		if err != nil {
			c.c.Log.DebugContext(ctx, "typing was not shown", "account", f.a.Name, "error", err)
		}
	})
}
