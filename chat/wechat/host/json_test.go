package host

import (
	"encoding/json"
	"testing"
)

func TestUnmarshal(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{"text":"好的"}`, "好的"},
		{"{\"text\":\"一\x01二\n三\x1f\"}", "一 二 三 "},
		{"{\"text\":\"a\\tb\x02\"}", "a\tb "},
		{"{\x03\"text\":\"c:\\x\\d\\\\e\\\"\"}", `c:xd\e"`},
		{`{"text":"\u59d0\u12"}`, "姐u12"},
		{`{"text":"a\u12"}`, "au12"},
		{"{\"text\":\"\xe5\xa5\"}", "\ufffd\ufffd"},
		{`{"text":"`, ""},
		{`{"text":"\`, ""},
		{`{"text":"a"b"}`, ""},
	} {
		var got struct{ Text string }
		err := unmarshal([]byte(tt.in), &got)
		if got.Text != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q: %q, %v", tt.in, got.Text, err)
		}
	}
}

// FuzzUnmarshal: what is JSON means what it says, and mending twice is mending once.
func FuzzUnmarshal(f *testing.F) {
	for _, text := range []string{`{"a":"\n"}`, "{\"a\":\"\x01\"}", `{"a":"\x"}`, `"\u12"`, `\`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		once := repairJSON(raw)
		if twice := repairJSON(once); string(twice) != string(once) {
			t.Errorf("%q, and again %q", once, twice)
		}
		if !json.Valid(raw) {
			return
		}
		var plain, mended any
		if err := json.Unmarshal(raw, &plain); err != nil {
			return // a number that is too large
		}
		if err := unmarshal(raw, &mended); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	})
}
