package telegram

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/yingda/yingda/chat"
)

type part struct {
	html    string
	picture string // the id of an attachment; html is its caption then
	buttons Keyboard
}

// entryParts are the messages that an entry becomes. What the system says stands in italics; agents and the
// bot just talk, for the system says when one takes over from the other. A single picture carries a short text.
func entryParts(e chat.Entry, buttons Keyboard, convert func(string) string) []part {
	render := Escape
	if e.From == chat.FromSystem {
		render = func(text string) string { return "<i>" + Escape(text) + "</i>" }
	}
	text := e.Text
	if e.CorrectsSeq != 0 {
		text = correctionPrefix + text
	}
	text = strings.TrimSpace(convert(text))
	var out []part
	if len(e.Attachments) == 1 && text != "" && chat.UTF16Len(text) <= MaxCaption && len(buttons) == 0 {
		return []part{{html: render(text), picture: e.Attachments[0].ID}}
	}
	for _, piece := range chat.SplitText(text, MaxText, chat.UTF16Len) {
		out = append(out, part{html: render(piece)})
	}
	if len(out) > 0 {
		out[len(out)-1].buttons = buttons
	}
	for _, a := range e.Attachments {
		out = append(out, part{picture: a.ID})
	}
	return out
}

type outgoing struct {
	account  *account
	sending  chat.Sending
	entry    chat.Entry
	to       Address
	chat     int64 // to.Chat, or the supergroup that it became
	thread   int   // the topic, or the thread of a private chat; 0 for none
	corrects int   // the message that says what this one should have said; 0 for none
	replyTo  int   // the message that it answers; 0 for none
	sent     Sent
}

// Send is as chat.Channel says: it goes on where an earlier attempt stopped.
func (c *Channel) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	o, err := c.newOutgoing(ctx, s)
	if err != nil {
		return nil, err
	}
	convert := c.scriptConverter(ctx, o.account, s.Address)
	if done, err := c.correct(ctx, o, convert); err != nil {
		return nil, c.sendError(o, err, s.PartsSent)
	} else if done {
		return []chat.KV{c.sentKV(o)}, nil
	}
	buttons := optionKeyboard(o.account.Account, o.to, s.Lane, o.entry, convert)
	kvs, err := c.sendParts(ctx, o, entryParts(o.entry, buttons, convert))
	if len(kvs) > 0 {
		kvs = append(kvs, c.sentKV(o))
	}
	return kvs, err
}

// newOutgoing decodes a sending. The error is a *chat.SendError.
func (c *Channel) newOutgoing(ctx context.Context, s chat.Sending) (o *outgoing, err error) {
	o = &outgoing{sending: s}
	if o.account, err = c.accounts.Find(s); err != nil {
		return nil, err
	}
	if o.entry, err = chat.DecodeBody[chat.Entry](s); err != nil {
		return nil, err
	}
	if o.to, err = ParseAddress(s.Address); err != nil {
		return nil, &chat.SendError{State: chat.SendingDead, Reason: reasonAddress}
	}
	if err := c.resolveTargets(ctx, o); err != nil {
		return nil, &chat.SendError{State: chat.SendingQueued, Reason: reasonDatabase}
	}
	if wait := o.account.throttledFor(o.chat, c.Now()); wait > 0 {
		return nil, &chat.SendError{State: chat.SendingQueued, RetryAfter: wait, Reason: reasonThrottled}
	}
	return o, nil
}

// sendParts sends those that have not arrived yet, and returns which messages they became.
func (c *Channel) sendParts(ctx context.Context, o *outgoing, all []part) (kvs []chat.KV, err error) {
	for i := o.sending.PartsSent; i < len(all); i++ {
		id, err := c.sendPart(ctx, o, all[i])
		if err != nil {
			return kvs, c.sendError(o, err, i)
		}
		o.sent.Messages, o.sent.Thread = append(o.sent.Messages, id), 0
		if o.to.User == 0 {
			o.sent.Thread = o.thread
		}
		ref := MessageRef{Conversation: o.sending.Lane, Seq: o.entry.Seq}
		kvs = append(kvs, c.newKV(o.sending.Lane, MessageKey(o.account.Name, o.chat, id), ref))
	}
	return kvs, nil
}

// sentKV is that of the messages which the entry has become so far.
func (c *Channel) sentKV(o *outgoing) chat.KV {
	return c.newKV(o.sending.Lane, SentKey(o.account.Name, o.sending.Lane, o.entry.Seq), o.sent)
}

// correctionPrefix begins a message that corrects one that could not be edited.
const correctionPrefix = "（更正）"

// correct edits the message that an agent's entry corrects. done is false where it corrects none, or where
// that cannot be edited any more: then the entry is sent, as an answer to it. An edit may be made twice.
func (c *Channel) correct(ctx context.Context, o *outgoing, convert func(string) string) (done bool, err error) {
	if o.corrects == 0 || len(o.entry.Attachments) > 0 || o.sending.PartsSent > 0 {
		return false, nil
	}
	text := strings.TrimSpace(convert(o.entry.Text))
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

// resolveTargets finds out where o goes now, what it answers, and what of it has arrived.
func (c *Channel) resolveTargets(ctx context.Context, o *outgoing) error {
	name, s := o.account.Name, o.sending
	o.chat = o.to.Chat
	if o.chat < 0 {
		if err := c.getKV(ctx, MovedKey(name, o.chat), &o.chat); err != nil {
			return err
		}
	}
	if s.PartsSent > 0 {
		if err := c.getKV(ctx, SentKey(name, s.Lane, o.entry.Seq), &o.sent); err != nil {
			return err
		}
	}
	o.sent.Chat = o.chat
	o.thread = o.to.Thread
	if o.to.User == 0 {
		if err := c.getKV(ctx, threadKey(name, s.Address), &o.thread); err != nil {
			return err
		}
	}
	corrects, err := c.findMessage(ctx, o, o.entry.CorrectsSeq)
	if err != nil {
		return err
	}
	quotes, err := c.findMessage(ctx, o, o.entry.QuotesSeq)
	if err != nil {
		return err
	}
	answers := cmp.Or(corrects, quotes)
	o.corrects, o.replyTo = corrects.message, answers.message
	switch {
	case o.to.User != 0 && o.replyTo == 0:
		return c.getKV(ctx, lastMessageKey(name, s.Address), &o.replyTo)
	case o.to.User == 0 && o.replyTo != 0:
		o.thread = answers.thread
	}
	return nil
}

// place is a message in the customer's chat; the zero place for none.
type place struct{ message, thread int }

// findMessage is the message in the customer's chat that an entry of the conversation became, or came from; none where
// it is not known, as for what was said elsewhere or long ago, and for seq 0.
func (c *Channel) findMessage(ctx context.Context, o *outgoing, seq int64) (place, error) {
	if seq == 0 {
		return place{}, nil
	}
	var sent Sent
	if err := c.getKV(ctx, SentKey(o.account.Name, o.sending.Lane, seq), &sent); err != nil {
		return place{}, err
	}
	if len(sent.Messages) > 0 && sent.Chat == o.chat {
		return place{sent.Messages[0], sent.Thread}, nil
	}
	external, err := c.Conversations.FindExternalID(ctx, o.sending.Lane, seq)
	if errors.Is(err, chat.ErrNotFound) {
		return place{}, nil
	}
	if err != nil {
		return place{}, err
	}
	var source Source
	if err := c.getKV(ctx, SourceKey(o.account.Name, external), &source); err != nil || source.Chat != o.to.Chat {
		return place{}, err
	}
	return place{source.Message, source.Thread}, nil
}

// sendPart sends one message, and once more where its group became another, or its thread of a private chat is gone.
func (c *Channel) sendPart(ctx context.Context, o *outgoing, p part) (int, error) {
	id, err := c.sendOnce(ctx, o, p)
	if refused, ok := errors.AsType[*Error](err); ok && refused.MigrateTo != 0 {
		if err := c.setMigrated(ctx, o.account, o.to.Chat, refused.MigrateTo); err != nil {
			return 0, &chat.SendError{State: chat.SendingQueued, Reason: reasonMigration}
		}
		o.chat, o.sent.Chat = refused.MigrateTo, refused.MigrateTo
		return c.sendOnce(ctx, o, p)
	}
	if TopicGone(err) && o.thread != 0 && o.to.User == 0 {
		if err := c.KV.SetKV(ctx, c.newKV(o.sending.Lane, threadKey(o.account.Name, o.sending.Address), 0)); err != nil {
			return 0, &chat.SendError{State: chat.SendingQueued, Reason: reasonDatabase}
		}
		o.thread = 0
		return c.sendOnce(ctx, o, p)
	}
	return id, err
}

func (c *Channel) sendOnce(ctx context.Context, o *outgoing, p part) (int, error) {
	options := Options{Thread: o.thread, Keyboard: p.buttons}
	if len(o.sent.Messages) == 0 {
		options.ReplyTo = o.replyTo
	}
	if p.picture == "" {
		return o.account.Send(ctx, o.chat, p.html, options)
	}
	data, kept, err := c.readPicture(ctx, p.picture)
	if err != nil {
		return 0, err
	}
	id, err := o.account.SendPhoto(ctx, o.chat, data, p.html, options)
	if hasDescription(err, "photo_invalid_dimensions", "image_process_failed", "photo_ext_invalid") { // as a photo it has the wrong shape
		name := "photo.jpg"
		if kept.Type == "image/png" {
			name = "photo.png"
		}
		id, err = o.account.SendDocument(ctx, o.chat, name, data, p.html, options)
	}
	return id, err
}

func (c *Channel) readPicture(ctx context.Context, id string) ([]byte, chat.Attachment, error) {
	r, kept, err := c.Pictures.Open(ctx, id)
	if errors.Is(err, chat.ErrNotFound) {
		return nil, kept, &chat.SendError{State: chat.SendingDead, Reason: reasonPictureGone}
	}
	var data []byte
	if err == nil {
		defer r.Close() //nolint:errcheck // it is only read
		data, err = io.ReadAll(io.LimitReader(r, MaxFile))
	}
	if err != nil {
		return nil, kept, &chat.SendError{State: chat.SendingQueued, Reason: reasonPictureBusy}
	}
	return data, kept, nil
}

// sendError is the error of a sending whose part number done did not arrive.
func (c *Channel) sendError(o *outgoing, err error, done int) error {
	if own, ok := errors.AsType[*chat.SendError](err); ok {
		own.PartsSent = done
		return own
	}
	out := AsSendError(err)
	out.PartsSent = done
	if refused, ok := errors.AsType[*Error](err); ok && refused.Code == 429 {
		out.PausesAccount = o.account.throttle(o.chat, c.Now(), out.RetryAfter)
	}
	return out
}
