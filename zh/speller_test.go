package zh

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func newSpeller(tb testing.TB) *Speller {
	tb.Helper()
	return NewSpeller(NewTables(), nil, []string{
		"转人工", "人工客服", "转人工客服", "帮我转人工", "有人工吗",
		"手续费是多少", "费率是多少", "费率变高了", "手续费变高了",
		"什么是跳码", "跳码怎么办", "机器跳码了", "跳码影响积分",
		"pos机坏了怎么办", "app登录不了", "tiaoma是什么",
	})
}

func TestCorrect(t *testing.T) {
	s := newSpeller(t)
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"转人工", "转人工"}, // right as it is
		{"zhuanrengong", "转人工"},
		{"zhuan rengong", "转人工"}, // a blank between syllables parts nothing
		{"pos ji huai le", "pos 机坏了"},
		{"tiao ma zenmeban a", "跳码怎么办 a"}, // one letter is no syllable
		{"帮我zhuanrengong", "帮我转人工"},
		{"feilv是多少", "费率是多少"},
		{"跳马怎么办\xff", "跳码怎么办\ufffd"}, // invalid UTF-8
		{"跳马怎么办", "跳码怎么办"},           // a homophone that makes pairs of the guide
		{"手续非多少", "手续费多少"},
		{"pos机坏了", "pos机坏了"}, // the guide's own Latin word
		{"app登录不了", "app登录不了"},
		{"hello", "hello"}, // no syllables of the guide
		{"wifi", "wifi"},
		{"tiaoma跳码", "tiaoma跳码"},     // one of the guide's own words, alone: as the guide quotes it
		{"tiaoma zenmeban", "跳码怎么办"}, // in a text that is all pinyin it is pinyin
		{"x", "x"},
		{"05 a0 4g", "05 a0 4g"},
		{"骑马怎么办", "骑马怎么办"}, // 马 and its neighbours are unknown, and so are their homophones
	} {
		if got := s.Correct(c.in); got != c.want {
			t.Errorf("Correct(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := NewSpeller(NewTables(), nil, nil).Correct("zhuan跳马"); got != "zhuan跳马" {
		t.Errorf("a speller that learned nothing mends to %q", got)
	}
}

func TestIsPinyin(t *testing.T) {
	s := NewSpeller(NewTables(), nil, []string{"付费卡"})
	for _, c := range []struct {
		in   string
		want bool
	}{
		{"fu", true},
		{"fufeika", true},
		{"fuk", false},
		{"kafufei", true},
		{"ma", false},   // the guide says nothing of that sound
		{"f", false},    // too short
		{"55", false},   // digits are no letters, whatever they are as numbers of letters
		{"fu05", false}, // words may have both
		{"", false},
	} {
		if got := s.isPinyin(c.in); got != c.want {
			t.Errorf("isPinyin(%q) = %t", c.in, got)
		}
	}
}

func FuzzCorrect(f *testing.F) {
	for _, in := range []string{"zhuan rengong", "跳马怎么办", "手续非3q", "坏\xff跳马", strings.Repeat("zhuan", 20), "\ufffd跳马"} {
		f.Add(in)
	}
	s := newSpeller(f)
	f.Fuzz(func(t *testing.T, text string) {
		s.Correct(text) // not folded, maybe not UTF-8: no panic
		folded := Fold(text)
		mended := s.Correct(folded)
		if !utf8.ValidString(mended) {
			t.Fatalf("Correct(%q) = %q is not UTF-8", folded, mended)
		}
		if mended == "" && folded != "" {
			t.Fatalf("Correct(%q) leaves nothing", folded)
		}
	})
}
