package kf

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// States of a conversation at the host (service_state). The API may say something in the first two; with a
// customer service account of our own a conversation stays there.
const (
	stateNew    = 0
	stateBot    = 1
	stateQueued = 2 // it waits for somebody in the app of enterprise WeChat
	stateHuman  = 3 // somebody there has it
	stateEnded  = 4
)

// serviceState names a conversation at the host, and the state that it is to have.
type serviceState struct {
	OpenKf   string `json:"open_kfid"`
	Customer string `json:"external_userid"`
	State    *int   `json:"service_state,omitempty"`
}

// claimConversation finds out why the host refused a message for the conversation's state, mends it where it can, and
// says what that means for the message.
func (a *account) claimConversation(ctx context.Context, who address, log *slog.Logger) *chat.SendError {
	s := serviceState{OpenKf: who.openKf, Customer: who.customer}
	var now struct {
		State int `json:"service_state"`
	}
	if err := a.client.Post(ctx, "/cgi-bin/kf/service_state/get", s, &now); err != nil {
		return sendError(host.NotSent(err))
	}
	switch now.State {
	case stateNew:
		bot := stateBot
		s.State = &bot
		if err := a.client.Post(ctx, "/cgi-bin/kf/service_state/trans", s, nil); err != nil {
			return sendError(host.NotSent(err))
		}
		return &chat.SendError{State: chat.SendingQueued, Reason: reasonNobodys}
	case stateBot:
		return &chat.SendError{State: chat.SendingQueued, Reason: reasonNotBots}
	case stateQueued, stateHuman:
		log.WarnContext(ctx, "a conversation is in the app of enterprise WeChat, and not with us: set its customer service account to 智能助手接待",
			"channel", Name, "account", a.Name, "open_kfid", who.openKf, "state", now.State)
		return &chat.SendError{State: chat.SendingDead, Reason: fmt.Sprintf(reasonServicer, now.State)}
	case stateEnded:
		e := awaitCustomer(reasonEnded)
		return &e
	}
	return &chat.SendError{State: chat.SendingQueued, Reason: fmt.Sprintf(reasonState, now.State)}
}
