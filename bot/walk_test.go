package bot_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// acts are what customers do: each makes the next message of a walk, given what was said last.
type acts struct {
	rng       *rand.Rand
	questions []string
	outside   []string
}

func newActs(t *testing.T, lib *kb.Library, seed uint64) *acts {
	t.Helper()
	a := &acts{rng: rand.New(rand.NewPCG(seed, 2)), outside: lib.Outside}
	for i := range lib.Articles {
		a.questions = append(a.questions, lib.Articles[i].Asks[0], lib.Articles[i].Asks[1], lib.Articles[i].Title)
	}
	return a
}

func (a *acts) one(list ...string) string { return list[a.rng.IntN(len(list))] }

// medium is a sticker now and then.
func (a *acts) medium() chat.Medium {
	if a.rng.IntN(4) == 0 {
		return chat.Sticker
	}
	return ""
}

// message draws one act.
func (a *acts) message(last bot.Outcome, before string) chat.Message {
	switch a.rng.IntN(18) {
	case 0, 1, 2, 3:
		return chat.Message{Text: a.one(a.questions...)}
	case 4:
		return chat.Message{Text: a.one(a.outside...)}
	case 5, 6: // an option, by its title
		options := last.Reply.Options
		for _, r := range last.More {
			options = append(options, r.Options...)
		}
		if len(options) > 0 {
			return chat.Message{Text: options[a.rng.IntN(len(options))].Title}
		}
		return chat.Message{Text: "1"}
	case 7:
		return chat.Message{Text: a.one("1", "2", "第三个", "最后一个", "后面那个", "都要", "都不是", "到账那个")}
	case 8:
		return chat.Message{Text: a.one("那要多少钱", "怎么弄", "要多久", "为什么", "57呢", "报05", "不是，我说的是费率")}
	case 9:
		return chat.Message{Text: a.one("没用", "还是不行", "没解决", "骗子", "垃圾公司 投诉你们", "钱没到账")}
	case 10:
		return chat.Message{Text: a.one("好", "要", "不用", "算了", "嗯", "哦", "谢谢", "你好", "拜拜", "跳过", "确认", "不对", "接着登记", "直接转人工")}
	case 11:
		return chat.Message{Text: a.one("新大陆ME31", "SN：N5300012345", "848100058120001", "8481000581", "10203040", "昨天下午3点", "三千八", "金额是3900", "长沙", "平价烟酒店")}
	case 12:
		return chat.Message{Text: a.one("", " ", "？？？", "哈哈哈", "这个那个", "\x00", "🙂", "asdf", strings.Repeat("钱没到账怎么办 ", 300), strings.Repeat("啊", 3000))}
	case 13:
		return chat.Message{Text: before} // people repeat themselves
	case 15:
		return chat.Message{Text: a.one("👍", "[弱]", "[捂脸]", "/:strong", "？", "。", "\u2800", "好的[OK]", "[NO]"), Medium: a.medium()}
	case 16:
		return chat.Message{Text: a.one("你是真人吗", "被骗了 钱转过去了", "验证码报给他了", "滚", "滚筒卡纸", "怎么报警", "我是T+1的", "打95016没人接", "848100058120001 押金能退吗")}
	case 14:
		return chat.Message{Text: a.one("", "照片"), Attachments: []chat.Attachment{{ID: "a"}}}
	}
	return chat.Message{Text: a.one("我的工单怎么样了", "处理得怎么样了", "电话138****5678"), Contact: a.one("", "13812345678"), Handoff: a.rng.IntN(8) == 0}
}

// TestWalks holds hundreds of made-up conversations, with a desk and without one: no dead end, no
// loop, and a person is never more than two messages away.
func TestWalks(t *testing.T) {
	plain, lib := newBundled(t)
	walks := 40
	if os.Getenv("YINGDA_WALKS") == "long" {
		walks = 3000
	}
	for name, b := range map[string]stepper{"desk": newTalk(t, plain).bot, "alone": plain} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(walks) {
				walk(t, b, newActs(t, lib, seed), 24)
			}
		})
	}
}

func walk(t *testing.T, b stepper, a *acts, steps int) {
	t.Helper()
	k := &talk{t: t, bot: b, now: monday()}
	var said []string
	var bubbles []string
	for range steps {
		before := ""
		if len(said) > 0 {
			before = said[len(said)-1]
		}
		m := a.message(k.out, before)
		said = append(said, m.Text)
		if a.rng.IntN(12) == 0 {
			k.now = k.now.Add(5 * time.Hour)
			bubbles = nil // a new day, a new talk
		}
		waits := k.ticket != nil && k.ticket.State == desk.StateWaiting
		out := k.say(m)
		if !out.Silent {
			bubbles = append(bubbles, saidIn(out))
			check(t, out, waits, bubbles, said)
		}
		reachable(t, k, said)
		switch open := k.ticket != nil && k.ticket.State != desk.StateClosed; {
		case !open || a.rng.IntN(3) != 0:
		case k.ticket.State == desk.StateWaiting:
			k.claim()
		default: // the agent has done and hands back
			k.s.Holder = chat.HolderBot
			k.ticket.State, k.ticket.UpdatedAt = desk.StateClosed, k.now
		}
	}
}

// check looks at one outcome that speaks, while a ticket waits or not: then a person is on the way.
func check(t *testing.T, out bot.Outcome, waits bool, bubbles, said []string) {
	t.Helper()
	for _, r := range append([]chat.Reply{out.Reply}, out.More...) {
		offered := slices.ContainsFunc(r.Options, func(o chat.Option) bool { return o.ID == "human" || o.ID == "yes" || o.ID == "confirm" })
		ways := out.Reply.Decision == chat.Escalate || offered
		switch {
		case strings.TrimSpace(r.Text) == "":
			t.Fatalf("nothing is said after %q", said)
		case strings.ContainsAny(r.Text, "{}"):
			t.Fatalf("a sentence is not filled in after %q: %q", said, r.Text)
		case (r.Decision == chat.Clarify || r.Decision == chat.Decline || r.Decision == chat.Collect) && !ways && !waits:
			t.Fatalf("a dead end after %q: %s %q %v", said, r.Decision, r.Text, r.Options)
		case waits && offered:
			t.Fatalf("a person is offered after %q, who is on the way: %q %v", said, r.Text, r.Options)
		case len(r.Options) > 4 || len(r.Articles) > 5:
			t.Fatalf("too much after %q: %v %v", said, r.Options, r.Articles)
		case r.Articles == nil || r.Options == nil:
			t.Fatalf("a list is nil after %q, and would be null in JSON", said)
		}
	}
	n := len(bubbles)
	asked := strings.Contains(out.Reply.Text, "工单") || strings.Contains(out.Reply.Text, "照片收到了") || out.Rule == bot.RuleProgram // whoever asks for a ticket's state or who answers, or sends a picture, is told as often
	if out.Reply.Decision != chat.Escalate && !asked && n > 2 && bubbles[n-1] == bubbles[n-2] && bubbles[n-2] == bubbles[n-3] {
		t.Fatalf("%q is said three times after %q", bubbles[n-1], said)
	}
}

// reachable asks for a person in at most two messages, without leaving a trace in the talk.
func reachable(t *testing.T, k *talk, said []string) {
	t.Helper()
	s := roundTrip(t, k.s)
	for range 2 {
		if s.Ticket != nil && s.Ticket.State != desk.StateClosed {
			return
		}
		out, err := k.bot.Step(context.Background(), &s, chat.Message{Text: "转人工", At: k.now})
		if err != nil {
			t.Fatal(err)
		}
		if out.Reply.Decision == chat.Escalate {
			return
		}
	}
	t.Fatalf("no person after %q", said)
}

// roundTrip is a session as a store gives it back.
func roundTrip(t *testing.T, s bot.Session) bot.Session {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	kept := bot.Session{Holder: s.Holder, Device: s.Device, Ticket: s.Ticket}
	if err := json.Unmarshal(data, &kept); err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(kept); err != nil || !reflect.DeepEqual(data, again) {
		t.Fatalf("a session changes in JSON: %s, %s", data, again)
	}
	return kept
}
