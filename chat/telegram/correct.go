package telegram

import (
	"context"
	"errors"
	"strings"

	"github.com/yingda/yingda/chat"
)

// correctionPrefix begins a message that corrects one that could not be edited.
const correctionPrefix = "（更正）"

// correct edits the message that an agent's entry corrects. done is false where it corrects none, or where
// that cannot be edited any more: then the entry is sent, as an answer to it. An edit may be made twice.
func (c *Channel) correct(ctx context.Context, o *outgoing, write func(string) string) (done bool, err error) {
	if o.corrects == 0 || len(o.entry.Attachments) > 0 || o.sending.PartsSent > 0 {
		return false, nil
	}
	text := strings.TrimSpace(write(o.entry.Text))
	if text == "" || chat.UTF16Len(text) > MaxText {
		return false, nil
	}
	err = o.account.EditText(ctx, o.chat, o.corrects, Escape(text), nil)
	if refused, ok := errors.AsType[*Error](err); ok && refused.Code == 400 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	o.sent.Messages = []int{o.corrects}
	return true, nil
}
