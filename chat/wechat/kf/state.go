package kf

import (
	"context"
	"fmt"

	"github.com/yingda/yingda/chat"
)

// States of a conversation at the host (service_state). The API may say something in the first two; with a
// desk of our own a conversation stays there.
const (
	stateNew    = 0
	stateBot    = 1
	stateQueued = 2 // it waits for somebody in the app of enterprise WeChat
	stateHuman  = 3 // somebody there has it
	stateEnded  = 4
)

// session names a conversation at the host.
type session struct {
	Desk     string `json:"open_kfid"`
	Customer string `json:"external_userid"`
	State    *int   `json:"service_state,omitempty"`
}

// stuck finds out why the host refused a message for the conversation's state, and what that means for it.
func (o *outgoing) stuck(ctx context.Context) *chat.SendError {
	s := session{Desk: o.who.desk, Customer: o.who.customer}
	var now struct {
		State int `json:"service_state"`
	}
	if err := o.a.client.Post(ctx, "/cgi-bin/kf/service_state/get", s, &now); err != nil {
		return unsent(err)
	}
	switch now.State {
	case stateNew:
		bot := stateBot
		s.State = &bot
		if err := o.a.client.Post(ctx, "/cgi-bin/kf/service_state/trans", s, nil); err != nil {
			return unsent(err)
		}
		return &chat.SendError{State: chat.SendingQueued, Reason: "the conversation was nobody's; it is the bot's now"}
	case stateBot:
		return &chat.SendError{State: chat.SendingQueued, Reason: "the conversation was not the bot's; it is now"}
	case stateQueued, stateHuman:
		o.c.c.Log.WarnContext(ctx, "a conversation is in the app of enterprise WeChat, and not with us: set its desk to 智能助手接待",
			"channel", Name, "account", o.a.Name, "desk", o.who.desk, "state", now.State)
		return &chat.SendError{State: chat.SendingDead, Reason: fmt.Sprintf(
			"会话在企业微信里由同事接待（service_state %d），要先在那里结束", now.State)}
	case stateEnded:
		return &chat.SendError{State: chat.SendingQueued, RetryAfter: waitHeld, AwaitsCustomer: true, Reason: heldEnded}
	}
	return &chat.SendError{State: chat.SendingQueued, Reason: fmt.Sprintf("the conversation's state at the host is %d, which is unknown", now.State)}
}

// unsent is the error of a call that sends nothing: the message certainly waits.
func unsent(err error) *chat.SendError {
	e := sendError(err)
	if e.State == chat.SendingUnknown {
		e.State = chat.SendingQueued
	}
	return e
}
