package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

const customSend = "/cgi-bin/message/custom/send"

// rested is how long a sending that waits for the customer's next message is left alone between looks at it.
const rested = 24 * time.Hour

// waits is the end of an attempt that waits for the customer's next message.
func waits(done int, reason string) *chat.SendError {
	return &chat.SendError{State: chat.SendingQueued, RetryAfter: rested, AwaitsCustomer: true, PartsSent: done, Reason: reason}
}

// send is one sending on its way.
type send struct {
	c      *Channel
	a      *account
	s      chat.Sending
	ledger ledger
	before time.Time // ledger.message.Until as it was
	spent  bool
	marks  []chat.KV
}

// Send sends an entry by message/custom/send, piece by piece.
func (c *Channel) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	a, ok := c.accounts[s.Account]
	if !ok {
		return nil, &chat.SendError{State: chat.SendingQueued, PartsSent: s.PartsSent, Reason: fmt.Sprintf("no WeChat account named %q is set up here", s.Account)}
	}
	var e chat.Entry
	if err := json.Unmarshal(s.Body, &e); err != nil {
		return nil, &chat.SendError{State: chat.SendingDead, PartsSent: s.PartsSent, Reason: "the body is no entry"}
	}
	if c.forbidden(ctx, a) {
		more := []chat.KV{c.more(a, s.Address, s.Lane)}
		return more, waits(s.PartsSent, "the account may not send by itself (it is not certified); it waits for the customer's next message")
	}
	l, err := c.ledger(ctx, a, s.Address)
	if err != nil {
		return nil, &chat.SendError{State: chat.SendingQueued, PartsSent: s.PartsSent, Reason: "the database does not tell how many sends are left"}
	}
	out := &send{c: c, a: a, s: s, ledger: l, before: l.message.Until}
	if l.known && l.left(c.c.Now()) <= scarce && len(e.Attachments) == 0 {
		err = out.merged(ctx)
	} else {
		err = out.each(ctx, pieces(e, true))
	}
	return out.kept(ctx), err
}

// each sends the pieces that have not arrived yet.
func (o *send) each(ctx context.Context, all []piece) error {
	for done := min(o.s.PartsSent, len(all)); done < len(all); done++ {
		if err := o.piece(ctx, all[done]); err != nil {
			return o.failed(err, done)
		}
	}
	return nil
}

// failed is the error of an attempt of which so many pieces have arrived.
func (o *send) failed(err error, done int) error {
	e, ok := errors.AsType[*chat.SendError](err)
	if !ok {
		return err
	}
	told := *e
	told.PartsSent = done
	return &told
}

// piece sends one.
func (o *send) piece(ctx context.Context, p piece) error {
	if p.picture.ID != "" {
		return o.picture(ctx, p.picture)
	}
	if len(p.options) == 0 {
		return o.text(ctx, p.text)
	}
	type item struct {
		ID      string `json:"id"`
		Content string `json:"content"`
	}
	var list []item
	for _, option := range p.options {
		list = append(list, item{option.ID, option.Title})
	}
	err := o.call(ctx, "msgmenu", map[string]any{"head_content": p.text, "list": list, "tail_content": ""})
	if e, ok := errors.AsType[*chat.SendError](err); ok && e.State == chat.SendingDead && menuRefused(err) {
		return o.text(ctx, p.plain())
	}
	return err
}

// menuRefused tells whether WeChat does not take the menu, but may take a text.
func menuRefused(err error) bool {
	switch host.Code(err) {
	case 40008, 40035, 45002:
		return true
	}
	return false
}

func (o *send) text(ctx context.Context, text string) error {
	return o.call(ctx, "text", map[string]any{"content": text})
}

// picture uploads and sends one. A picture that is not here any more is dropped, for the rest is worth more.
func (o *send) picture(ctx context.Context, p chat.Attachment) error {
	file, kept, err := o.c.c.Pictures.Open(ctx, p.ID)
	if errors.Is(err, chat.ErrNotFound) {
		o.c.c.Log.WarnContext(ctx, "a picture is gone", "sending", o.s.ID, "picture", p.ID)
		return nil
	}
	if err != nil {
		return &chat.SendError{State: chat.SendingQueued, Reason: "the picture cannot be read"}
	}
	defer func() { _ = file.Close() }() // it was only read
	name := "picture.jpg"
	if kept.Type == "image/png" {
		name = "picture.png"
	}
	if err := o.allowed(); err != nil { // before the upload
		return err
	}
	id, err := o.a.client.Upload(ctx, "image", name, kept.Type, file)
	if err != nil {
		return o.learn(err)
	}
	return o.call(ctx, "image", map[string]any{"media_id": id})
}

// allowed is an error when it is known that nothing may be sent.
func (o *send) allowed() error {
	if o.ledger.known && o.ledger.left(o.c.c.Now()) == 0 {
		return waits(0, "no more may be sent before the customer writes again; it waits for their next message")
	}
	return nil
}

// call sends one message of a type.
func (o *send) call(ctx context.Context, kind string, content any) error {
	if err := o.allowed(); err != nil {
		return err
	}
	err := o.a.client.Post(ctx, customSend, map[string]any{"touser": o.s.Address, "msgtype": kind, kind: content}, nil)
	e, failed := errors.AsType[*chat.SendError](err)
	if !failed || e.State == chat.SendingUnknown {
		o.ledger.spend(o.c.c.Now())
		o.spent = true
	}
	return o.learn(err)
}

// learn notes what an answer says of what may be sent.
func (o *send) learn(err error) error {
	switch code := host.Code(err); code {
	case host.CodeUsedUp, host.CodeWindow:
		o.ledger.empty()
		o.spent = true
	case host.CodeUnauthorized:
		o.marks = append(o.marks, o.c.forbid(o.a, true)...)
		o.marks = append(o.marks, o.c.more(o.a, o.s.Address, o.s.Lane))
	case 0:
		if err == nil {
			o.marks = append(o.marks, o.c.forbid(o.a, false)...)
		}
	}
	return err
}

// kept are the marks of the attempt. Where the customer wrote meanwhile, their message says what is left.
func (o *send) kept(ctx context.Context) []chat.KV {
	if !o.spent {
		return o.marks
	}
	if now, err := o.c.ledger(ctx, o.a, o.s.Address); err != nil || !now.message.Until.Equal(o.before) {
		return o.marks
	}
	return append(o.marks, o.ledger.marks(o.a, o.s.Address, o.s.Lane)...)
}
