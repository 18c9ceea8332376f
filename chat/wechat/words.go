package wechat

import (
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat"
)

// What the channel itself says to customers.
const (
	sayHolding          = "消息收到，正在查，稍后回复您；一分钟还没收到，请再发一次。"
	sayHoldingForbidden = "消息收到，正在查。过一会儿回复“继续”，我就把结果发给您。"
	sayFailed           = "抱歉，系统这会儿忙不过来，这条消息没能收下，请过一会儿再发一次。"
	sayMore             = "（未完，回复“继续”接着看）"
	sayNoPictures       = "（还有图片，但这个公众号发不了图片，请让客服用文字说明）"
	sayNumber           = "（回复数字即可）"
	sayChoose           = "请选择："
)

// What stands for a message without words in the conversation.
const (
	wordSubscribe = "[关注公众号]"
	wordScan      = "[扫描二维码]"
	wordVoice     = "[语音]"
	wordVideo     = "[视频]"
	wordFile      = "[文件]"
	wordSticker   = "[表情]"
	wordLocation  = "[位置]"
	wordPicture   = "[图片]"
	wordOther     = "[消息]"
	wordHelp      = "帮助"
	wordHuman     = "转人工"
	wordTicket    = "我的工单"
)

// unsupported is the text that WeChat sends for what it does not pass on, such as stickers.
const unsupported = "收到不支持的消息类型"

// asksForMore tells whether a text asks for what was held back.
func asksForMore(text string) bool {
	switch strings.Trim(text, " \t\r\n。.！!“”\"") {
	case "继续", "接着", "接着说", "下一段", "下一页":
		return true
	}
	return false
}

// numbered are options as text: package bot understands the numbers.
func numbered(options []chat.Option, hint bool) string {
	var b strings.Builder
	for i, o := range options {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strconv.Itoa(i+1) + ". " + o.Title)
	}
	if hint {
		b.WriteString("\n" + sayNumber)
	}
	return b.String()
}
