package zh

import (
	"strings"
	"testing"
)

func newAnalyzer(tb testing.TB) *Analyzer {
	tb.Helper()
	return NewAnalyzer(Vocabulary{
		StopWords:   []string{"请问", "你好", "了", "吗", "还"},
		Synonyms:    [][]string{{"还款", "还钱"}, {"小票", "签购单"}, {"到账", "入账"}, {"pos机", "pos"}},
		Corrections: []Correction{{Wrong: "费绿", Right: "费率"}, {Wrong: "汇率", Right: "费率", Near: []string{"刷卡", "手续费"}}},
	})
}

func TestAnalyzerFold(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"ＰＯＳ機費綠", "pos机费率"}, // folded first, then mended
		{"汇率多少", "汇率多少"},
		{"刷卡汇率多少", "刷卡费率多少"}, // only in company
		{"", ""},
	} {
		if got := newAnalyzer(t).Fold(c.in); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestTokens(t *testing.T) {
	for _, c := range []struct {
		in, chars, concepts, bigrams string // a blank between two tokens
	}{
		{"", "", "", ""},
		{"?", "", "", ""},
		{"钱", "钱", "钱", ""},
		{"签购单没出", "签 购 单 没 出", "小票 没 出", "签购 购单 单没 没出"},
		{"请问入账了吗", "入 账", "到账", "入账"},        // politeness is left out
		{"你好吗", "你 好 吗", "你 好 吗", "你好 好吗"},   // unless nothing else is said
		{"还还钱吗", "还 钱", "还款", "还钱"},          // the second 还 is a part of a word
		{"pos 机", "pos 机", "pos机 机", "pos机"}, // a gap is bridged
		{"报05", "报 05", "报 05", "报05"},
		{"单号1234567", "单 号 1234567 #", "单 号 1234567", "单号 号1234567"}, // a long number is also just one
		{"扣123456", "扣 123456", "扣 123456", "扣123456"},
	} {
		got := newAnalyzer(t).Tokens(c.in)
		for kind, want := range map[TokenKind]string{Chars: c.chars, Concepts: c.concepts, Bigrams: c.bigrams} {
			if s := strings.Join(got[kind], " "); s != want {
				t.Errorf("Tokens(%q)[%d] = %q, want %q", c.in, kind, s, want)
			}
		}
	}
}

func FuzzTokens(f *testing.F) {
	for _, in := range []string{"请问pos机刷卡汇率", "你好", "12345678", "pos pos", "\xff签购单"} {
		f.Add(in)
	}
	a := newAnalyzer(f)
	f.Fuzz(func(t *testing.T, text string) {
		folded := a.Fold(text)
		tokens := a.Tokens(folded)
		for kind := range tokens {
			for _, token := range tokens[kind] {
				if strings.ContainsRune(token, ' ') {
					t.Fatalf("token %q of %q has a blank: the index splits there", token, folded)
				}
			}
		}
	})
}
