package telegram

import (
	"context"
	"errors"
	"strings"

	"github.com/yingda/yingda/chat"
)

// correct edits the message that an agent's entry corrects. done is false where it corrects none, or where
// that cannot be edited any more: then the entry is sent, as an answer to it. An edit may be made twice.
func (c *Channel) correct(ctx context.Context, o *outgoing, write func(string) string) (done bool, err error) {
	text, ok := strings.CutPrefix(o.entry.Text, Correction)
	if !ok || o.entry.From != chat.FromAgent || len(o.entry.Attachments) > 0 || o.sending.PartsSent > 0 {
		return false, nil
	}
	number := 0
	if err := c.look(ctx, EditsKey(o.account.Account, o.sending.Lane, o.entry.Text), &number); err != nil || number == 0 {
		return false, err
	}
	o.answers = number
	if text = strings.TrimSpace(write(text)); chat.UTF16Len(text) > MaxText {
		return false, nil
	}
	err = o.account.EditText(ctx, o.chat, number, Escape(text), nil)
	if refused, ok := errors.AsType[*Error](err); ok && refused.Code == 400 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	o.sent.Messages = []int{number}
	return true, nil
}
