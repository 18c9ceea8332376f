package telegram

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestSplit(t *testing.T) {
	tests := []struct {
		name  string
		in    string
		limit int
		want  []string
	}{
		{"nothing", " \n\t", 10, nil},
		{"short", " 您好。 ", 10, []string{"您好。"}},
		{"just right", "一二三四五", 5, []string{"一二三四五"}},
		{"at a paragraph, though a sentence ends later", "一二三。\n\n四五。六七八九", 9, []string{"一二三。", "四五。六七八九"}},
		{"at a line", "一二三四\n五。六七八九十", 8, []string{"一二三四", "五。六七八九十"}},
		{"at a sentence", "一二。三四，五六七", 7, []string{"一二。", "三四，五六七"}},
		{"behind the quotation mark", "“一二三。”四五六", 7, []string{"“一二三。”", "四五六"}},
		{"at a comma", "一二三，四五六七八", 6, []string{"一二三，", "四五六七八"}},
		{"where it must", "一二三四五六七", 3, []string{"一二三", "四五六", "七"}},
		{"no sentence ends within a number", "a 1.25 b 1.25 c", 8, []string{"a 1.25", "b 1.25 c"}},
		{"an English sentence", "Yes, ok. No more", 12, []string{"Yes, ok.", "No more"}},
		{"a pair of surrogates counts as two", "😀😀😀", 4, []string{"😀😀", "😀"}},
		{"the first half is too small a part, unless there is no other place", "一。二三四五六七八九十", 8, []string{"一。", "二三四五六七八九", "十"}},
	}
	for _, tt := range tests {
		if got := Split(tt.in, tt.limit); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

// FuzzSplit: no part is too long, blank or broken, and nothing but white space is lost.
func FuzzSplit(f *testing.F) {
	f.Add("一二。三\n\n四😀五 a.b", 4)
	f.Add("\xff\xfe 。\x00", 2)
	f.Add(strings.Repeat("😀", 100), 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 2 || limit > MaxText {
			return
		}
		parts := Split(text, limit)
		for _, part := range parts {
			if n := len(utf16.Encode([]rune(part))); n > limit || n == 0 || n != Length(part) {
				t.Errorf("a part of %d, Length says %d: %q", n, Length(part), part)
			}
			if utf8.ValidString(text) && !utf8.ValidString(part) {
				t.Errorf("a broken part %q", part)
			}
		}
		if got, want := strings.Join(strings.Fields(strings.Join(parts, "")), ""), strings.Join(strings.Fields(text), ""); got != want {
			t.Errorf("%q became %q", want, got)
		}
	})
}

func TestEscape(t *testing.T) {
	if got, want := Escape(`<b>"A&B"</b> &amp;`), `&lt;b&gt;"A&amp;B"&lt;/b&gt; &amp;amp;`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAddress(t *testing.T) {
	for _, a := range []Address{{Chat: 42}, {Chat: -1001, User: 42}, {Chat: -1001, Thread: 7, User: 42}} {
		if got, err := ParseAddress(a.String()); err != nil || got != a {
			t.Errorf("%s is read as %+v, %v", a, got, err)
		}
	}
	for _, bad := range []string{"", "a", "0", "042", "1/2", "1/2/3/4", "1/0/0", "-1/x/3", "99999999999999999999"} {
		if a, err := ParseAddress(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, a)
		}
	}
}
