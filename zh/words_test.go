package zh

import (
	"reflect"
	"strings"
	"testing"
)

func someWords() Words {
	return NewWords([][]string{{"小票", "签购单"}, {"刷卡", "刷"}, {"pos", "pos机"}, {"小票", ""}, {"d0"}})
}

func TestWordsMatchAt(t *testing.T) {
	for _, c := range []struct {
		text, before string // look where text begins, after before
		word         string // "" when there is none
		group        int
	}{
		{"小票没出", "", "小票", 0}, // a word in two groups belongs to the first
		{"签购单", "我的", "签购单", 0},
		{"刷卡机", "", "刷卡", 1}, // the longest
		{"刷一下", "", "刷", 1},
		{"pos机", "", "pos机", 2},
		{"pos", "", "pos", 2},
		{"post", "", "", 0},
		{"pos", "a", "", 0}, // not inside a longer run
		{"pos", "0", "", 0},
		{"pos", "机", "pos", 2},
		{"d0到账", "", "d0", 4},
		{"d01", "", "", 0},
		{"没有", "", "", 0},
		{"票", "小", "", 0},
	} {
		text := c.before + c.text
		end, group := someWords().MatchAt(text, len(c.before))
		if got := text[len(c.before):end]; got != c.word || group != c.group {
			t.Errorf("MatchAt(%q, %d) = %q of group %d, want %q of %d", text, len(c.before), got, group, c.word, c.group)
		}
	}
}

func TestWordsFindAll(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []int
	}{
		{"", nil},
		{"没有", nil},
		{"pos机刷卡不出小票", []int{2, 1, 0}},
		{"签购单就是小票", []int{0}},
		{"\xff刷\xff", []int{1}},
	} {
		if got := someWords().FindAll(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("FindAll(%q) = %v, want %v", c.in, got, c.want)
		}
	}
	if got := (Words{}).FindAll("小票"); got != nil {
		t.Errorf("the zero value finds %v", got)
	}
}

func TestWordsReplace(t *testing.T) {
	for _, c := range []struct{ in, removed, replaced string }{
		{"", "", ""},
		{"没有", "没有", "没有"},
		{"pos机刷卡不出小票", "不出", "CB不出A"},
		{"刷刷", "", "BB"},
	} {
		if got := someWords().Remove(c.in, Words{}); got != c.removed {
			t.Errorf("Remove(%q) = %q, want %q", c.in, got, c.removed)
		}
		got := someWords().Replace(c.in, func(g int) string { return string(rune('A' + g)) })
		if got != c.replaced {
			t.Errorf("Replace(%q) = %q, want %q", c.in, got, c.replaced)
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add("小票 刷卡", "刷卡不出小票")
	f.Add("a ab abc", "abcab")
	f.Fuzz(func(t *testing.T, list, text string) {
		w := NewWords([][]string{strings.Fields(list)})
		if got := w.Replace(text, func(int) string { return "" }); got != w.Remove(text, Words{}) {
			t.Fatalf("Replace by nothing = %q, Remove = %q", got, w.Remove(text, Words{}))
		}
		if found := w.FindAll(text); len(found) == 0 && w.Remove(text, Words{}) != text {
			t.Fatalf("nothing is found in %q, and something removed", text)
		}
	})
}
