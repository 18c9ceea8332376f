package forum

// What agents read of what did not arrive in their group, besides the reasons of packages chat and telegram.
const (
	reasonNoGroup      = "账号%q没有设置客服群"
	reasonBody         = "内容不是对话里的事"
	reasonUnreadable   = "数据库或图片暂时读不了"
	reasonTopicPending = "话题正在建，马上再送"
)
