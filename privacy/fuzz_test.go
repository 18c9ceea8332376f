package privacy_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yingda/yingda/privacy"
)

func FuzzMask(f *testing.F) {
	for _, s := range []string{
		"卡号6222021234567894，有效期12/28，安全码123，密码是Abc#123", "一三八 一二三四 五六七八 我的手机", "１１０１０５194912310０２x身份证",
		"SN：2305150000000018 订单号 4111111111111111", "622202******7894 138****5678", "验证码 1 2 3 4 5 6 是六个8", "\xff6222\xfe0212", "有效期二八年十二月",
	} {
		f.Add(s)
	}
	m := privacy.NewMasker()
	f.Fuzz(func(t *testing.T, in string) {
		got := m.Mask(in)
		if utf8.ValidString(in) && !utf8.ValidString(got.Text) {
			t.Errorf("%q becomes invalid: %q", in, got.Text)
		}
		if again := m.Mask(got.Text); again.Text != got.Text {
			t.Errorf("%q is masked as %q, then as %q", in, got.Text, again.Text)
		}
		at := 0
		for _, found := range got.Matches {
			if found.Start < at || found.End < found.Start || found.End > len(got.Text) || !strings.Contains(got.Text[found.Start:found.End], "*") {
				t.Fatalf("%q: %v is no place in %q", in, found, got.Text)
			}
			at = found.End
		}
		if digitsOnly(got.Text) && certainCard(got.Text) {
			t.Errorf("%q leaves the card %q", in, got.Text)
		}
	})
}

func digitsOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// certainCard reports UnionPay numbers that pass the check.
func certainCard(s string) bool {
	return strings.HasPrefix(s, "62") && len(s) >= 16 && len(s) <= 19 && checkDigit(s[:len(s)-1]) == s[len(s)-1:]
}

// checkDigit is the digit of Luhn that completes a number.
func checkDigit(s string) string {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return string(rune('0' + (10-sum%10)%10))
}
