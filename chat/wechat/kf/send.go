package kf

import (
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
func (c *Channel) Send(ctx context.Context, s chat.Sending) ([]chat.Mark, error) {
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
		return nil, &chat.SendError{State: chat.SendingQueued, Done: s.Done, Reason: "the database cannot tell what may be sent"}
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
func (o *outgoing) all(ctx context.Context, parts []part) ([]chat.Mark, error) {
	before := o.quota.sent
	var failure *chat.SendError
	for done := o.s.Done; done < len(parts); done++ {
		if failure = o.part(ctx, parts[done], done); failure != nil {
			failure.Done = done
			break
		}
	}
	if failure != nil && failure.Held {
		failure = o.held(ctx, failure)
	}
	var marks []chat.Mark
	if o.quota.sent != before {
		m, err := o.quota.mark(o.s.Lane, o.c.c.Now())
		if err == nil { // else our own count is less true
			marks = append(marks, m)
		}
	}
	if o.used {
		marks = append(marks, chat.Mark{Key: o.quota.keys.welcome})
	}
	if failure != nil {
		return marks, failure
	}
	return marks, nil
}

// held notes that something waits for the customer's next message, unless that has come meanwhile.
func (o *outgoing) held(ctx context.Context, e *chat.SendError) *chat.SendError {
	if now, err := o.c.quota(ctx, o.a.Name, o.who); err == nil && now.spoke != o.quota.spoke {
		return &chat.SendError{State: chat.SendingQueued, Done: e.Done, Reason: e.Reason}
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
	m.ID = messageID(o.s.ID, n)
	if o.welcome != "" && !o.used && p.picture == "" {
		o.used = true
		greeting := m
		greeting.Code = o.welcome
		err := o.a.client.Post(ctx, "/cgi-bin/kf/send_msg_on_event", greeting, nil)
		if err == nil {
			return nil
		}
		if host.Code(err) == 0 {
			o.used = false // it may hold yet
			return repeatable(err)
		}
	}
	m.ToUser, m.Desk = o.who.customer, o.who.desk
	if err = o.a.client.Post(ctx, sendPath, m, nil); host.Code(err) == codeState {
		var e *chat.SendError
		if e = o.stuck(ctx); e != nil {
			return e
		}
		err = o.a.client.Post(ctx, sendPath, m, nil)
	}
	switch {
	case err == nil:
		o.quota.sent.N++
		return nil
	case o.s.Attempts > 1 && repeats(err): // an earlier attempt arrived, whose answer did not
		return nil
	case host.Code(err) == codeUsedUp:
		o.quota.sent.N = max(o.quota.sent.N, sends)
	}
	return repeatable(err)
}

const sendPath = "/cgi-bin/kf/send_msg"

// messageID is the id of a sending's part at the host, which takes an id only once at a desk: so a part may be
// sent again where it is unknown whether it arrived, and a failure that the host tells later finds its sending.
func messageID(sending int64, part int) string {
	return "yd_" + strconv.FormatInt(sending, 36) + "_" + strconv.Itoa(part)
}

// sendingOf is the sending that has a message's id.
func sendingOf(id string) (sending int64, part int, ok bool) {
	fields := strings.Split(id, "_")
	if len(fields) != 3 || fields[0] != "yd" {
		return 0, 0, false
	}
	sending, err := strconv.ParseInt(fields[1], 36, 64)
	if err != nil {
		return 0, 0, false
	}
	part, err = strconv.Atoi(fields[2])
	return sending, part, err == nil && messageID(sending, part) == id
}

// repeats tells whether the host refuses an id because it has a message of that id. Which errcode says so is
// documented nowhere; the text names what is wrong.
func repeats(err error) bool {
	return host.Code(err) != 0 && strings.Contains(strings.ToLower(err.Error()), "msgid")
}

// repeatable is what a failed message means: where it is unknown whether it arrived, the next attempt tells.
func repeatable(err error) *chat.SendError {
	e := sendError(err)
	if e.State == chat.SendingUnknown {
		e.State = chat.SendingQueued
	}
	return e
}

// sendError is the one that an error of the host's client wraps.
func sendError(err error) *chat.SendError {
	if e, ok := errors.AsType[*chat.SendError](err); ok {
		copied := *e
		return &copied
	}
	return &chat.SendError{State: chat.SendingQueued, Reason: fmt.Sprintf("it cannot be sent now: %T", err)}
}
