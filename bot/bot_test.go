package bot

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// stub is a searcher that knows its answers by heart; what it does not know gets no hits.
type stub map[string]kb.Result

func (s stub) Search(_ context.Context, q kb.Query) (kb.Result, error) {
	if q.Text == "坏" {
		return kb.Result{}, errIndex
	}
	r := s[q.Text]
	r.Text = q.Text
	return r, nil
}

var errIndex = errors.New("the index is broken")

const phrases = `
categories: []
say: {greet: 您好, thanks: 不客气, bye: 再见, empty: 没有文字, idle: 请说, program: 是程序, clarify: 哪一个, decline: 不知道, decline_near: 相近的, escalate: 转接,
  answer_human: 要人处理, unknown_code: "不认识{code}", expired: "核对至{date}", human: 转人工,
  unsolved: 再说细些, denied: 没弄明白, offer: 要不要人工}
`

const codes = `
- {code: "05", title: 不予承兑, owner: 发卡行, retry: "no", class: C, text: 05是不予承兑。, sources: [S]}
- {code: "51", title: 资金不足, owner: 持卡人, retry: "no", class: C, text: 51是资金不足。, sources: [S]}
`

// newBot makes a bot for a guide of a few articles on 2026-11-23.
func newBot(t *testing.T, s stub) *Bot {
	t.Helper()
	fsys := fstest.MapFS{"phrases.yaml": {Data: []byte(phrases)}, "codes.yaml": {Data: []byte(codes)}}
	for id, fields := range map[string]string{
		"fee":               "",
		"expired":           "valid_until: 2026-11-22\n",
		"last-day":          "valid_until: 2026-11-23\n",
		"future":            "valid_from: 2026-11-24\n",
		"frozen":            "escalate: always\n",
		"expired-frozen":    "escalate: always\nvalid_until: 2026-01-31\n",
		"txn-response-code": "",
	} {
		fsys["guide/"+id+".md"] = &fstest.MapFile{Data: []byte("---\ntitle: 问" + id + "\n" + fields + "---\n答" + id + "。\n\n细节。\n")}
	}
	lib, faults, err := kb.Load(fsys, fstest.MapFS{"phrases.yaml": {Data: bundledReading(t)}}, nil)
	if err != nil || faults.Err() != nil {
		t.Fatal(faults, err)
	}
	return New(lib, s, Policy{Answer: 0.6, Clarify: 0.3, Near: 0.1, Human: 0.4, Option: 0.05}, func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) })
}

// bundledReading is the section of the bundled phrases by which messages are read.
func bundledReading(t *testing.T) []byte {
	t.Helper()
	data, err := yaml.Marshal(map[string]any{"reading": bundled(t).Phrases.Reading})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// found is a result with hits of equal scores.
func found(confidence float64, ids ...string) kb.Result {
	r := kb.Result{Confidence: confidence}
	for _, id := range ids {
		r.Hits = append(r.Hits, kb.Hit{ID: id, Title: "问" + id, Score: 0.2})
	}
	return r
}

func ids(r chat.Reply) (articles, options string) {
	var as, os []string
	for _, a := range r.Articles {
		as = append(as, a.ID)
	}
	for _, o := range r.Options {
		os = append(os, o.ID)
	}
	return strings.Join(as, " "), strings.Join(os, " ")
}

func TestStep(t *testing.T) {
	b := newBot(t, stub{
		"费率":     found(0.9, "fee", "frozen"),
		"哪个":     found(0.4, "fee", "frozen", "future", "expired"),
		"相近":     found(0.2, "fee"),
		"远":      found(0.05, "fee"),
		"过期":     found(0.9, "expired"),
		"最后一天":   found(0.9, "last-day"),
		"还没到":    found(0.9, "future"),
		"冻结":     found(0.9, "frozen"),
		"过期冻结":   found(0.9, "expired-frozen"),
		"报05":    found(0.2, "fee", "txn-response-code"),
		"报05报66": found(0.2, "a", "b", "c", "d", "e"),
		"没有这篇":   found(0.9, "gone"),
		"你好":     {Intent: kb.IntentGreet, IntentScore: 1, Confidence: 0.9},
		"谢谢":     {Intent: kb.IntentThanks, IntentScore: 1, Confidence: 0.9},
		"再见":     {Intent: kb.IntentBye, IntentScore: 1, Confidence: 0.9},
		"叫人来":    {Intent: kb.IntentHuman, IntentScore: 0.8, Confidence: 0.5, Hits: found(1, "fee").Hits},
	})
	for _, c := range []struct {
		in       string
		decision chat.Decision
		text     string
		articles string
		options  string
	}{
		{"费率", chat.Answer, "答fee。", "fee frozen", ""},
		{"哪个", chat.Clarify, "哪一个", "fee frozen future expired", "fee frozen future human"},
		{"相近", chat.Decline, "相近的", "fee", "fee human"},
		{"远", chat.Decline, "不知道", "fee", "human"},
		{"什么也没有", chat.Decline, "不知道", "", "human"},
		{"  ", chat.Greet, "没有文字", "", ""},
		{"\u2800\u3164", chat.Greet, "没有文字", "", ""},
		{"没有这篇", chat.Answer, "不知道", "gone", ""},

		{"过期", chat.Answer, "答expired。\n核对至2026-11-22", "expired", ""},
		{"最后一天", chat.Answer, "答last-day。", "last-day", ""},
		{"还没到", chat.Answer, "答future。", "future", ""}, // no day to name
		{"冻结", chat.Answer, "答frozen。\n要人处理", "frozen", ""},
		{"过期冻结", chat.Answer, "答expired-frozen。\n核对至2026-01-31\n要人处理", "expired-frozen", ""},

		{"报05", chat.Answer, "05是不予承兑。", "txn-response-code fee", ""},
		{"报66", chat.Answer, "不认识66", "txn-response-code", ""},
		{"报05报66", chat.Answer, "05是不予承兑。\n不认识66", "txn-response-code a b c d", ""}, // five articles at most
		{"报51 报05", chat.Answer, "51是资金不足。\n05是不予承兑。", "txn-response-code", ""},

		{"你好", chat.Greet, "您好", "", ""},
		{"谢谢", chat.Greet, "不客气", "", ""},
		{"再见", chat.Greet, "再见", "", ""},
		{"叫人来", chat.Escalate, "转接", "fee", ""},
		{"转人工", chat.Escalate, "转接", "", ""},
	} {
		out, err := b.Step(t.Context(), new(Session), chat.Message{Text: c.in})
		if err != nil {
			t.Fatal(err)
		}
		r := out.Reply
		articles, options := ids(r)
		if r.Decision != c.decision || r.Text != c.text || articles != c.articles || options != c.options {
			t.Errorf("Step(%q) = %s %q, articles %q, options %q; want %s %q, %q, %q", c.in, r.Decision, r.Text, articles, options, c.decision, c.text, c.articles, c.options)
		}
		if r.Articles == nil || r.Options == nil {
			t.Errorf("Step(%q): a list is nil, and would be null in JSON", c.in)
		}
	}
}

// TestStepOptions holds short conversations: what is picked is answered, whatever the search says.
func TestStepOptions(t *testing.T) {
	b := newBot(t, stub{
		"哪个":       found(0.4, "fee", "txn-response-code"),
		"问fee":     found(0.3, "frozen", "fee"),
		"1":        found(0.9, "last-day"),
		"费率":       found(0.9, "fee"),
		"问expired": found(0.2, "fee"),
	})
	for _, c := range []struct {
		name string
		said []string
		want string // decision and text of the last reply
	}{
		{"by number", []string{"哪个", "1"}, "answer 答fee。"},
		{"by title", []string{"哪个", "问fee"}, "answer 答fee。"},
		{"in words", []string{"哪个", "第二个"}, "answer 答txn-response-code。"},
		{"a person", []string{"哪个", "3"}, "escalate 转接"},
		{"a person after a decline", []string{"什么也没有", "1"}, "escalate 转接"},
		{"nothing offered", []string{"1"}, "decline 没弄明白"}, // whatever the search says
		{"no longer offered", []string{"哪个", "费率", "1"}, "decline 没弄明白"},
		{"beyond the options", []string{"哪个", "4"}, "decline 没弄明白"},
	} {
		var s Session
		var last chat.Reply
		for _, text := range c.said {
			out, err := b.Step(t.Context(), &s, chat.Message{Text: text})
			if err != nil {
				t.Fatal(err)
			}
			last = out.Reply
		}
		if got := string(last.Decision) + " " + last.Text; got != c.want {
			t.Errorf("%s: %q leads to %q, want %q", c.name, c.said, got, c.want)
		}
	}
}

func TestStepGoneOption(t *testing.T) {
	s := Session{Offered: []chat.Option{{ID: "gone", Title: "费率"}}} // offered before the guide changed
	out, err := newBot(t, stub{"费率": found(0.9, "fee")}).Step(t.Context(), &s, chat.Message{Text: "1"})
	if err != nil || out.Reply.Text != "答fee。" {
		t.Errorf("Step = %+v, %v; want what the search finds for the option's title", out, err)
	}
}

func TestStepError(t *testing.T) {
	s := Session{Offered: []chat.Option{{ID: "fee", Title: "问fee"}}}
	before := s
	out, err := newBot(t, nil).Step(t.Context(), &s, chat.Message{Text: "坏"})
	if !errors.Is(err, errIndex) || !reflect.DeepEqual(s, before) || !reflect.DeepEqual(out, Outcome{}) {
		t.Errorf("Step = %+v, %v, session %+v; want the index's error and the session as before", out, err, s)
	}
}

// TestNoCodesArticle asks a guide that has codes, but no article about them.
func TestNoCodesArticle(t *testing.T) {
	fsys := fstest.MapFS{"phrases.yaml": {Data: []byte(phrases)}, "codes.yaml": {Data: []byte(codes)}, "guide/a.md": {Data: []byte("---\ntitle: 问\n---\n答。\n")}}
	lib, _, err := kb.Load(fsys, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := New(lib, stub{}, DefaultPolicy(), time.Now).Step(t.Context(), new(Session), chat.Message{Text: "报51"})
	if err != nil || out.Reply.Text != "51是资金不足。" || out.Reply.Decision != chat.Answer {
		t.Errorf("Step = %+v, %v; want the code's text", out, err)
	}
}
