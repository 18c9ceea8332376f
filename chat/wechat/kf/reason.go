package kf

import "cmp"

// What agents read of what did not reach a customer; every string in this file is Chinese.
const (
	reasonNoCustomer   = "微信客服没有这位顾客"
	reasonNoKf         = "没有这个客服账号（open_kfid）"
	reasonTooManyCalls = "接口调用太多"
	reasonUsedUp       = "顾客上次发消息后已发满5条，等顾客再说话时补发"
	reasonWindow       = "顾客上次发消息已超过48小时，等顾客再说话时补发"
	reasonEnded        = "会话已结束，等顾客再说话时补发"

	reasonSecret        = "企业微信不认这个密钥，请管理员重新填写应用的 Secret"
	reasonCorp          = "企业微信不认这个企业ID，请管理员检查设置"
	reasonMayNotCall    = "应用不能调用这个接口，请管理员在微信客服的“可调用接口的应用”里加上它"
	reasonMayNotManage  = "应用管不了这个客服账号，请管理员在微信客服里授权（通过API管理会话消息）"
	reasonUntrustedAddr = "这台服务器的地址不可信，请管理员加进应用的“企业可信IP”"
	reasonAPIOff        = "微信客服的接口没有开启，请管理员开启"

	reasonLane     = "一起送的几句还没有取齐"
	reasonAddress  = "顾客的地址不对"
	reasonGone     = "图片已经不在了"
	reasonError    = "现在送不了（%T）"
	reasonNobodys  = "会话没有人接待，已转给机器人"
	reasonNotBots  = "会话刚才不归机器人，现在归了"
	reasonServicer = "会话在企业微信里由同事接待（service_state %d），要先在那里结束"
	reasonState    = "不认识的会话状态（service_state %d）"

	reasonFailed     = "%s（微信失败类型 %d）"
	reasonFailedPart = "第%d段起没有送到：%s"
)

// failReason is what a fail_type says.
func failReason(failType int) string {
	return cmp.Or(map[int]string{
		1:  "这个客服账号已删除",
		2:  "微信客服应用已关闭",
		4:  "顾客上次发消息已超过48小时",
		5:  "会话已结束",
		6:  "顾客上次发消息后已发满5条",
		8:  "企业主体还没有认证",
		10: "顾客拒收了消息",
		11: "企业里没有人登录企业微信App",
		12: "这种消息不允许发送",
		13: "因安全限制被微信拦下",
	}[failType], "微信没有说明原因")
}
