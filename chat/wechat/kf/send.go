package kf

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// Send gives a customer what was said: an entry, in as many messages as it takes.
func (c *Channel) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	a, err := c.accounts.Find(s)
	if err != nil {
		return nil, err
	}
	who, ok := parseAddress(s.Address)
	if !ok {
		return nil, &chat.SendError{State: chat.SendingDead, Reason: reasonAddress}
	}
	e, err := chat.DecodeBody[chat.Entry](s)
	if err != nil {
		return nil, err
	}
	if e, err = host.RenderEntry(ctx, c.Conversations, s.Lane, e); err != nil {
		return nil, &chat.SendError{State: chat.SendingQueued, PartsSent: s.PartsSent, Reason: host.ReasonQuote}
	}
	o := outgoing{Config: c.Config, a: a, who: who, s: s}
	if err := o.load(ctx); err != nil {
		return nil, &chat.SendError{State: chat.SendingQueued, PartsSent: s.PartsSent, Reason: host.ReasonQuota}
	}
	e, failure := o.join(ctx, e)
	if failure != nil {
		return nil, failure
	}
	values, err := o.sendParts(ctx, compose(e))
	o.settleJoined(ctx, err != nil)
	return values, err
}

type outgoing struct {
	Config
	a           *account
	who         address
	s           chat.Sending
	quota       quota
	welcome     string         // the code for one message to somebody who has just come; "" for none
	welcomeUsed bool           // it was used, or is refused
	behind      []chat.Sending // leased: what goes with s as one message
	values      []chat.KV      // to keep with the sending's end
}

// load reads what the channel remembers of the customer.
func (o *outgoing) load(ctx context.Context) (err error) {
	if o.quota, err = loadQuota(ctx, o.KV, o.a.Name, o.who); err != nil {
		return err
	}
	code, err := o.KV.GetKV(ctx, o.quota.keys.welcome)
	if errors.Is(err, chat.ErrNotFound) {
		return nil
	}
	o.welcome = string(code)
	return err
}

func (o *outgoing) sendParts(ctx context.Context, parts []part) ([]chat.KV, error) {
	before := o.quota.usage
	var failure *chat.SendError
	for n := o.s.PartsSent; n < len(parts); n++ {
		if failure = o.sendPart(ctx, parts[n], n); failure != nil {
			failure.PartsSent = n
			break
		}
	}
	switch {
	case failure == nil:
	case failure.AwaitsCustomer:
		failure = o.noteWaiting(ctx, failure)
	case failure.State == chat.SendingUnknown: // the next attempt tells
		failure.State = chat.SendingQueued
	}
	if o.quota.usage != before {
		o.values = append(o.values, o.quota.encode(o.s.Lane, o.Now()))
	}
	if o.welcomeUsed {
		o.values = append(o.values, chat.KV{Key: o.quota.keys.welcome})
	}
	if failure != nil {
		return o.values, failure
	}
	return o.values, nil
}

// noteWaiting notes that something waits for the customer's next message, unless that has come meanwhile.
func (o *outgoing) noteWaiting(ctx context.Context, e *chat.SendError) *chat.SendError {
	if now, err := loadQuota(ctx, o.KV, o.a.Name, o.who); err == nil && now.spoke != o.quota.spoke {
		return &chat.SendError{State: chat.SendingQueued, PartsSent: e.PartsSent, Reason: e.Reason}
	}
	o.quota.usage.Waiting = o.s.Lane
	return e
}

// sendPart sends one message. nil: the customer has it.
func (o *outgoing) sendPart(ctx context.Context, p part, n int) *chat.SendError {
	m, err := o.message(ctx, p)
	if err != nil {
		return sendError(err)
	}
	doubt := o.doubt(n)
	if o.welcome != "" && !o.welcomeUsed && p.picture == "" {
		welcome := m
		welcome.Code, welcome.ID = o.welcome, cmp.Or(doubt, messageID(byEvent, o.s, n))
		err := o.post(ctx, "/cgi-bin/kf/send_msg_on_event", welcome, doubt)
		if o.welcomeUsed = err == nil || host.Code(err) != 0; err == nil || !o.welcomeUsed {
			return sendError(err)
		}
	}
	m.ToUser, m.OpenKf, m.ID = o.who.customer, o.who.openKf, cmp.Or(doubt, messageID(bySend, o.s, n))
	if o.quota.left() == 1 {
		m.append(textLast)
	}
	err = o.post(ctx, "/cgi-bin/kf/send_msg", m, doubt)
	switch host.Code(err) {
	case codeState:
		return o.a.claimConversation(ctx, o.who, o.Log)
	case codeUsedUp:
		o.quota.usage.N = max(o.quota.usage.N, maxSends)
	case 0:
		if err == nil {
			o.quota.usage.N++
			o.quota.usage.Waiting = ""
		}
	}
	return sendError(err)
}

// doubt is the id of the message that may have brought the n-th part; "" for none.
func (o *outgoing) doubt(n int) string {
	if sending, at, ok := parseMessageID(o.quota.usage.Doubt); !ok || sending != o.s.ID || at != n {
		return ""
	}
	return o.quota.usage.Doubt
}

// message makes a part ready; a picture is uploaded first.
func (o *outgoing) message(ctx context.Context, p part) (message, error) {
	if p.picture == "" {
		return newMessage(p, ""), nil
	}
	id, err := o.a.client.UploadPicture(ctx, o.Pictures, p.picture)
	if errors.Is(err, chat.ErrNotFound) {
		err = &chat.SendError{State: chat.SendingDead, Reason: reasonGone}
	}
	return newMessage(p, id), err
}

// post gives a message to the host. Where it stays unknown whether it arrived, the next attempt has the same
// id, which is in doubt then: the host takes an id once, so that its refusal means that the message arrived.
// Every other attempt has an id of its own, for a message that the host refuses may use up its id.
func (o *outgoing) post(ctx context.Context, path string, m message, doubt string) error {
	if err := o.noteJoined(ctx, m.ID); err != nil {
		return &chat.SendError{State: chat.SendingQueued, Reason: host.ReasonQuota}
	}
	err := o.a.client.Post(ctx, path, m, nil)
	if doubt == m.ID && isDuplicate(err) {
		err = nil
	}
	o.quota.usage.Doubt = ""
	if e := sendError(err); e != nil && e.State == chat.SendingUnknown {
		o.quota.usage.Doubt = m.ID
	}
	return err
}

// isDuplicate tells whether the host refuses an id because it has a message of that id. Which errcode says so is
// documented nowhere; the text names what is wrong.
func isDuplicate(err error) bool {
	return host.Code(err) != 0 && strings.Contains(strings.ToLower(err.Error()), "msgid")
}
