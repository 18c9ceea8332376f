package zh

import (
	"testing"
	"unicode/utf8"
)

func newFolder(tb testing.TB) *Folder {
	tb.Helper()
	f, err := NewFolder()
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func TestFold(t *testing.T) {
	f := newFolder(t)
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"怎么办", "怎么办"},
		{"ＰＯＳ机０．６％", "pos机0.6%"}, // full width
		{"POS", "pos"},
		{"費率變高了", "费率变高了"}, // traditional
		{"顯示57 不允許", "显示57 不允许"},
		{"到帳", "到帐"}, // another word is the lexicon's business, not the script's
		{"  两头　和\t中间\r\n ", "两头 和 中间"},
		{"零\u200b宽\u200d度\ufeff", "零宽度"},
		{"e\u0301", "é"}, // composed
		{"①②Ⅳ", "12iv"},
		{"㈱", "(株)"},
		{"坏\xff字\xc3", "坏 字"}, // invalid UTF-8
		{"\x00a\x00b\x00", "a b"},
		{"ᄒ\u200dᅡ", "하"}, // composes when the joiner is gone
		{"？！，。", "?!,。"},
		{"😀好", "😀好"},
		{"❤️", "❤"},
	} {
		if got := f.Fold(c.in); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// TestFoldTwice folds every rune of the first plane, alone and in company.
func TestFoldTwice(t *testing.T) {
	f := newFolder(t)
	for r := range rune(0x10000) {
		for _, in := range []string{string(r), "a" + string(r) + "\u200d\u0301ᅡ"} {
			once := f.Fold(in)
			if twice := f.Fold(once); twice != once {
				t.Errorf("Fold(%+q) = %+q, and folded again %+q", in, once, twice)
			}
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, in := range []string{"ＰＯＳ机", "費率", "e\u0301\u200d", "ᄒ\u200dᅡ", "\xff", " a  b "} {
		f.Add(in)
	}
	fold := newFolder(f).Fold
	f.Fuzz(func(t *testing.T, in string) {
		once := fold(in)
		if !utf8.ValidString(once) {
			t.Fatalf("Fold(%q) = %q is not UTF-8", in, once)
		}
		if twice := fold(once); twice != once {
			t.Fatalf("Fold(%+q) = %+q, and folded again %+q", in, once, twice)
		}
	})
}
