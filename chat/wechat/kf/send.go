package kf

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// Send gives a customer what was said: an entry, in as many messages as it takes.
func (c *Channel) Send(ctx context.Context, s chat.Sending) ([]chat.KV, error) {
	a, ok := c.accounts[s.Account]
	if !ok {
		return nil, &chat.SendError{State: chat.SendingQueued, Reason: fmt.Sprintf("no wechat-kf account named %q is set up here", s.Account)}
	}
	who, ok := parseAddress(s.Address)
	if !ok {
		return nil, &chat.SendError{State: chat.SendingDead, Reason: "the address is none"}
	}
	var e chat.Entry
	if err := json.Unmarshal(s.Body, &e); err != nil {
		return nil, &chat.SendError{State: chat.SendingDead, Reason: "the body is no entry"}
	}
	o := outgoing{c: c, a: a, who: who, s: s}
	if err := o.look(ctx); err != nil {
		return nil, &chat.SendError{State: chat.SendingQueued, PartsSent: s.PartsSent, Reason: "the database cannot tell what may be sent"}
	}
	return o.all(ctx, compose(e))
}

// outgoing is a sending on its way.
type outgoing struct {
	c       *Channel
	a       *account
	who     address
	s       chat.Sending
	quota   quota
	welcome string // the code for one message to somebody who has just come; "" for none
	used    bool   // it was used, or is refused
}

// look reads what the channel remembers of the customer.
func (o *outgoing) look(ctx context.Context) (err error) {
	if o.quota, err = o.c.quota(ctx, o.a.Name, o.who); err != nil {
		return err
	}
	code, err := o.c.mark(ctx, o.quota.keys.welcome)
	o.welcome = string(code)
	return err
}

// all sends the parts that have not arrived yet.
func (o *outgoing) all(ctx context.Context, parts []part) ([]chat.KV, error) {
	before := o.quota.sent
	var failure *chat.SendError
	for done := o.s.PartsSent; done < len(parts); done++ {
		if failure = o.part(ctx, parts[done], done); failure != nil {
			failure.PartsSent = done
			break
		}
	}
	switch {
	case failure == nil:
	case failure.AwaitsCustomer:
		failure = o.held(ctx, failure)
	case failure.State == chat.SendingUnknown: // the next attempt tells
		failure.State = chat.SendingQueued
	}
	var marks []chat.KV
	if o.quota.sent != before {
		m, err := o.quota.mark(o.s.Lane, o.c.c.Now())
		if err == nil { // else our own count is less true
			marks = append(marks, m)
		}
	}
	if o.used {
		marks = append(marks, chat.KV{Key: o.quota.keys.welcome})
	}
	if failure != nil {
		return marks, failure
	}
	return marks, nil
}

// held notes that something waits for the customer's next message, unless that has come meanwhile.
func (o *outgoing) held(ctx context.Context, e *chat.SendError) *chat.SendError {
	if now, err := o.c.quota(ctx, o.a.Name, o.who); err == nil && now.spoke != o.quota.spoke {
		return &chat.SendError{State: chat.SendingQueued, PartsSent: e.PartsSent, Reason: e.Reason}
	}
	o.quota.sent.Held = o.s.Lane
	return e
}

// part sends one message. nil: the customer has it.
func (o *outgoing) part(ctx context.Context, p part, n int) *chat.SendError {
	m, err := o.message(ctx, p)
	if err != nil {
		return sendError(err)
	}
	doubt := ""
	if sending, part, ok := sendingOf(o.quota.sent.Doubt); ok && sending == o.s.ID && part == n {
		doubt = o.quota.sent.Doubt
	}
	if o.welcome != "" && !o.used && p.picture == "" {
		greeting := m
		greeting.Code, greeting.ID = o.welcome, cmp.Or(doubt, messageID(byEvent, o.s, n))
		err := o.post(ctx, "/cgi-bin/kf/send_msg_on_event", greeting, doubt)
		if o.used = err == nil || host.Code(err) != 0; err == nil || !o.used {
			return sendError(err)
		}
	}
	m.ToUser, m.Desk, m.ID = o.who.customer, o.who.desk, cmp.Or(doubt, messageID(byMessage, o.s, n))
	err = o.post(ctx, "/cgi-bin/kf/send_msg", m, doubt)
	switch host.Code(err) {
	case codeState:
		return o.stuck(ctx)
	case codeUsedUp:
		o.quota.sent.N = max(o.quota.sent.N, sends)
	case 0:
		if err == nil {
			o.quota.sent.N++
			o.quota.sent.Held = ""
		}
	}
	return sendError(err)
}

// post gives a message to the host. Where it stays unknown whether it arrived, the next attempt has the same
// id, which is in doubt then: the host takes an id once, so that its refusal means that the message arrived.
// Every other attempt has an id of its own, for a message that the host refuses may use up its id.
func (o *outgoing) post(ctx context.Context, path string, m message, doubt string) error {
	err := o.a.client.Post(ctx, path, m, nil)
	if doubt == m.ID && repeats(err) {
		err = nil
	}
	o.quota.sent.Doubt = ""
	if e := sendError(err); e != nil && e.State == chat.SendingUnknown {
		o.quota.sent.Doubt = m.ID
	}
	return err
}

// Ways by which a message goes, which tell its ids apart.
const (
	byMessage = "yd"
	byEvent   = "yw"
)

// messageID is the id of an attempt at a sending's part at the host. A failure that the host tells later finds
// the sending by it.
func messageID(way string, s chat.Sending, part int) string {
	return strings.Join([]string{way, strconv.FormatInt(s.ID, 36), strconv.Itoa(part), strconv.Itoa(s.Attempts)}, "_")
}

// sendingOf is the sending, and its part, that has a message's id.
func sendingOf(id string) (sending int64, part int, ok bool) {
	fields := strings.Split(id, "_")
	if len(fields) != 4 || fields[0] != byMessage && fields[0] != byEvent {
		return 0, 0, false
	}
	sending, err := strconv.ParseInt(fields[1], 36, 64)
	if err != nil {
		return 0, 0, false
	}
	part, err = strconv.Atoi(fields[2])
	return sending, part, err == nil && sending >= 0 && part >= 0
}

// repeats tells whether the host refuses an id because it has a message of that id. Which errcode says so is
// documented nowhere; the text names what is wrong.
func repeats(err error) bool {
	return host.Code(err) != 0 && strings.Contains(strings.ToLower(err.Error()), "msgid")
}

// sendError is the one that an error of the host's client wraps; nil for nil.
func sendError(err error) *chat.SendError {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*chat.SendError](err); ok {
		copied := *e
		return &copied
	}
	return &chat.SendError{State: chat.SendingQueued, Reason: fmt.Sprintf("it cannot be sent now: %T", err)}
}
