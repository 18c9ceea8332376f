package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/yingda/yingda/chat"
)

// part is one message of a sending.
type part struct {
	html    string
	picture string // the id of an attachment; html is its caption then
	buttons Keyboard
}

// parts are the messages that an entry becomes. What the system says stands in italics; agents and the
// bot just talk, for the system says when one takes over from the other. A single picture carries a short text.
func parts(e chat.Entry, buttons Keyboard, write func(string) string) []part {
	dress := Escape
	if e.From == chat.FromSystem {
		dress = func(text string) string { return "<i>" + Escape(text) + "</i>" }
	}
	text := strings.TrimSpace(write(e.Text))
	if e.CorrectsSeq != 0 {
		text = write(correctionPrefix) + text
	}
	var out []part
	if len(e.Attachments) == 1 && text != "" && chat.UTF16Len(text) <= MaxCaption && len(buttons) == 0 {
		return []part{{html: dress(text), picture: e.Attachments[0].ID}}
	}
	for _, piece := range chat.SplitText(text, MaxText, chat.UTF16Len) {
		out = append(out, part{html: dress(piece)})
	}
	if len(out) > 0 {
		out[len(out)-1].buttons = buttons
	}
	for _, a := range e.Attachments {
		out = append(out, part{picture: a.ID})
	}
	return out
}

// outgoing is a sending on its way.
type outgoing struct {
	account  *account
	sending  chat.Sending
	entry    chat.Entry
	to       Address
	chat     int64 // to.Chat, or the supergroup that it became
	corrects int   // the message that says what this one should have said; 0 for none
	replyTo  int   // the message that it answers; 0 for none
	sent     Sent
}

// Send is as chat.Channel says: it goes on where an earlier attempt stopped.
func (c *Channel) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	a, ok := c.accounts[s.Account]
	if !ok {
		return nil, &chat.SendError{State: chat.SendingQueued, PartsSent: s.PartsSent, Reason: "这里没有设置这个Telegram账号"}
	}
	o := &outgoing{account: a, sending: s}
	if err := json.Unmarshal(s.Body, &o.entry); err != nil {
		return nil, &chat.SendError{State: chat.SendingDead, PartsSent: s.PartsSent, Reason: "内容读不出来"}
	}
	var err error
	if o.to, err = ParseAddress(s.Address); err != nil {
		return nil, &chat.SendError{State: chat.SendingDead, PartsSent: s.PartsSent, Reason: "这不是Telegram的地址"}
	}
	if err := c.prepare(ctx, o); err != nil {
		return nil, &chat.SendError{State: chat.SendingQueued, PartsSent: s.PartsSent, Reason: "数据库暂时读不了"}
	}
	if wait := a.held(o.chat, c.c.Now()); wait > 0 {
		return nil, &chat.SendError{State: chat.SendingQueued, RetryAfter: wait, PartsSent: s.PartsSent, Reason: "Telegram要我们慢一点"}
	}
	write := c.writer(ctx, a, s.Address)
	if done, err := c.correct(ctx, o, write); err != nil {
		return nil, c.judge(o, err, s.PartsSent)
	} else if done {
		return []chat.KV{c.mark(s.Lane, SentKey(a.Name, s.Lane, o.entry.Seq), o.sent)}, nil
	}
	all := parts(o.entry, keyboard(a.Account, o.to, s.Lane, o.entry, write), write)
	marks := []chat.KV{}
	for i := s.PartsSent; i < len(all); i++ {
		id, err := c.sendPart(ctx, o, all[i])
		if err != nil {
			return c.withSent(o, marks), c.judge(o, err, i)
		}
		o.sent.Messages = append(o.sent.Messages, id)
		marks = append(marks, c.mark(s.Lane, SaidKey(a.Name, o.chat, id), Said{Conversation: s.Lane, Seq: o.entry.Seq}))
	}
	return c.withSent(o, marks), nil
}

// withSent adds to the marks of what has arrived the one that lists it all.
func (c *Channel) withSent(o *outgoing, marks []chat.KV) []chat.KV {
	if len(marks) == 0 {
		return nil
	}
	return append(marks, c.mark(o.sending.Lane, SentKey(o.account.Name, o.sending.Lane, o.entry.Seq), o.sent))
}

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

// prepare finds out where o goes now, what it answers, and what of it has arrived.
func (c *Channel) prepare(ctx context.Context, o *outgoing) error {
	name, s := o.account.Name, o.sending
	o.chat = o.to.Chat
	if o.chat < 0 {
		if err := c.look(ctx, MovedKey(name, o.chat), &o.chat); err != nil {
			return err
		}
	}
	if s.PartsSent > 0 {
		if err := c.look(ctx, SentKey(name, s.Lane, o.entry.Seq), &o.sent); err != nil {
			return err
		}
	}
	o.sent.Chat = o.chat
	var quotes int
	var err error
	if o.corrects, err = c.messageOf(ctx, o, o.entry.CorrectsSeq); err != nil {
		return err
	}
	if quotes, err = c.messageOf(ctx, o, o.entry.QuotesSeq); err != nil {
		return err
	}
	if o.replyTo = cmp.Or(o.corrects, quotes); o.replyTo != 0 || o.to.User == 0 {
		return nil
	}
	return c.look(ctx, lastKey(name, s.Address), &o.replyTo)
}

// messageOf is the message in the customer's chat that an entry of the conversation became, or came from; 0 where
// it is not known, as for what was said elsewhere or long ago, and for seq 0.
func (c *Channel) messageOf(ctx context.Context, o *outgoing, seq int64) (int, error) {
	if seq == 0 {
		return 0, nil
	}
	var sent Sent
	if err := c.look(ctx, SentKey(o.account.Name, o.sending.Lane, seq), &sent); err != nil {
		return 0, err
	}
	if len(sent.Messages) > 0 && sent.Chat == o.chat {
		return sent.Messages[0], nil
	}
	external, err := c.c.Conversations.FindExternalID(ctx, o.sending.Lane, seq)
	if errors.Is(err, chat.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var source Source
	if err := c.look(ctx, SourceKey(o.account.Name, external), &source); err != nil || source.Chat != o.to.Chat {
		return 0, err
	}
	return source.Message, nil
}

// sendPart sends one message, and once more where its group became another.
func (c *Channel) sendPart(ctx context.Context, o *outgoing, p part) (int, error) {
	id, err := c.sendOnce(ctx, o, p)
	if refused, ok := errors.AsType[*Error](err); ok && refused.MigrateTo != 0 {
		if err := c.moved(ctx, o.account, o.to.Chat, refused.MigrateTo); err != nil {
			return 0, &chat.SendError{State: chat.SendingQueued, Reason: "群已升级，新的群号暂时存不下"}
		}
		o.chat, o.sent.Chat = refused.MigrateTo, refused.MigrateTo
		return c.sendOnce(ctx, o, p)
	}
	return id, err
}

func (c *Channel) sendOnce(ctx context.Context, o *outgoing, p part) (int, error) {
	options := Options{Thread: o.to.Thread, Keyboard: p.buttons}
	if len(o.sent.Messages) == 0 {
		options.ReplyTo = o.replyTo
	}
	if p.picture == "" {
		return o.account.Send(ctx, o.chat, p.html, options)
	}
	data, kept, err := c.open(ctx, p.picture)
	if err != nil {
		return 0, err
	}
	id, err := o.account.SendPhoto(ctx, o.chat, data, p.html, options)
	if unsuitable(err) {
		id, err = o.account.SendDocument(ctx, o.chat, fileName(kept), data, p.html, options)
	}
	return id, err
}

// open reads a picture that is kept.
func (c *Channel) open(ctx context.Context, id string) ([]byte, chat.Attachment, error) {
	r, kept, err := c.c.Pictures.Open(ctx, id)
	if errors.Is(err, chat.ErrNotFound) {
		return nil, kept, &chat.SendError{State: chat.SendingDead, Reason: "图片已经不在了"}
	}
	if err != nil {
		return nil, kept, &chat.SendError{State: chat.SendingQueued, Reason: "图片暂时读不出来"}
	}
	defer r.Close() //nolint:errcheck // it is only read
	data, err := io.ReadAll(io.LimitReader(r, MaxFile))
	if err != nil {
		return nil, kept, &chat.SendError{State: chat.SendingQueued, Reason: "图片暂时读不出来"}
	}
	return data, kept, nil
}

// unsuitable tells that Telegram does not take a picture as a photo, because of its shape.
func unsuitable(err error) bool {
	return says(err, "photo_invalid_dimensions", "image_process_failed", "photo_ext_invalid")
}

// fileName is how a picture is called that is sent as a file.
func fileName(a chat.Attachment) string {
	if strings.HasSuffix(a.Type, "png") {
		return "photo.png"
	}
	return "photo.jpg"
}

// judge is the error of a sending whose part number done did not arrive.
func (c *Channel) judge(o *outgoing, err error, done int) error {
	if own, ok := errors.AsType[*chat.SendError](err); ok {
		own.PartsSent = done
		return own
	}
	out := Outcome(err, done)
	if refused, ok := errors.AsType[*Error](err); ok && refused.Code == 429 {
		out.PausesAccount = o.account.hold(o.chat, c.c.Now(), out.RetryAfter)
	}
	switch {
	case Blocked(err):
		out.Reason = fmt.Sprintf("顾客停用了机器人，或账号不在了（%s）", out.Reason)
	case out.State == chat.SendingDead:
		out.Reason = fmt.Sprintf("Telegram不收（%s）", out.Reason)
	case out.State == chat.SendingUnknown:
		out.Reason = fmt.Sprintf("没等到Telegram的答复（%s）", out.Reason)
	}
	return out
}
