package bot_test

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
)

// counting is a searcher that notes what it was asked and what it found.
type counting struct {
	kb.Searcher
	lookups []bot.Lookup
}

func (c *counting) Search(ctx context.Context, q kb.Query) (kb.Result, error) {
	r, err := c.Searcher.Search(ctx, q)
	c.lookups = append(c.lookups, bot.Lookup{Text: q.Text, Result: r})
	return r, err
}

// frugal is a bot that is held to understanding each message once: at most maxSearches searches, each of
// another text, and every one of them in the Understanding that was decided on.
type frugal struct {
	*bot.Bot
	t        testing.TB
	searcher *counting
}

// maxSearches is the message itself and, at most, each of its three questions.
const maxSearches = 4

func (f frugal) Step(ctx context.Context, s *bot.Session, m chat.Message) (bot.Outcome, error) {
	f.searcher.lookups = nil
	out, err := f.Bot.Step(ctx, s, m)
	if err != nil {
		return out, err
	}
	texts := map[string]bool{}
	for _, l := range f.searcher.lookups {
		if texts[l.Text] {
			f.t.Errorf("%q: %q is searched twice", m.Text, l.Text)
		}
		texts[l.Text] = true
	}
	if n := len(f.searcher.lookups); n > maxSearches {
		f.t.Errorf("%q: %d searches", m.Text, n)
	}
	if !reflect.DeepEqual(f.searcher.lookups, out.Understood.Lookups) {
		f.t.Errorf("%q: searched %v, decided on %v", m.Text, f.searcher.lookups, out.Understood.Lookups)
	}
	return out, nil
}

// WithHandover keeps the watch.
func (f frugal) WithHandover(h bot.Handover) stepper {
	f.Bot = f.Bot.WithHandover(h)
	return f
}

// TestSessionOfBefore reads a session that was kept when the offer of a person was a flag.
func TestSessionOfBefore(t *testing.T) {
	const kept = `{"offered":[{"id":"human","title":"转人工"}],"topic":"fee-deposit-refund","told":1,"unhelped":2,"wanted":true,"last":"要不要转人工","same":2,
		"at":"2026-11-23T07:16:00Z","words":["押金能退吗"],"tried":[{"id":"fee-deposit-refund","title":"押金怎么退","score":1}],
		"case":{"stage":"paused","topic":"fee-deposit-refund","reason":"asked","urgency":"normal","asked":["city"],"done":["amount"],"misses":1},"settled":"fee-deposit-refund"}`
	want := bot.Session{
		Offered: []chat.Option{{ID: "human", Title: "转人工"}}, Topic: "fee-deposit-refund", Told: 1, Unhelped: 2, Move: bot.ContentOffer, Last: "要不要转人工", Repeats: 2,
		At: time.Date(2026, 11, 23, 7, 16, 0, 0, time.UTC), Words: []string{"押金能退吗"}, Tried: []chat.Article{{ID: "fee-deposit-refund", Title: "押金怎么退", Score: 1}},
		Case:   &bot.Case{Stage: bot.StagePaused, Topic: "fee-deposit-refund", Reason: "asked", Urgency: "normal", Asked: []kb.Slot{kb.SlotCity}, Done: []kb.Slot{kb.SlotAmount}, Misses: 1},
		CaseOf: "fee-deposit-refund",
	}
	var got bot.Session
	if err := json.Unmarshal([]byte(kept), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read as %+v, %v; want %+v", got, err, want)
	}
	b, _ := newBundled(t)
	s := bot.Session{Holder: chat.HolderBot}
	if err := json.Unmarshal([]byte(`{"wanted":true,"topic":"fee-deposit-refund"}`), &s); err != nil {
		t.Fatal(err)
	}
	if out, err := b.Step(t.Context(), &s, chat.Message{Text: "好"}); err != nil || out.Reply.Decision != chat.Escalate {
		t.Errorf("yes to the offer of before leads to %s, %v", out.Reply.Decision, err)
	}
}

// newIndex is the bundled guide and its real index.
func newIndex(t testing.TB) (*kb.Library, kb.Searcher) {
	t.Helper()
	g, err := guide.Open("", nil)
	if err != nil {
		t.Fatal(err)
	}
	return g.Library, g.Index
}

// TestPasses counts how often the guide is searched for one message: not at all for what is no question, once for a
// question, once more for what leans on the topic, and else once for each clause that asks, of which three count.
func TestPasses(t *testing.T) {
	plain, _ := newBundled(t)
	handing := newTalk(t, plain).bot
	for _, c := range []struct {
		before string // said first; "" for nothing
		say    string
		passes []string
	}{
		{"", "嗯", nil},
		{"", "👍", nil},
		{"", "你是机器人吗", nil},
		{"", "为什么会跳码", []string{"为什么会跳码"}},
		{"", "为什么会跳码？", []string{"为什么会跳码？"}},
		{"为什么会跳码", "跳马係咩嚟㗎", []string{"跳马係咩嚟㗎", "什么是跳商户、跳码、套码 跳码系咩嚟㗎"}},
		{"", "申请pos要准备什么文件？营业执照副本可以吗", []string{"申请pos要准备什么文件？营业执照副本可以吗", "申请pos要准备什么文件", "营业执照副本可以吗"}},
		{"", "跳码是什么？押金怎么退？没到账怎么办？手续费多少？怎么换卡？", []string{
			"跳码是什么？押金怎么退？没到账怎么办？手续费多少？怎么换卡？", "跳码是什么", "押金怎么退", "没到账怎么办",
		}},
	} {
		var s bot.Session
		var out bot.Outcome
		for _, text := range []string{c.before, c.say} {
			if text == "" {
				continue
			}
			var err error
			if out, err = handing.Step(t.Context(), &s, chat.Message{Text: text, At: monday()}); err != nil {
				t.Fatal(err)
			}
		}
		var passes []string
		for _, l := range out.Understood.Lookups {
			passes = append(passes, l.Text)
		}
		if !slices.Equal(passes, c.passes) {
			t.Errorf("%q is searched for as %q, want %q", c.say, strings.Join(passes, " | "), strings.Join(c.passes, " | "))
		}
	}
}
