package wechat

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

const sendPath = "/cgi-bin/message/custom/send"

// awaitCustomer is the end of an attempt that waits for the customer's next message.
func awaitCustomer(partsSent int, reason string) *chat.SendError {
	return &chat.SendError{State: chat.SendingQueued, RetryAfter: recheckDelay, AwaitsCustomer: true, PartsSent: partsSent, Reason: reason}
}

type outgoing struct {
	c      *Channel
	a      *account
	s      chat.Sending
	quota  quota
	before time.Time // quota.message.Until as it was
	spent  bool
	values []chat.KV // to keep with the sending's end
}

// Send sends an entry by message/custom/send, part by part.
func (c *Channel) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	a, err := c.accounts.Find(s)
	if err != nil {
		return nil, err
	}
	e, err := chat.DecodeBody[chat.Entry](s)
	if err != nil {
		return nil, err
	}
	if e, err = host.RenderEntry(ctx, c.Conversations, s.Lane, e); err != nil {
		return nil, &chat.SendError{State: chat.SendingQueued, PartsSent: s.PartsSent, Reason: host.ReasonQuote}
	}
	if a.sendForbidden(ctx) {
		return []chat.KV{a.continuation(s.Address, s.Lane)}, awaitCustomer(s.PartsSent, host.ReasonUncertified)
	}
	q, err := a.loadQuota(ctx, s.Address)
	if err != nil {
		return nil, &chat.SendError{State: chat.SendingQueued, PartsSent: s.PartsSent, Reason: host.ReasonQuota}
	}
	o := &outgoing{c: c, a: a, s: s, quota: q, before: q.message.Until}
	if q.known && q.left(c.Now()) <= scarce && len(e.Attachments) == 0 {
		err = o.sendMerged(ctx)
	} else {
		err = o.sendParts(ctx, splitEntry(e, true))
	}
	return o.kept(ctx), err
}

func (o *outgoing) sendParts(ctx context.Context, parts []part) error {
	for n := min(o.s.PartsSent, len(parts)); n < len(parts); n++ {
		if err := o.sendPart(ctx, parts[n]); err != nil {
			return withPartsSent(err, n)
		}
	}
	return nil
}

// withPartsSent is the error of an attempt of which so many parts have arrived.
func withPartsSent(err error, n int) error {
	if e, ok := errors.AsType[*chat.SendError](err); ok {
		e.PartsSent = n
	}
	return err
}

func (o *outgoing) sendPart(ctx context.Context, p part) error {
	if p.picture != "" {
		return o.sendPicture(ctx, p.picture)
	}
	if len(p.options) == 0 {
		return o.sendText(ctx, p.text)
	}
	type item struct {
		ID      string `json:"id"`
		Content string `json:"content"`
	}
	var list []item
	for _, option := range p.options {
		list = append(list, item{option.ID, option.Title})
	}
	err := o.post(ctx, "msgmenu", map[string]any{"head_content": p.text, "list": list, "tail_content": ""})
	noMenu := slices.Contains([]int{40008, 40035, host.CodeTooLong}, host.Code(err)) // but maybe a text
	if e, ok := errors.AsType[*chat.SendError](err); ok && e.State == chat.SendingDead && noMenu {
		return o.sendText(ctx, p.plain())
	}
	return err
}

func (o *outgoing) sendText(ctx context.Context, text string) error {
	return o.post(ctx, "text", map[string]any{"content": text})
}

// sendPicture uploads and sends one. A picture that is not here any more is dropped, for the rest is worth more.
func (o *outgoing) sendPicture(ctx context.Context, picture string) error {
	if err := o.checkQuota(); err != nil { // before the upload
		return err
	}
	id, err := o.a.client.UploadPicture(ctx, o.c.Pictures, picture)
	switch {
	case errors.Is(err, chat.ErrNotFound):
		o.a.log.WarnContext(ctx, "a picture is gone", "sending", o.s.ID, "picture", picture)
		return nil
	case err != nil:
		return o.learn(err)
	}
	return o.post(ctx, "image", map[string]any{"media_id": id})
}

// checkQuota is an error when it is known that nothing may be sent.
func (o *outgoing) checkQuota() error {
	if o.quota.known && o.quota.left(o.c.Now()) == 0 {
		return awaitCustomer(0, host.ReasonUsedUp)
	}
	return nil
}

func (o *outgoing) post(ctx context.Context, msgType string, content any) error {
	if err := o.checkQuota(); err != nil {
		return err
	}
	err := o.a.client.Post(ctx, sendPath, map[string]any{"touser": o.s.Address, "msgtype": msgType, msgType: content}, nil)
	e, failed := errors.AsType[*chat.SendError](err)
	if !failed || e.State == chat.SendingUnknown {
		o.quota.spend(o.c.Now())
		o.spent = true
	}
	return o.learn(err)
}

// learn notes what an answer says of what may be sent.
func (o *outgoing) learn(err error) error {
	switch code := host.Code(err); code {
	case host.CodeUsedUp, host.CodeWindow:
		o.quota.exhaust()
		o.spent = true
	case host.CodeUnauthorized:
		o.values = append(o.values, o.a.learnForbidden(true)...)
		o.values = append(o.values, o.a.continuation(o.s.Address, o.s.Lane))
	case 0:
		if err == nil {
			o.values = append(o.values, o.a.learnForbidden(false)...)
		}
	}
	return err
}

// kept is what is kept of the attempt. Where the customer wrote meanwhile, their message says what is left.
func (o *outgoing) kept(ctx context.Context) []chat.KV {
	if !o.spent {
		return o.values
	}
	if now, err := o.a.loadQuota(ctx, o.s.Address); err != nil || !now.message.Until.Equal(o.before) {
		return o.values
	}
	return append(o.values, o.a.encodeQuota(o.quota, o.s.Address, o.s.Lane)...)
}

// sendMerged sends a text with those that wait behind it in the lane, as many as one message holds, since each
// message costs one of the few that are left.
func (o *outgoing) sendMerged(ctx context.Context) error {
	if err := o.checkQuota(); err != nil {
		return withPartsSent(err, o.s.PartsSent)
	}
	behind, err := o.c.Outbox.LeaseLane(ctx, o.s.Lane, o.s.ID, host.LeaseTime)
	if err != nil {
		o.a.log.WarnContext(ctx, "texts are not merged", "sending", o.s.ID, "error", err)
	}
	sendings := append([]chat.Sending{o.s}, behind...)
	entries := host.RenderEntries(ctx, o.c.Conversations, o.c.Log, sendings)
	for {
		pg := composePage(sendings, entries, host.MaxText, false)
		if pg.text == "" { // nothing to say
			host.Requeue(ctx, o.c.Outbox, o.c.Log, o.c.Now(), behind)
			return nil
		}
		if err := o.sendText(ctx, pg.text); err != nil {
			if e, ok := errors.AsType[*chat.SendError](err); ok && e.State == chat.SendingUnknown {
				o.settleBehind(ctx, &pg, func(s chat.Sending) chat.Settlement {
					return chat.Settlement{State: e.State, Reason: e.Reason, PartsSent: s.PartsSent}
				})
			} else {
				host.Requeue(ctx, o.c.Outbox, o.c.Log, o.c.Now(), behind)
			}
			return withPartsSent(err, sendings[0].PartsSent)
		}
		if pg.partial == nil || pg.partial.ID != o.s.ID {
			o.settleBehind(ctx, &pg, func(s chat.Sending) chat.Settlement { return pg.settlement(s, o.c.Now()) })
			return nil
		}
		sendings[0].PartsSent = pg.partsSent // it is longer than one message
	}
}

// settleBehind ends the leases of what was behind and is on a page, and leaves what is not to the courier.
func (o *outgoing) settleBehind(ctx context.Context, pg *page, how func(chat.Sending) chat.Settlement) {
	for _, s := range pg.sendings() {
		if s.ID != o.s.ID {
			host.Settle(ctx, o.c.Outbox, o.c.Log, s.ID, how(s))
		}
	}
	host.Requeue(ctx, o.c.Outbox, o.c.Log, o.c.Now(), pg.rest)
}
