package wechat

import (
	"slices"
	"strings"
)

// What the channel itself says to customers.
const (
	textHolding          = "消息收到，正在查，稍后回复您；一分钟还没收到，请再发一次。"
	textHoldingForbidden = "消息收到，正在查。过一会儿回复“继续”，我就把结果发给您。"
	textFailed           = "抱歉，系统这会儿忙不过来，这条消息没能收下，请过一会儿再发一次。"
	textContinue         = "（未完，回复“继续”接着看）"
	textNoPictures       = "（还有图片，但这个公众号发不了图片，请让客服用文字说明）"
	textNumber           = "（回复数字即可）"
	textChoose           = "请选择："
)

// asksToContinue tells whether a text asks for what was held back.
func asksToContinue(text string) bool {
	return slices.Contains([]string{"继续", "接着", "接着说", "下一段", "下一页"}, strings.Trim(text, " \t\r\n。.！!“”\""))
}
