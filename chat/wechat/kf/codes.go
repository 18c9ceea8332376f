package kf

import (
	"time"

	"github.com/yingda/yingda/chat"
)

// Errcodes of 微信客服 that are told apart.
const (
	codeParameter = 40058
	codeUsedUp    = 95001 // 5 messages were sent since the customer wrote
	codeWindow    = 95002 // the customer wrote more than 48 hours ago
	codeSyncToken = 95007 // the callback's token is over
	codeEnded     = 95013
	codeState     = 95018 // somebody or something else has the conversation
)

// waitHeld is how long what waits for a customer rests between two attempts. Their message makes it due at once.
const waitHeld = time.Hour

// codes is what errcodes of enterprise WeChat mean, besides the common ones or instead.
func codes() map[int]chat.SendError {
	const queued, dead = chat.SendingQueued, chat.SendingDead
	setting := func(reason string) chat.SendError {
		return chat.SendError{State: queued, After: 5 * time.Minute, Whole: true, Reason: reason}
	}
	held := func(reason string) chat.SendError {
		return chat.SendError{State: queued, After: waitHeld, Held: true, Reason: reason}
	}
	return map[int]chat.SendError{
		40001:      setting("it does not know this secret (Secret): copy the application's anew"),
		40013:      setting("it does not know this corporation (corpid): copy 企业ID from the page 我的企业"),
		40091:      setting("it does not know this secret (Secret): copy the application's anew"),
		40096:      {State: dead, Reason: "there is no such customer"},
		45009:      {State: queued, After: time.Minute, Whole: true, Reason: "too many calls"},
		48002:      setting("the application may not call this: add it to 可调用接口的应用 on the page of 微信客服"),
		60011:      setting("the application may not do this: check its visible range (可见范围), and that it may manage the desk"),
		60020:      setting("this machine's address is not trusted: add it to 企业可信IP on the application's page"),
		60030:      setting("the application may not call this: add it to 可调用接口的应用 on the page of 微信客服"),
		95000:      {State: dead, Reason: "there is no such desk (open_kfid)"},
		codeUsedUp: held("5 messages were sent since the customer wrote; it waits for their next message"),
		codeWindow: held("the customer wrote more than 48 hours ago; it waits for their next message"),
		95004:      {State: dead, Reason: "there is no such desk (open_kfid)"},
		95012:      setting("the API of 微信客服 is not switched on for this corporation: do so on its page"),
		codeEnded:  held("the conversation is over; it waits for the customer's next message"),
		95017:      setting("the API of 微信客服 is switched off: switch it on on its page"),
	}
}
