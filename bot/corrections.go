package bot

import (
	"slices"
	"strings"
)

// correction takes "不是，我说的是押金" apart; rest is what was meant, the whole text when it corrects nothing.
func correction(text string) (rest string, corrected bool) {
	plain := strings.Trim(text, " ,，.。!！?？~")
	if slices.Contains([]string{"不是", "不对", "都不是", "不是这个", "不是这些", "都不对", "没有我要的", "答非所问", "你理解错了", "理解错了"}, plain) {
		return "", true
	}
	for _, mark := range []string{"我说的是", "我问的是", "我是说", "我是问", "我要问的是", "我想问的是", "我指的是"} {
		if _, after, ok := strings.Cut(plain, mark); ok && after != "" {
			return strings.TrimLeft(after, " ,，:："), true
		}
	}
	return text, false
}
