package zh

import (
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/longbridgeapp/opencc"
)

func TestFold(t *testing.T) {
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
		if got := Fold(c.in); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// TestFoldTwice folds every rune of the first plane, alone and in company.
func TestFoldTwice(t *testing.T) {
	for r := range rune(0x10000) {
		for _, in := range []string{string(r), "a" + string(r) + "\u200d\u0301ᅡ"} {
			once := Fold(in)
			if twice := Fold(once); twice != once {
				t.Errorf("Fold(%+q) = %+q, and folded again %+q", in, once, twice)
			}
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, in := range []string{"ＰＯＳ机", "費率", "e\u0301\u200d", "ᄒ\u200dᅡ", "\xff", " a  b "} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		once := Fold(in)
		if !utf8.ValidString(once) {
			t.Fatalf("Fold(%q) = %q is not UTF-8", in, once)
		}
		if twice := Fold(once); twice != once {
			t.Fatalf("Fold(%+q) = %+q, and folded again %+q", in, once, twice)
		}
	})
}

var update = flag.Bool("update", false, "rewrite simplified.txt, pinyin.txt and background.txt")

// TestSimplifiedTable compares the table with OpenCC's.
func TestSimplifiedTable(t *testing.T) {
	cc, err := opencc.New("t2s")
	if err != nil {
		t.Fatal(err)
	}
	var table [lastHan - firstHan + 1]rune
	for i := range table {
		table[i] = firstHan + rune(i)
		s, err := cc.Convert(string(table[i]))
		if err != nil {
			t.Fatal(err)
		}
		if to := []rune(s); len(to) == 1 && isHan(to[0]) {
			table[i] = to[0]
		}
	}
	var want strings.Builder
	for i, to := range table { // OpenCC simplifies 薴 to 苧, and that to 苎
		want.WriteRune(table[to-firstHan])
		if i%rowRunes == rowRunes-1 {
			want.WriteByte('\n')
		}
	}
	if *update {
		if err := os.WriteFile("simplified.txt", []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if simplifiedTable != want.String() {
		t.Error("simplified.txt is not OpenCC's table; -update rewrites it")
	}
}

func TestSimplify(t *testing.T) {
	for in, want := range map[rune]rune{
		'費': '费', '费': '费', '帳': '账', '賬': '账', '帐': '账', '户': '户', '戶': '户', '爲': '为', '薴': '苎',
		'一': '一', '鿿': '鿿', 'A': 'A', '。': '。', '한': '한', '𠮷': '𠮷', -1: -1,
	} {
		if got := Simplify(in); got != want {
			t.Errorf("Simplify(%c) = %c, want %c", in, got, want)
		}
	}
}

func TestFoldWidth(t *testing.T) {
	for in, want := range map[rune]rune{'Ａ': 'A', '０': '0', '～': '~', '！': '!', '\u3000': ' ', '。': '。', 'a': 'a', '￥': '￥', '·': '·'} {
		if got := FoldWidth(in); got != want {
			t.Errorf("FoldWidth(%c) = %c, want %c", in, got, want)
		}
	}
}

func TestFoldLight(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"ＰＯＳ機　Ａ", "POS机 A"}, // case stays
		{"帳號：１２３", "账号:123"},
		{"帐号", "账号"},
		{"1—2–3‑4−5", "1-2-3-4-5"},
		{"a\u200bb\ufeffc\u00add", "abcd"},
		{"a\tb\u00a0c\nd", "a b c\nd"}, // a line break stays
		{"①⑨⑩", "19⑩"},
		{"ⅣＡ㈱", "ⅣA㈱"}, // that is NFKC's
	} {
		if got := FoldLight(c.in); got != c.want {
			t.Errorf("FoldLight(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
