package wechat

// What agents read of what did not reach a customer; every string in this file is Chinese.
const (
	reasonUncertified = "公众号没有认证，不能主动发，等顾客下次说话时再送"
	reasonUsedUp      = "条数用完了，等顾客下次说话时再送"
	reasonNoPictures  = "文字送到了，图片没有：公众号没有认证，不能发图"
	reasonQuota       = "数据库没有答复还能发几条"
	reasonQuote       = "引用的话暂时读不出来"
	reasonPicture     = "图片暂时读不出来"
)
