package chat_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
)

func TestSplitText(t *testing.T) {
	utf16, bytes, runes := chat.LengthFunc(chat.UTF16Len), chat.LengthFunc(chat.ByteLen), chat.LengthFunc(utf8.RuneCountInString)
	for _, tt := range []struct {
		name   string
		in     string
		limit  int
		length chat.LengthFunc
		want   []string
	}{
		{"nothing", " \n\t", 10, runes, nil},
		{"short", " 您好。 ", 10, runes, []string{"您好。"}},
		{"just fits, in runes", "一二三四五", 5, runes, []string{"一二三四五"}},
		{"just fits, in bytes", "一二三", 9, bytes, []string{"一二三"}},
		{"a paragraph, though a sentence ends later", "一二三。\n\n四五。六七八九", 9, runes, []string{"一二三。", "四五。六七八九"}},
		{"a line", "一二三四\n五。六七八九十", 8, runes, []string{"一二三四", "五。六七八九十"}},
		{"a line, in bytes", "一二三\n四五六", 15, bytes, []string{"一二三", "四五六"}},
		{"a line too early", "一\n二三四五。六七", 19, bytes, []string{"一\n二三四五。", "六七"}},
		{"a sentence", "一二。三四，五六七", 7, runes, []string{"一二。", "三四，五六七"}},
		{"a sentence, in bytes", "一二。三四五六", 12, bytes, []string{"一二。", "三四五六"}},
		{"behind the quotation mark", "“一二三。”四五六", 7, runes, []string{"“一二三。”", "四五六"}},
		{"a clause", "一二三，四五六七八", 6, runes, []string{"一二三，", "四五六七八"}},
		{"a word", "abc def ghi", 9, bytes, []string{"abc def", "ghi"}},
		{"no place", "一二三四五六七", 3, runes, []string{"一二三", "四五六", "七"}},
		{"no place, in bytes", "一二三四五", 8, bytes, []string{"一二", "三四", "五"}},
		{"no sentence ends within a number", "a 1.25 b 1.25 c", 8, runes, []string{"a 1.25", "b 1.25 c"}},
		{"an English sentence", "Yes, ok. No more", 12, runes, []string{"Yes, ok.", "No more"}},
		{"a pair of surrogates counts as two", "😀😀😀", 4, utf16, []string{"😀😀", "😀"}},
		{"a family", "一二三四五👨‍👩‍👧六", 26, bytes, []string{"一二三四五", "👨‍👩‍👧六"}},
		{"the first half is too small a part, unless there is no other place", "一。二三四五六七八九十", 8, runes, []string{"一。", "二三四五六七八九", "十"}},
		{"no UTF-8", "\x80\x80\x80\x80\x80\x80", 4, bytes, []string{"\x80\x80\x80\x80", "\x80\x80"}},
	} {
		if got := chat.SplitText(tt.in, tt.limit, tt.length); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, tt := range []struct {
		in     string
		limit  int
		length chat.LengthFunc
		want   string
	}{
		{"一二三", 3, utf8.RuneCountInString, "一二三"},
		{"一二三四", 3, utf8.RuneCountInString, "一二…"},
		{"一二三四", 10, chat.ByteLen, "一二…"},
		{"😀😀😀", 5, chat.UTF16Len, "😀😀…"},
		{"", 0, chat.ByteLen, ""},
	} {
		if got := chat.Shorten(tt.in, tt.limit, tt.length); got != tt.want {
			t.Errorf("%q at %d: got %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

// FuzzSplitText: no part is too long, blank or broken, and nothing but white space is lost.
func FuzzSplitText(f *testing.F) {
	f.Add("一二。三\n\n四😀五 a.b", 4, true)
	f.Add("\xff\xfe 。\x00", 4, true)
	f.Add("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 8, false)
	f.Add("\x80\x80\x80\x80\x80\x80", 4, false)
	f.Fuzz(func(t *testing.T, text string, limit int, bytes bool) {
		limit = 4 + (limit%2044+2044)%2044
		length := chat.UTF16Len
		want := func(s string) int { return len(utf16.Encode([]rune(s))) }
		if bytes {
			length, want = chat.ByteLen, func(s string) int { return len(s) }
		}
		got := ""
		for _, part := range chat.SplitText(text, limit, length) {
			if n := want(part); n == 0 || n > limit || n != length(part) {
				t.Errorf("a part of %d, counted as %d: %q", n, length(part), part)
			}
			if utf8.ValidString(text) && !utf8.ValidString(part) {
				t.Errorf("a broken part %q", part)
			}
			got += strings.Join(strings.Fields(part), "") // each by itself: broken bytes of two could make a blank
		}
		if want := strings.Join(strings.Fields(text), ""); got != want {
			t.Errorf("%q became %q", want, got)
		}
	})
}
