package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/yingda/yingda/chat"
)

var _ chat.Inbox = (*Inbox)(nil)

// Deliver keeps one message of the customer at an address of a pushing channel.
func (in *Inbox) Deliver(ctx context.Context, from chat.OpenRequest, m chat.Message) (chat.Receipt, error) {
	c, err := in.find(ctx, from)
	if err != nil {
		in.drop(ctx, m.Attachments, nil)
		return chat.Receipt{}, err
	}
	m.Conversation, m.Channel = c.ID, c.Channel
	turned, err := in.Receive(ctx, m)
	if err == nil || errors.Is(err, chat.ErrNotFound) || errors.Is(err, chat.ErrConflict) {
		// A repeat brings its pictures again. After any other error the message may still be kept: what belongs
		// to none is swept a day later.
		in.drop(ctx, m.Attachments, turned.Message.Attachments)
	}
	if err != nil {
		return chat.Receipt{}, err
	}
	return chat.Receipt{Conversation: c, Message: turned.Message, Replies: turned.Replies, Repeat: turned.Repeat}, nil
}

// find is the customer's thread.
func (in *Inbox) find(ctx context.Context, from chat.OpenRequest) (chat.Conversation, error) {
	opening, err := in.Opening(from)
	if err != nil {
		return chat.Conversation{}, err
	}
	c, err := in.Conversations.EnsureConversation(ctx, opening)
	if err != nil {
		return c, fmt.Errorf("find the customer's conversation: %w", err)
	}
	return c, nil
}

// drop deletes the pictures that came and were not kept. One that stays costs some disk until it is swept.
func (in *Inbox) drop(ctx context.Context, came, kept []chat.Attachment) {
	var ids []string
	for _, a := range came {
		if !slices.ContainsFunc(kept, func(k chat.Attachment) bool { return k.ID == a.ID }) {
			ids = append(ids, a.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	if err := in.Pictures.Delete(ids...); err != nil {
		in.Log.WarnContext(ctx, "a picture is left over", "error", err)
	}
}

// Forget erases the customer at an address; nothing when there is none.
func (in *Inbox) Forget(ctx context.Context, channel, account, address string) error {
	c, err := in.Conversations.EnsureConversation(ctx, chat.OpenRequest{Channel: channel, Account: account, Address: address})
	if err != nil {
		return fmt.Errorf("find a customer to forget: %w", err)
	}
	if err := in.Erase(ctx, c.ID); err != nil {
		return fmt.Errorf("forget a customer: %w", err)
	}
	return nil
}
