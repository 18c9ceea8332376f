package robot

// What agents read of an announcement that did not reach their group, besides the reasons of package chat.
const (
	reasonBody     = "内容不是工单通知"
	reasonPace     = "机器人这一分钟说得够多了，稍后接着发"
	reasonWrongKey = "没有这个机器人（93000），请到群设置里重新复制机器人的地址"
	reasonTooOften = "机器人一分钟说了超过20条（45009）"
	reasonErrcode  = "企业微信不收（errcode %d：%s）"
	reasonForeign  = "答话的不是企业微信，请检查地址"
	reasonRefused  = "%s，试了%d次"
)
