package forum

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseCommand(t *testing.T) {
	for _, test := range []struct {
		in   string
		want command
	}{
		{"", command{}},
		{"  您好\n请稍等 ", command{args: "您好\n请稍等"}},
		{"a/b 和 1//2", command{args: "a/b 和 1//2"}},
		{"https://example.com//x", command{args: "https://example.com//x"}},
		{"//查过了，是风控", command{verb: verbNote, args: "查过了，是风控"}},
		{"// 两行\n备注", command{verb: verbNote, args: "两行\n备注"}},
		{"\u200b //看不见的空格", command{verb: verbNote, args: "看不见的空格"}},
		{"/\u200b/中间也有", command{verb: verbNote, args: "中间也有"}},
		{"／／全角", command{verb: verbNote, args: "全角"}},
		{"、、顿号键", command{verb: verbNote, args: "顿号键"}},
		{"/／混着", command{verb: verbNote, args: "混着"}},
		{"////", command{verb: verbNote}},
		{"/close", command{verb: verbClose, name: "/close"}},
		{"/close 祝您生意顺利\n再见", command{verb: verbClose, name: "/close", args: "祝您生意顺利\n再见"}},
		{"/Close@Yingda_Bot 再见", command{verb: verbClose, name: "/Close", args: "再见"}},
		{"/close\n再见", command{verb: verbClose, name: "/close", args: "再见"}},
		{"/close，再见", command{verb: verbClose, name: "/close", args: "，再见"}},
		{"/close@other_bot", command{verb: verbForeign, name: "/close"}},
		{"/take", command{verb: verbClaim, name: "/take"}},
		{"/give 前台", command{verb: verbTransfer, name: "/give", args: "前台"}},
		{"/kb 押金 怎么退", command{verb: verbLookup, name: "/kb", args: "押金 怎么退"}},
		{"、kb 押金", command{verb: verbLookup, name: "/kb", args: "押金"}},
		{"/queue", command{verb: verbQueue, name: "/queue"}},
		{"/start", command{verb: verbHelp, name: "/start"}},
		{"/help@yingda_bot", command{verb: verbHelp, name: "/help"}},
		{"/closed 再见", command{verb: verbUnknown, name: "/closed", args: "再见"}},
		{"/结束", command{verb: verbUnknown, name: "/结束"}},
		{"/", command{verb: verbUnknown, name: "/"}},
		{"/ 空格", command{verb: verbUnknown, name: "/", args: "空格"}},
		{"/contact", command{verb: verbUnknown, name: "/contact"}},
	} {
		if got := parseCommand(test.in, "yingda_bot"); got != test.want {
			t.Errorf("%q: %+v, want %+v", test.in, got, test.want)
		}
	}
}

// FuzzParseCommand looks for what begins with a slash and would yet be sent to the customer.
func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{"您好", "//x", "\u200b／／x", "/close@a b", "、、", "/\xff", "\u2060/take"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := parseCommand(text, "yingda_bot")
		seen := strings.TrimLeftFunc(text, isBlank)
		slashed := strings.HasPrefix(seen, "/") || strings.HasPrefix(seen, "／") || strings.HasPrefix(seen, "、")
		if slashed == (c.verb == verbReply) {
			t.Errorf("%q is read as %+v", text, c)
		}
		if c.args != strings.TrimFunc(c.args, isBlank) || len(c.args) > len(text) {
			t.Errorf("%q: arguments %q", text, c.args)
		}
		if utf8.ValidString(text) && !utf8.ValidString(c.args+c.name) {
			t.Errorf("%q was broken into %+v", text, c)
		}
	})
}
