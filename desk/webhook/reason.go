package webhook

// What agents read of an announcement that did not arrive, besides the reasons of package chat.
const (
	reasonBody    = "内容不是工单通知"
	reasonRefused = "%s，试了%d次"
)
