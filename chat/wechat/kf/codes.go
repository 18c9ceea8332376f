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

// heldEnded is why something waits when its conversation is over. What agents read of a message is Chinese.
const heldEnded = "会话已结束，等顾客再说话时补发"

// codes is what errcodes of enterprise WeChat mean, besides the common ones or instead.
func codes() map[int]chat.SendError {
	const queued, dead = chat.SendingQueued, chat.SendingDead
	held := func(reason string) chat.SendError {
		return chat.SendError{State: queued, RetryAfter: waitHeld, AwaitsCustomer: true, Reason: reason}
	}
	table := map[int]chat.SendError{
		40096:      {State: dead, Reason: "微信客服没有这位顾客"},
		45009:      {State: queued, RetryAfter: time.Minute, PausesAccount: true, Reason: "too many calls"},
		95000:      {State: dead, Reason: "没有这个客服账号（open_kfid）"},
		codeUsedUp: held("顾客上次发消息后已发满5条，等顾客再说话时补发"),
		codeWindow: held("顾客上次发消息已超过48小时，等顾客再说话时补发"),
		95004:      {State: dead, Reason: "没有这个客服账号（open_kfid）"},
		codeEnded:  held(heldEnded),
	}
	for code, m := range misset() {
		table[code] = chat.SendError{State: queued, RetryAfter: 5 * time.Minute, PausesAccount: true, Reason: m.what + "; " + m.mend}
	}
	return table
}

// setting is what is wrong with one, and what to do about it.
type setting struct{ what, mend string }

// misset is what errcodes tell of settings that somebody must mend.
func misset() map[int]setting {
	secret := setting{"it does not know this secret", "copy the application's Secret anew"}
	right := setting{"the application may not call this", "name it in 可调用接口的应用, on the page of 微信客服"}
	return map[int]setting{
		40001: secret,
		40013: {"it does not know this corporation", "copy 企业ID from the page 我的企业"},
		40091: secret,
		48002: right,
		60011: {"the application may not do this", "give it the right to the desk (通过API管理会话消息), on the page of 微信客服"},
		60020: {"this machine's address is not trusted", "add it to 企业可信IP, on the application's page"},
		60030: right,
		95012: {"the API of 微信客服 is not switched on", "switch it on, on its page"},
		95017: {"the API of 微信客服 is switched off", "switch it on, on its page"},
	}
}
