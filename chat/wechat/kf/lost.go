package kf

import (
	"context"
	"errors"
	"fmt"

	"github.com/yingda/yingda/chat"
)

// lost takes note that something did not reach the customer, which the host took at first: agents are shown it.
func (l *lane) lost(ctx context.Context, i item) error {
	id, part, ok := sendingOf(i.content.FailedID)
	if !ok {
		l.c.c.Log.DebugContext(ctx, "what is not ours did not arrive", "channel", Name, "account", l.a.Name, "desk", l.desk, "why", i.content.FailedWhy)
		return nil
	}
	reason := lostReason(i.content.FailedWhy)
	if part > 0 {
		reason = fmt.Sprintf("from part %d on: %s", part+1, reason)
	}
	err := l.c.c.Outbox.Lost(ctx, id, reason)
	if errors.Is(err, chat.ErrConflict) || errors.Is(err, chat.ErrNotFound) {
		return nil // it is known, or was erased
	}
	if err != nil {
		return fmt.Errorf("take note of what did not arrive: %w", err)
	}
	l.c.c.Log.WarnContext(ctx, "a message did not reach the customer", "channel", Name, "account", l.a.Name, "sending", id, "reason", reason)
	return nil
}

// lostReason is what a fail_type says.
func lostReason(failType int) string {
	text, ok := map[int]string{
		1:  "the desk was deleted",
		2:  "the application was switched off",
		4:  "the customer wrote more than 48 hours ago",
		5:  "the conversation is over",
		6:  "5 messages were sent since the customer wrote",
		8:  "the corporation is not verified",
		10: "the customer refuses messages",
		11: "nobody of the corporation is signed in to enterprise WeChat",
		12: "this kind of message is forbidden",
		13: "WeChat holds it back for safety",
	}[failType]
	if !ok {
		text = "for a reason that the host does not tell"
	}
	return fmt.Sprintf("WeChat could not deliver it: %s (fail_type %d)", text, failType)
}
