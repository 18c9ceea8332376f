package host

import (
	"encoding/json"
	"strings"
	"testing"
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
