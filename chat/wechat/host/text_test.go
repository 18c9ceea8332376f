package host

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/yingda/yingda/chat"
)

// record is a conversation's entries, the first with the number 1.
type record []chat.Entry

func (r record) ListEntries(_ context.Context, id string, after int64, limit int) ([]chat.Entry, error) {
	if id != "c1" {
		return nil, errors.New("the database is busy")
	}
	for i := range r {
		r[i].Seq = int64(i) + 1
	}
	return r[min(int(after), len(r)):min(int(after)+limit, len(r))], nil
}

func TestRenderEntry(t *testing.T) {
	long := strings.Repeat("押金", 20)
	entries := record{
		{Text: "押金\n 怎么退"},
		{Attachments: []chat.Attachment{{ID: "p"}}},
		{Text: long},
		{},
	}
	for _, tt := range []struct {
		name         string
		in           chat.Entry
		conversation string
		want         string
		fails        bool
	}{
		{"words", chat.Entry{Text: "周三到账"}, "c1", "周三到账", false},
		{"a correction", chat.Entry{Text: "周四到账", CorrectsSeq: 5}, "c1", "（更正）周四到账", false},
		{"a quote", chat.Entry{Text: "可以退", QuotesSeq: 1}, "c1", "「押金 怎么退」\n可以退", false},
		{"a quoted picture", chat.Entry{Text: "看到了", QuotesSeq: 2}, "c1", "「[图片]」\n看到了", false},
		{"a long quote", chat.Entry{Text: "好", QuotesSeq: 3}, "c1", "「" + string([]rune(long)[:29]) + "…」\n好", false},
		{"nothing to quote", chat.Entry{Text: "好", QuotesSeq: 4}, "c1", "好", false},
		{"a quote of what is not there", chat.Entry{Text: "好", QuotesSeq: 9}, "c1", "好", false},
		{"a quote in a correction", chat.Entry{Text: "能退", QuotesSeq: 1, CorrectsSeq: 5}, "c1", "「押金 怎么退」\n（更正）能退", false},
		{"a database that is busy", chat.Entry{Text: "好", QuotesSeq: 1}, "c2", "好", true},
	} {
		got, err := RenderEntry(t.Context(), entries, tt.conversation, tt.in)
		if got.Text != tt.want || (err != nil) != tt.fails {
			t.Errorf("%s: got %q, %v; want %q", tt.name, got.Text, err, tt.want)
		}
	}
	if got, err := RenderEntry(t.Context(), nil, "c1", chat.Entry{Text: "好", QuotesSeq: 1}); got.Text != "好" || err != nil {
		t.Errorf("without a record: %q, %v", got.Text, err)
	}
}

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
