package kb

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// whole is an article file with every field.
const whole = `---
title: 跳商户怎么办
category: merchant-jump
asks: [商户名不是我的怎么办, "金额: 1"]
not: [跳槽怎么办]
collect: [brand_model, serial]
escalate: always
related: [jump-verify]
facts: [停用]
verify: ["95516：拨打核实"]
valid_from: 2026-11-23
valid_until: 2027-11-23
reviewed: 2026-11-22
sources: [某办法]
---

先停用，
再联系客服。

## 怎么做
1. 停用。
`

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestParse(t *testing.T) {
	want := Article{
		ID: "jump-what-to-do", Title: "跳商户怎么办", Category: "merchant-jump",
		Asks: []string{"商户名不是我的怎么办", "金额: 1"}, Not: []string{"跳槽怎么办"},
		Collect: []Slot{SlotBrandModel, SlotSerial}, Escalate: EscalateAlways,
		Related: []string{"jump-verify"}, Facts: []string{"停用"}, Verify: []string{"95516：拨打核实"}, Sources: []string{"某办法"},
		ValidFrom: day("2026-11-23"), ValidUntil: day("2027-11-23"), Reviewed: day("2026-11-22"),
		Lead: "先停用，再联系客服。", Body: "先停用，\n再联系客服。\n\n## 怎么做\n1. 停用。",
		File: "guide/merchant-jump/jump-what-to-do.md",
	}
	for name, in := range map[string]string{
		"unix":            whole,
		"windows":         strings.ReplaceAll(whole, "\n", "\r\n"),
		"byte order mark": "\ufeff" + whole,
	} {
		got, faults := Parse(want.File, []byte(in))
		got.lines = nil
		if len(faults) > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: Parse = %+v, %v; want %+v", name, got, faults, want)
		}
	}
}

func TestParseDefaults(t *testing.T) {
	a, faults := Parse("x.md", []byte("---\ntitle: 问\n---\n答。"))
	if len(faults) > 0 || a.ID != "x" || a.Escalate != EscalateOffer || a.Lead != "答。" {
		t.Errorf("Parse = %+v, %v; want id x, escalate offer, lead 答。", a, faults)
	}
}

func TestParseFaults(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string // without the file's name
	}{
		{"", []string{"1: error: no front matter"}},
		{"答。", []string{"1: error: no front matter"}},
		{"---\ntitle: 问\n", []string{"1: error: no front matter"}},
		{"---\ntitle: \xff\n---\n答。", []string{"1: error: not valid UTF-8"}},
		{"---\n---\n答。", []string{"2: error: the front matter has no fields", "1: error: no title"}},
		{"---\n- 问\n---\n答。", []string{"2: error: the front matter has no fields", "1: error: no title"}},
		{"---\ntitle: 问: 题\n---\n答。", []string{"2: error: the front matter is not YAML", "1: error: no title"}},
		{"---\ntitle: 问\ntitel: 问\n---\n答。", []string{`3: error: unknown field "titel"`}},
		{"---\ntitle: 问\nnot: [甲]\nnot: [乙]\n---\n答。", []string{`4: error: field "not" stands twice`}},
		{"---\ntitle: 问\nasks: {甲: 乙}\n---\n答。", []string{`3: error: field "asks" does not hold what it should`}},
		{"---\ntitle: 问\nreviewed: 明天\n---\n答。", []string{`3: error: "reviewed" is no date: "明天"`}},
		{"---\ntitle: 问\nreviewed: 2026-02-30\n---\n答。", []string{`3: error: "reviewed" is no date: "2026-02-30"`}},
		{"---\ntitle: ' '\n---\n答。", []string{"2: error: no title"}},
		{"---\ntitle: \u3164\u2800\n---\n答。", []string{"2: error: no title"}},
		{"---\ntitle: 问\n---\n\u2800\u3164\n", []string{"4: error: the article has no answer"}},
		{"---\ntitle: 问\n---\n", []string{"4: error: the article has no answer"}},
		{"---\ntitle: 问\n---\n\n\n# 答\n", []string{"6: error: the answer does not begin with a paragraph"}},
		{"---\ntitle: 问\n---\n- 答\n", []string{"4: error: the answer does not begin with a paragraph"}},
		{"---\ntitel: 问\nreviewed: 明天\n---\n", []string{ // all at once
			`2: error: unknown field "titel"`, `3: error: "reviewed" is no date`, "5: error: the article has no answer", "1: error: no title",
		}},
	} {
		_, faults := Parse("x.md", []byte(c.in))
		ok := len(faults) == len(c.want)
		for i := 0; ok && i < len(c.want); i++ {
			ok = strings.HasPrefix(faults[i].String(), "x.md:"+c.want[i])
		}
		if !ok {
			t.Errorf("Parse(%q) has faults\n%v\nwant\n%v", c.in, faults, c.want)
		}
	}
}

func TestExpired(t *testing.T) {
	for _, c := range []struct {
		until, on string
		want      bool
	}{
		{"", "2026-11-23", false},
		{"2026-11-23", "2026-11-22", false},
		{"2026-11-23", "2026-11-23", false}, // the last valid day
		{"2026-11-23", "2026-11-24", true},
	} {
		var a Article
		if c.until != "" {
			a.ValidUntil = day(c.until)
		}
		if got := a.Expired(day(c.on).Add(23 * time.Hour)); got != c.want {
			t.Errorf("valid until %q: Expired(%s) = %t", c.until, c.on, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, in := range []string{whole, "", "---\n---\n", "---\ntitle: 问\n---\n答。", "---\nasks: *a\n---\n", "---\n? [a]: b\n<<: {title: x}\n---\nx"} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, faults := Parse("guide/x.md", data)
		if a.ID != "x" || a.File != "guide/x.md" {
			t.Fatalf("id %q, file %q", a.ID, a.File)
		}
		lines := strings.Count(string(data), "\n") + 2
		for _, fault := range faults {
			if fault.Line < 1 || fault.Line > lines || fault.Text == "" || fault.Fix == "" {
				t.Fatalf("fault %+v of a file of %d lines", fault, lines)
			}
		}
		if faults.Err() != nil {
			return
		}
		switch {
		case a.Title == "" || a.Lead == "" || a.Body == "":
			t.Fatalf("no fault, and no title, lead or body: %+v", a)
		case !slices.Equal(a.Phrasings()[1:], a.Asks) || a.Phrasings()[0] != a.Title:
			t.Fatalf("phrasings %q", a.Phrasings())
		case !utf8.ValidString(a.Body) || !utf8.ValidString(a.Lead):
			t.Fatalf("body %q is not UTF-8", a.Body)
		}
	})
}
