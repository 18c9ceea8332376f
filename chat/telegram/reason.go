package telegram

// What agents read of a sending that did not arrive.
const (
	reasonUnknown     = "发送出错，不知道送到没有"
	reasonAddress     = "这不是Telegram的地址"
	reasonDatabase    = "数据库暂时读不了"
	reasonPictureGone = "图片已经不在了"
	reasonPictureBusy = "图片暂时读不出来"
	reasonMigration   = "群已升级，新的群号暂时存不下"
	reasonThrottled   = "Telegram要我们慢一点"

	// With the code and the description of Telegram's refusal.
	reasonRefused  = "Telegram不收（%d %s）"
	reasonBlocked  = "顾客停用了机器人，或账号不在了（%d %s）"
	reasonTooMany  = "Telegram要我们慢一点（%d %s）"
	reasonServer   = "Telegram的服务器出错（%d %s）"
	reasonMigrated = "群升级了，换成新的群号再送（%d %s）"
	reasonToken    = "Telegram不认这个机器人的令牌（%d %s）"

	// With what happened on the way.
	reasonUnsent     = "没能送到Telegram：%s"
	reasonUnanswered = "没等到Telegram的答复：%s"
	reasonTooLarge   = "答复太长"
	reasonForeign    = "答复不是Telegram的（HTTP %d）"
	reasonShape      = "答复读不懂"

	// With a picture that could not be had.
	reasonFilePath = "文件没有地址"
	reasonTooBig   = "图片超过20MB，机器人取不了"
	reasonNoFolder = "图片在Bot API服务器自己的磁盘上（--local），管理员还没有设置它的文件夹（files）"
	reasonUnread   = "图片在Bot API服务器的文件夹里，但读不出来，请管理员检查设置（files）"
)
