package kf

import (
	"errors"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
)

// Errcodes of 微信客服 that are told apart.
const (
	codeParameter = 40058
	codeTooMany   = 45009
	codeUsedUp    = 95001 // 5 messages were sent since the customer wrote
	codeWindow    = 95002 // the customer wrote more than 48 hours ago
	codeSyncToken = 95007 // the callback's token is over
	codeEnded     = 95013
	codeState     = 95018 // somebody or something else has the conversation
)

// recheckDelay is how long what waits for a customer rests between two attempts. Their message makes it due at once.
const recheckDelay = time.Hour

// awaitCustomer is the end of an attempt that waits for the customer's next message.
func awaitCustomer(reason string) chat.SendError {
	return chat.SendError{State: chat.SendingQueued, RetryAfter: recheckDelay, AwaitsCustomer: true, Reason: reason}
}

// sendErrors is what errcodes of enterprise WeChat mean, besides the common ones or instead.
func sendErrors() map[int]chat.SendError {
	table := map[int]chat.SendError{
		40096:       {State: chat.SendingDead, Reason: reasonNoCustomer},
		95000:       {State: chat.SendingDead, Reason: reasonNoKf},
		95004:       {State: chat.SendingDead, Reason: reasonNoKf},
		codeTooMany: {State: chat.SendingQueued, RetryAfter: time.Minute, PausesAccount: true, Reason: reasonTooManyCalls},
		codeUsedUp:  awaitCustomer(reasonUsedUp),
		codeWindow:  awaitCustomer(reasonWindow),
		codeEnded:   awaitCustomer(reasonEnded),
	}
	for code, s := range settingErrors() {
		table[code] = chat.SendError{State: chat.SendingQueued, RetryAfter: 5 * time.Minute, PausesAccount: true, Reason: s.reason}
	}
	return table
}

// settingError is a setting that somebody must mend: what agents read, and what the operator is to do.
type settingError struct{ reason, fix string }

// settingErrors is what errcodes tell of settings.
func settingErrors() map[int]settingError {
	secret := settingError{reasonSecret, "copy the application's Secret anew"}
	mayNotCall := settingError{reasonMayNotCall, "name it in 可调用接口的应用, on the page of 微信客服"}
	off := settingError{reasonAPIOff, "switch the API of 微信客服 on, on its page"}
	return map[int]settingError{
		40001: secret,
		40013: {reasonCorp, "copy 企业ID from the page 我的企业"},
		40091: secret,
		48002: mayNotCall,
		60011: {reasonMayNotManage, "give it the right to the desk (通过API管理会话消息), on the page of 微信客服"},
		60020: {reasonUntrustedAddr, "add it to 企业可信IP, on the application's page"},
		60030: mayNotCall,
		95012: off,
		95017: off,
	}
}

// sendError is the one that an error of the host's client wraps; nil for nil.
func sendError(err error) *chat.SendError {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*chat.SendError](err); ok {
		return e
	}
	return &chat.SendError{State: chat.SendingQueued, Reason: fmt.Sprintf(reasonError, err)}
}
