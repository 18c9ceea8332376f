package chat

import "cmp"

// Label is what stands in the conversation for a message of a medium.
func (m Medium) Label() string {
	return cmp.Or(map[Medium]string{
		Voice: "[语音]", Video: "[视频]", File: "[文件]", Sticker: "[表情]", Location: "[位置]", Picture: "[图片]",
	}[m], "[消息]")
}
