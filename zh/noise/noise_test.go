package noise

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/zh"
)

func kinds(t *testing.T) map[string]Kind {
	t.Helper()
	tables := zh.NewTables()
	all := Kinds(tables)
	byName := map[string]Kind{}
	for _, k := range all {
		byName[k.Name] = k
	}
	return byName
}

// TestApply shows what each kind makes of a question; "" is a question that it leaves alone. Where
// chance decides, any of several is right.
func TestApply(t *testing.T) {
	byName := kinds(t)
	for _, c := range []struct {
		kind, in string
		want     []string
	}{
		{"one typo", "押金怎退", []string{
			"金怎退", "押怎退", "押金退", "押金怎",
			"押押金怎退", "押金金怎退", "押金怎怎退", "押金怎退退",
			"金押怎退", "押怎金退", "押金退怎",
		}},
		{"one typo", "押金呢", []string{""}}, // nobody could read it any more
		{"one typo", "报05", []string{""}},
		{"one homophone", "报05呢", []string{""}},
		{"one homophone", "费率多少", []string{"非率多少", "飞率多少", "废率多少", "费律多少", "费旅多少", "费虑多少", "费绿多少", "费率朵少", "费率躲少", "费率夺少", "费率多烧", "费率多绍"}},
		{"traditional script", "跳商户怎么办", []string{"跳商戶怎麼辦"}},
		{"traditional script", "POS", []string{""}},
		{"full-width", "报05 pos?", []string{"报０５　ｐｏｓ？"}},
		{"full-width", "押金怎么退", []string{""}},
		{"one word in pinyin", "押金怎么退", []string{"押金zenme退"}},
		{"one word in pinyin", "开户行是银行吗", []string{"kaihuhang是银行吗", "开户行是yinhang吗"}},
		{"one word in pinyin", "退押金", []string{""}},
		{"all pinyin", "费率0.6多少,pos机报05怎么办", []string{"fei lv 0.6 duoshao,pos ji bao 05 zenme ban"}},
		{"all pinyin", "05", []string{""}},
	} {
		for draw := range 20 {
			got, changed := byName[c.kind].Apply(c.in, draw)
			if !changed {
				if got != c.in {
					t.Errorf("%s: %q becomes %q and is said to stay", c.kind, c.in, got)
				}
				got = ""
			}
			if !slices.Contains(c.want, got) {
				t.Errorf("%s, draw %d: %q becomes %q, want one of %q", c.kind, draw, c.in, got, c.want)
			}
		}
	}
}

func TestFiller(t *testing.T) {
	const in = "押金怎么退"
	k := kinds(t)["filler"]
	for draw := range 20 {
		if got, changed := k.Apply(in, draw); !changed || !strings.Contains(got, in) {
			t.Errorf("draw %d: %q, %t", draw, got, changed)
		}
	}
}

// TestApplyIsPure makes the same noise of the same text, and other noise in other draws.
func TestApplyIsPure(t *testing.T) {
	const in = "刷卡成功了但是钱一直没有到账怎么办"
	first, second := kinds(t), kinds(t)
	for name, k := range first {
		var seen []string
		for draw := range 10 {
			a, _ := k.Apply(in, draw)
			if b, _ := second[name].Apply(in, draw); a != b {
				t.Errorf("%s, draw %d: %q, then %q", name, draw, a, b)
			}
			seen = append(seen, a)
		}
		slices.Sort(seen)
		if differ := len(slices.Compact(seen)) > 1; differ != (k.Draws > 1) {
			t.Errorf("%s: draws differ: %t, though %d are asked", name, differ, k.Draws)
		}
	}
}

// FuzzApply never touches a digit, and never makes bad text of good.
func FuzzApply(f *testing.F) {
	for _, in := range []string{"", "报05什么意思", "zhuan rengong", "刷卡成功了但是钱一直没有到账", "𠮷野家能刷吗", "ａ\xff"} {
		f.Add(in, 0)
	}
	tables := zh.NewTables()
	all := Kinds(tables)
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= '０' && r <= '９' {
				r -= '０' - '0'
			}
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, s)
	}
	f.Fuzz(func(t *testing.T, in string, draw int) {
		for _, k := range all {
			out, changed := k.Apply(in, draw)
			if changed != (out != in) || utf8.ValidString(in) && !utf8.ValidString(out) {
				t.Fatalf("%s: %q becomes %q, changed %t", k.Name, in, out, changed)
			}
			if digits(out) != digits(in) {
				t.Fatalf("%s: the digits of %q become those of %q", k.Name, in, out)
			}
		}
	})
}
