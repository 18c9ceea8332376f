package kf

import (
	"strings"

	"github.com/yingda/yingda/chat"
)

// words is what a customer's item says, and what it is where that is no words. A tapped option says its title.
func words(i item) (string, chat.Medium) {
	c := i.content
	switch i.Kind {
	case "text":
		return c.Text, ""
	case "image":
		return "[图片]", chat.Picture // until it is kept
	case "voice":
		return "[语音]", chat.Voice
	case "video":
		return "[视频]", chat.Video
	case "file":
		return "[文件]", chat.File
	case "location":
		if where := strings.TrimSpace(c.Address + " " + c.Name); where != "" {
			return where, ""
		}
		return "[位置]", chat.Location
	case "link":
		return titled("[链接]", c.Title), chat.Other
	case "miniprogram":
		return titled("[小程序]", c.Title), chat.Other
	case "business_card":
		return "[名片]", chat.Other
	}
	return "[消息]", chat.Other
}

func titled(kind, title string) string { return strings.TrimSpace(kind + " " + title) }
