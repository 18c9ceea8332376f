package kb

import (
	"slices"
	"strings"
	"testing"
)

// someCodes are a few known codes.
func someCodes() Codes {
	var cs Codes
	for _, c := range [][2]string{
		{"00", "承兑或交易成功"},
		{"03", "无效商户"},
		{"05", "不予承兑"},
		{"12", "无效交易"},
		{"14", "无效卡号"},
		{"30", "报文格式错误"},
		{"38", "超过允许的密码试输入"},
		{"41", "挂失卡"},
		{"51", "资金不足"},
		{"55", "密码错"},
		{"58", "不允许终端进行的交易"},
		{"61", "超出金额限制"},
		{"65", "超出次数限制"},
		{"68", "发卡行响应超时"},
		{"91", "发卡方不能操作"},
		{"92", "网络不可达"},
		{"96", "系统异常"},
		{"97", "终端号找不到"},
		{"98", "收不到应答"},
		{"99", "密码格式错"},
		{"A0", "校验错"},
	} {
		cs = append(cs, Code{Code: c[0], Title: c[1]})
	}
	return cs
}

func TestMentioned(t *testing.T) {
	for _, c := range []struct {
		in   string // folded
		want string // codes, a blank between two
	}{
		// A word that says that it is a code: known or not.
		{"报05", "05"},
		{"报了05", "05"},
		{"报错 51", "51"},
		{"报错:51", "51"},
		{"错误码是96", "96"},
		{"错误代码97是啥", "97"},
		{"返回码“a0”", "A0"},
		{"应答码【68】", "68"},
		{"提示码为03", "03"},
		{"交易代码 41 怎么解决", "41"},
		{"机器报77", "77"},
		{"报zz9", ""}, // three characters
		{"错误码e4", "E4"},
		{"05错误", "05"},
		{"86 错误", "86"},
		{"96报错", "96"},
		{"code 12", "12"},
		{"显示05报错,怎么办", "05"},
		// A word that often stands beside a code: known ones only.
		{"提示55", "55"},
		{"一直96", "96"},
		{"老是91", "91"},
		{"还是99", "99"},
		{"屏幕上写着98", "98"},
		{"显示00", "00"},
		{"显示55.", "55"}, // the dot ends a sentence
		{"提示...05...", "05"},
		{"55什么意思", "55"},
		{"机器55是什么意思", "55"},
		{"96咋整", "96"},
		{"a0是啥子意思", "A0"},
		{"51 怎么回事", "51"},
		{"提示77", ""},
		{"d0是什么意思", ""},
		// A code alone.
		{"05", "05"},
		{" 05 ", "05"},
		{"05?", "05"},
		{"05.", "05"},
		{"a0", "A0"},
		{"77", ""},
		{"5", ""},
		{"055", ""},
		// Several, each once, three at most.
		{"一会提示91一会提示92", "91 92"},
		{"报05,又报05", "05"},
		{"报05 报51 报55 报96", "05 51 55"},
		{"报51,报77", "51 77"},
		// Amounts, dates, operators, parts of numbers are none.
		{"", ""},
		{"没有数字", ""},
		{"显示51元", ""},
		{"提示扣了30块", ""},
		{"显示¥51", ""},
		{"报0.55", ""},
		{"显示12.30", ""},
		{"提示5%", ""},
		{"提示55%", ""},
		{"显示12:30", ""},
		{"小票显示 05:12:30", ""},
		{"显示05-12", ""},
		{"报12月的账", ""},
		{"一直30天不到账", ""},
		{"显示30秒就没了", ""},
		{"提示65次", ""},
		{"出现03号操作员", ""},
		{"显示12点到账", ""},
		{"又99块", ""},
		{"扣我38是什么费", ""},
		{"扣了38是什么费", ""},
		{"多收了99怎么回事", ""},
		{"扫码68没到账", ""},
		{"收款码51没收到", ""},
		{"二维码 30", ""},
		{"验证码 12", ""},
		{"操作员号填01还是00", ""},
		{"转出51没到", ""},
		{"天气预报38度", ""},
		{"95516", ""},
		{"商户号848100000000000", ""},
		{"51信用卡", ""},
		{"58同城上买的", ""},
		{"2026年12", ""},
		{"t+0", ""},
		{"4g", ""},
		{"pos05", ""},
	} {
		if got := strings.Join(someCodes().Mentioned(c.in), " "); got != c.want {
			t.Errorf("Mentioned(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := Codes(nil).Mentioned("报05"); got != nil {
		t.Errorf("a guide without codes finds %q", got)
	}
}

func TestFind(t *testing.T) {
	if c, ok := someCodes().Find("51"); !ok || c.Title != "资金不足" {
		t.Errorf("Find(51) = %+v, %t", c, ok)
	}
	if c, ok := someCodes().Find("77"); ok {
		t.Errorf("Find(77) = %+v", c)
	}
}

func TestLookup(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"5", "51 55 58"},
		{"51", "51"},
		{"a", "A0"},
		{"密码", "38 55 99"},
		{"报05", "05"},
		{"错", ""}, // one character describes too much
		{"516", ""},
		{"没有", ""},
	} {
		var names []string
		for _, code := range someCodes().Lookup(c.in) {
			names = append(names, code.Code)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("Lookup(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzMentioned(f *testing.F) {
	for _, in := range []string{"报05", "错误代码97是啥", "报05 报51 报55 报96", "提示...05...", "显示12:30", ".", "报."} {
		f.Add(in)
	}
	cs := someCodes()
	f.Fuzz(func(t *testing.T, text string) {
		found := cs.Mentioned(text)
		if len(found) > 3 {
			t.Fatalf("%d codes in %q", len(found), text)
		}
		for i, code := range found {
			switch {
			case len(code) != 2 || code != strings.ToUpper(code):
				t.Fatalf("%q is no code", code)
			case slices.Contains(found[:i], code):
				t.Fatalf("%q comes twice", code)
			case !strings.Contains(strings.ToUpper(text), code):
				t.Fatalf("%q does not stand in %q", code, text)
			}
		}
		cs.Lookup(text)
	})
}
