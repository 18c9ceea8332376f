package desk

import "github.com/yingda/yingda/chat"

// Notices are what customers read when something happens to their ticket. An empty one is not sent.
type Notices struct {
	Claimed     string // a person is there now
	Transferred string // another person takes over
	Requeued    string // the ticket waits for a person again
	Closed      string // the ticket is done, and the bot answers again
}

// DefaultNotices are good for most.
func DefaultNotices() Notices {
	return Notices{
		Claimed:     "客服已接手，请稍等。",
		Transferred: "已为您转给另一位客服，请稍等，之前说过的不用重复。",
		Requeued:    "正在为您安排其他客服，请稍等，之前说过的不用重复。",
		Closed:      "本次人工服务已结束，感谢您的耐心。接下来由应答机器人为您服务，有问题请直接说；还需要人工时，回复“转人工”即可。",
	}
}

// noticeEntries is the entry of a notice; none for "".
func noticeEntries(text string) []chat.Entry {
	if text == "" {
		return nil
	}
	return []chat.Entry{{From: chat.FromSystem, Text: text}}
}
