package host

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

	reasonBusy         = "微信系统繁忙"
	reasonCredential   = "微信不认刚发的访问凭证，或者密钥不对"
	reasonToken        = "微信不认刚发的访问凭证"
	reasonExpired      = "微信说刚发的访问凭证已过期"
	reasonOpenID       = "没有这位顾客"
	reasonMedia        = "微信不认这张图片"
	reasonMessageType  = "微信不认这种消息"
	reasonDaily        = "今天的接口调用次数用完了"
	reasonMinute       = "这一分钟里接口调用太多"
	reasonTooLong      = "文字太长"
	reasonTooLarge     = "图片太大"
	reasonWindow       = "顾客超过48小时没说话，等他下次说话时再送"
	reasonNoPermission = "公众号没有这个权限，等顾客下次说话时再送"
	reasonRefused      = "顾客不收公众号的消息，等他下次说话时再送"
	reasonUnsubscribed = "顾客已取消关注"
	reasonBlacklisted  = "顾客在公众号的黑名单里"
	reasonClosed       = "微信对这个账号关闭了这个接口"
	reasonRestricted   = "微信限制了这个账号"
	reasonRisky        = "微信认为内容有风险"

	reasonAppID         = "微信不认这个 AppID，请管理员检查设置"
	reasonGrant         = "微信不认这种取凭证的方式，请管理员检查接口地址"
	reasonSecret        = "密钥（AppSecret）不对，请管理员检查设置，或在微信后台重置"
	reasonFrozen        = "密钥（AppSecret）被冻结了，请管理员在微信后台解冻，十分钟后生效"
	reasonNoAppID       = "没有填 AppID，请管理员检查设置"
	reasonNoSecret      = "没有填密钥（AppSecret），请管理员检查设置"
	reasonUnconfirmed   = "请管理员在微信后台确认这台服务器的地址"
	reasonRefusedDay    = "管理员拒绝了这台服务器的地址，24小时后才能再申请"
	reasonRefusedHour   = "管理员拒绝了这台服务器的地址，一小时后才能再申请"
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
