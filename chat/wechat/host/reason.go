package host

import (
	"maps"
	"time"

	"github.com/yingda/yingda/chat"
)

// What agents read, of both of WeChat's channels.
const (
	ReasonUsedUp      = "条数用完了，等顾客下次说话时再送"
	ReasonUncertified = "公众号没有认证，不能主动发，等顾客下次说话时再送"
	ReasonQuota       = "数据库没有答复还能发几条"
	ReasonQuote       = "引用的话暂时读不出来"
	ReasonPicture     = "图片暂时读不出来"
)

// What agents read of a call that failed; every string in this file is Chinese.
const (
	reasonKnown   = "%s（微信错误码 %d）"
	reasonUnknown = "微信没有收下（错误码 %d：%s）"

	reasonUnconfirmed   = "请管理员在微信后台确认这台服务器的地址"
	reasonNotListed     = "这台服务器的地址不在微信后台的 IP 白名单里"
	reasonNotListedAddr = "这台服务器的地址 %s 不在微信后台的 IP 白名单里，请管理员添加"

	reasonEncode      = "这条消息写不成微信要的格式"
	reasonURL         = "微信的接口地址不对"
	reasonAnswerCut   = "微信的答复没有收全"
	reasonAnswerShape = "微信的答复看不懂"
	reasonNoToken     = "没有及时拿到微信的访问凭证"
	reasonNoFile      = "微信没有给出图片"
	reasonFile        = "图片读不出来"
	reasonNoMediaID   = "微信没有收下图片"
)

// Errcodes of WeChat that callers tell apart.
const (
	CodeBusy         = -1
	CodeCredential   = 40001 // the access token, or with the token's own call the secret, is wrong
	CodeOpenID       = 40003
	CodeAppID        = 40013
	CodeToken        = 40014
	CodeSecret       = 40125
	CodeNotListed    = 40164 // this machine's address is not on the white list, for tokens
	CodeNotListedNow = 61004 // likewise, for every other call
	CodeExpired      = 42001
	CodeDaily        = 45009
	CodeMinute       = 45011
	CodeWindow       = 45015 // the customer did not write for 48 hours
	CodeUsedUp       = 45047 // all that may be sent before the customer writes again
	CodeTooLong      = 45002
	CodeUnauthorized = 48001 // the account may not call this: it is not certified
)

// recheckDelay is how long a sending that waits for the customer's next message rests between two attempts: the
// message itself takes it along at once.
const recheckDelay = 24 * time.Hour

// sendErrors is what each errcode says of a sending, with extra besides or instead. Anything else was certainly not
// delivered and may work later: it is queued again with the courier's back-off.
func sendErrors(extra map[int]chat.SendError) map[int]chat.SendError {
	pause := func(d time.Duration, reason string) chat.SendError {
		return chat.SendError{State: chat.SendingQueued, RetryAfter: d, PausesAccount: true, Reason: reason}
	}
	awaitCustomer := func(reason string) chat.SendError {
		return chat.SendError{State: chat.SendingQueued, RetryAfter: recheckDelay, AwaitsCustomer: true, Reason: reason}
	}
	setting := func(reason string) chat.SendError { return pause(5*time.Minute, reason) } // somebody must mend one
	dead := func(reason string) chat.SendError { return chat.SendError{State: chat.SendingDead, Reason: reason} }
	table := map[int]chat.SendError{
		CodeBusy:         {State: chat.SendingQueued, Reason: "微信系统繁忙"},
		CodeCredential:   pause(time.Minute, "微信不认刚发的访问凭证，或者密钥不对"),
		CodeToken:        pause(time.Minute, "微信不认刚发的访问凭证"),
		CodeExpired:      pause(time.Minute, "微信说刚发的访问凭证已过期"),
		CodeMinute:       pause(time.Minute, "这一分钟里接口调用太多"),
		CodeDaily:        pause(time.Hour, "今天的接口调用次数用完了"),
		48004:            pause(time.Hour, "微信对这个账号关闭了这个接口"),
		50002:            pause(time.Hour, "微信限制了这个账号"),
		CodeWindow:       awaitCustomer("顾客超过48小时没说话，等他下次说话时再送"),
		CodeUsedUp:       awaitCustomer(ReasonUsedUp),
		CodeUnauthorized: awaitCustomer(ReasonUncertified),
		50001:            awaitCustomer("公众号没有这个权限，等顾客下次说话时再送"),
		48002:            awaitCustomer("顾客不收公众号的消息，等他下次说话时再送"),
		CodeOpenID:       dead("没有这位顾客"),
		40007:            dead("微信不认这张图片"),
		40008:            dead("微信不认这种消息"),
		43004:            dead("顾客已取消关注"),
		43019:            dead("顾客在公众号的黑名单里"),
		45001:            dead("图片太大"),
		CodeTooLong:      dead("文字太长"),
		87014:            dead("微信认为内容有风险"),
		CodeAppID:        setting("微信不认这个 AppID，请管理员检查设置"),
		40002:            setting("微信不认这种取凭证的方式，请管理员检查接口地址"),
		CodeSecret:       setting("密钥（AppSecret）不对，请管理员检查设置，或在微信后台重置"),
		40243:            setting("密钥（AppSecret）被冻结了，请管理员在微信后台解冻，十分钟后生效"),
		41002:            setting("没有填 AppID，请管理员检查设置"),
		41004:            setting("没有填密钥（AppSecret），请管理员检查设置"),
		89501:            setting(reasonUnconfirmed),
		89503:            setting(reasonUnconfirmed),
		89506:            setting("管理员拒绝了这台服务器的地址，24小时后才能再申请"),
		89507:            setting("管理员拒绝了这台服务器的地址，一小时后才能再申请"),
		CodeNotListed:    setting(reasonNotListed),
		CodeNotListedNow: setting(reasonNotListed),
	}
	maps.Copy(table, extra)
	return table
}
