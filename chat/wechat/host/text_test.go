package host

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestMarshal(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`a<b>&"c"`, `"a<b>&\"c\""`},
		{"应答\u2028😀\u2029", "\"应答\u2028😀\u2029\""},
		{"a\nb\tc\rd\\u4f60\\", `"a\nb\tc\rd\\u4f60\\"`},
		{"a\x00\x1b\b\fb\x7f", "\"ab\x7f\""},
		{"a\xffb", "\"a\ufffdb\""},
	} {
		got, err := Marshal(tt.in)
		if err != nil || string(got) != tt.want {
			t.Errorf("%q became %s, %v; want %s", tt.in, got, err, tt.want)
		}
	}
	got, err := Marshal(map[string]any{"text": map[string]string{"content": "<a href=\"x\">&"}})
	if want := `{"text":{"content":"<a href=\"x\">&"}}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := Marshal(func() {}); err == nil {
		t.Error("a function became JSON")
	}
}

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		limit    int
		want     []string
	}{
		{"nothing", " \n", 10, nil},
		{"short", " 好的 ", 10, []string{"好的"}},
		{"just fits", "一二三", 9, []string{"一二三"}},
		{"a paragraph", "一二三\n四五六", 15, []string{"一二三", "四五六"}},
		{"a paragraph too early", "一\n二三四五。六七", 19, []string{"一\n二三四五。", "六七"}},
		{"a sentence", "一二。三四五六", 12, []string{"一二。", "三四五六"}},
		{"a clause", "一二，三四五六", 12, []string{"一二，", "三四五六"}},
		{"a word", "abc def ghi", 9, []string{"abc def", "ghi"}},
		{"no place", "一二三四五", 8, []string{"一二", "三四", "五"}},
		{"a family", "一二三四五👨‍👩‍👧六", 26, []string{"一二三四五", "👨‍👩‍👧六"}},
		{"no UTF-8", "\x80\x80\x80\x80\x80\x80", 4, []string{"\x80\x80\x80\x80", "\x80\x80"}},
	} {
		if got := Split(tt.in, tt.limit); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("一二三。四五六\n七八九，十", 10)
	f.Add("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 8)
	f.Add("\x80\x80\x80\x80\x80\x80", 4)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = 4 + (limit%2044+2044)%2044
		var all strings.Builder
		for _, part := range Split(text, limit) {
			if part == "" || len(part) > limit || utf8.ValidString(text) && !utf8.ValidString(part) {
				t.Fatalf("%q has the part %q at %d", text, part, limit)
			}
			all.WriteString(part)
		}
		// What is no UTF-8 may join to another white space when some is lost.
		if got, want := spaceless(all.String()), spaceless(text); got != want && utf8.ValidString(text) {
			t.Fatalf("%q became %q", want, got)
		}
	})
}

func spaceless(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); { // by bytes, for it need not be UTF-8
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsSpace(r) {
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	return b.String()
}

func FuzzMarshal(f *testing.F) {
	f.Add("a<b>&\"\u2028\\u0041\x00")
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := Marshal(text)
		var got string
		if err != nil || json.Unmarshal(raw, &got) != nil {
			t.Fatalf("%q became %q, %v", text, raw, err)
		}
		want := strings.Map(func(r rune) rune {
			if r < 0x20 && !strings.ContainsRune("\t\n\r", r) {
				return -1
			}
			return r
		}, text)
		if got != want {
			t.Fatalf("%q became %q, want %q", text, got, want)
		}
	})
}
