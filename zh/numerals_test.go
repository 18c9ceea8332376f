package zh

import (
	"strings"
	"testing"
)

func TestDigit(t *testing.T) {
	for in, want := range map[rune]int{
		'0': 0, '9': 9, '０': 0, '９': 9, '٣': 3, '۳': 3, '३': 3, '₄': 4, '𝟗': 9, '🯵': 5,
		'①': 1, '⑴': 1, '⒈': 1, '⓵': 1, '❶': 1, '➈': 9, '㈠': 1, '㊈': 9, '⓪': 0, '¹': 1, '²': 2, '³': 3, '⁴': 4, '⁹': 9, '⁰': 0,
		'〇': 0, '洞': 0, '幺': 1, '两': 2, '兩': 2, '叁': 3, '肆': 4, '伍': 5, '陸': 6, '拐': 7, '捌': 8, '勾': 9,
		'十': NoDigit, 'o': NoDigit, '⑩': NoDigit, '/': NoDigit, ':': NoDigit, '：': NoDigit, '点': NoDigit, 0: NoDigit, -1: NoDigit,
	} {
		if got := Digit(in); got != want {
			t.Errorf("Digit(%c) = %d, want %d", in, got, want)
		}
	}
}

func TestParseNumber(t *testing.T) {
	for _, c := range []struct {
		in   string
		want float64
		ok   bool
	}{
		{"三千八", 3800, true},
		{"三千零八", 3008, true},
		{"三千零五十", 3050, true},
		{"一万二", 12000, true},
		{"一万零五百", 10500, true},
		{"两百五", 250, true},
		{"兩佰伍", 250, true}, // traditional, and as on cheques
		{"十", 10, true},
		{"十二", 12, true},
		{"二十", 20, true},
		{"一百二十五", 125, true},
		{"三千八百", 3800, true},
		{"十五万", 150000, true},
		{"零", 0, true},
		{"两三", 3, true},
		{"3800", 3800, true},
		{"0.5", 0.5, true},
		{"3千", 0, false},
		{"1.2.3", 0, false},
		{"钱", 0, false},
		{"三块", 0, false},
		{"半", 0, false},
		{"inf", 0, false},
		{"", 0, false},
	} {
		if got, ok := ParseNumber(c.in); got != c.want || ok != c.ok {
			t.Errorf("ParseNumber(%q) = %v, %v, want %v, %v", c.in, got, ok, c.want, c.ok)
		}
	}
}

func TestSpelledDigits(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"商户号八九八四零", "商户号89840"},
		{"幺三八洞拐，一二三四", "13807，一二三四"}, // four are too few
		{"〇一二三四五后面六七八九零", "012345后面67890"},
		{"三四五六七", "34567"},
		{"一千二百三十四", "一千二百三十四"},
		{"一二\xff三四五", "一二\xff三四五"},
	} {
		if got := SpelledDigits(c.in); got != c.want {
			t.Errorf("SpelledDigits(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzNumbers(f *testing.F) {
	for _, in := range []string{"三千八", "幺三八零零", "一二三四五\xff", "0.5", "1e999"} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if n, ok := ParseNumber(in); n < 0 || !ok && n != 0 {
			t.Fatalf("ParseNumber(%q) = %v, %v", in, n, ok)
		}
		once := SpelledDigits(in)
		if SpelledDigits(once) != once || strings.Count(in, "\n") != strings.Count(once, "\n") {
			t.Fatalf("SpelledDigits(%q) = %q", in, once)
		}
	})
}
