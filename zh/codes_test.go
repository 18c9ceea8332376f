package zh

import "testing"

func TestSpelledCodes(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"报零五什么意思", "报05什么意思"},
		{"机器报错五一", "机器报错51"},
		{"提示五十七咋整", "提示57咋整"},
		{"显示 九六", "显示 96"},
		{"老是九十六", "老是96"},
		{"零五", "05"},
		{"五十?", "50?"},
		{"报十五", "报15"},
		{"报五十块的账", "报五十块的账"}, // that is an amount
		{"刷了五十一", "刷了五十一"},   // nothing announces a code
		{"提示一次", "提示一次"},
		{"报三五个", "报三五个"},
		{"显示十五位商户号", "显示十五位商户号"},
		{"显示零零五", "显示零零五"}, // three digits
		{"报十十", "报十十"},
		{"", ""},
	} {
		if got := readCodes(c.in); got != c.want {
			t.Errorf("readCodes(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
