package finding

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestList(t *testing.T) {
	l := List{
		{File: "b.md", Line: 1, Level: Error, Text: "four", Fix: "do it"},
		{File: "a.md", Line: 2, Level: Verify, Text: "three"},
		{File: "a.md", Line: 1, Level: Warning, Text: "two"},
		{File: "a.md", Line: 1, Level: Error, Text: "one"},
	}
	l.Sort()
	var got []string
	for _, f := range l {
		got = append(got, f.String())
	}
	want := "a.md:1: error: one|a.md:1: warning: two|a.md:2: verify: three|b.md:1: error: four; do it"
	if strings.Join(got, "|") != want {
		t.Errorf("sorted: %q, want %q", got, want)
	}
	if err := l.Err(); err == nil || err.Error() != "a.md:1: error: one\nb.md:1: error: four; do it" {
		t.Errorf("Err = %v", err)
	}
	if err := l.At(Warning, Verify).Err(); err != nil {
		t.Errorf("warnings are no error: %v", err)
	}
}

// TestJSON: what was looked at is said in one form, whoever looks.
func TestJSON(t *testing.T) {
	for _, tt := range []struct {
		in   Finding
		want string
	}{
		{Finding{Check: "disk", Level: OK, Text: "2 MB free"}, `{"check":"disk","level":"ok","text":"2 MB free","fix":""}`},
		{Finding{Account: "telegram/shop", Level: Error, Text: "silent", Fix: "call"}, `{"account":"telegram/shop","level":"error","text":"silent","fix":"call"}`},
		{Finding{File: "a.md", Line: 3, Level: Verify, Text: "95516"}, `{"file":"a.md","line":3,"level":"verify","text":"95516","fix":""}`},
	} {
		if got, err := json.Marshal(tt.in); err != nil || string(got) != tt.want {
			t.Errorf("%s, %v, want %s", got, err, tt.want)
		}
	}
}
