package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

func TestTicketNumber(t *testing.T) {
	words := []string{"工单"}
	for _, tt := range []struct{ in, number, rest string }{
		{"1124-7K3F", "1124-7K3F", ""},
		{"我的工单1124-7K3F有回复吗", "1124-7K3F", "我的工单 有回复吗"},
		{"1124－7k3f 呢", "1124-7K3F", "呢"},
		{"工单 yd-1124 7k3f", "1124-7K3F", "工单 yd-"},
		{"工单号11247K3F", "1124-7K3F", "工单号"},
		{"1124-7KIO", "1124-7K10", ""}, // letters that read like digits
		{"1124-1130", "1124-1130", ""},
		{"工单11247734", "1124-7734", "工单"},
		{"1124-1130这几天都没到账", "", ""}, // two days
		{"终端号11247734", "", ""},
		{"1399-7K3F", "", ""}, // no day
		{"0230-7K3F", "", ""},
		{"0229-7K3F", "0229-7K3F", ""},
		{"1124-7K3F5", "", ""},
		{"51124-7K3F", "", ""},
		{"1124-7KUF", "", ""}, // no number has a U
		{"工单怎么样了", "", ""},
	} {
		number, rest := bot.TicketNumber(tt.in, words)
		if number != tt.number || number != "" && strings.TrimSpace(rest) != tt.rest {
			t.Errorf("%s: %q and %q, want %q and %q", tt.in, number, rest, tt.number, tt.rest)
		}
	}
	next := bot.Numbers(monday, strings.NewReader("\x00\x1f\x2a\x7f"))
	if n := next(); func() string { got, _ := bot.TicketNumber(n, nil); return got }() != n {
		t.Errorf("%s is not read", n)
	}
}

// oneTicket proves one ticket by one proof.
type oneTicket struct {
	number, proof string
	desk.Proven
	err error
}

func (o *oneTicket) Prove(_ context.Context, number, proof string) (desk.Proven, error) {
	if o.err != nil {
		return desk.Proven{}, o.err
	}
	if number != o.number || proof != o.proof {
		return desk.Proven{}, fmt.Errorf("prove: %w", chat.ErrForbidden)
	}
	return o.Proven, nil
}

// follow says a line of a script as an inbox hands it in; a decision that is not given is not looked at.
func (k *talk) follow(l line) {
	k.t.Helper()
	const phone, masked = "13812345678", "138****5678"
	m := chat.Message{Text: strings.Replace(l.say, phone, masked, 1)}
	if m.Text != l.say {
		m.Contact = phone
	}
	out := k.say(m)
	got := string(out.Reply.Decision)
	if out.Silent {
		got = "silent"
	}
	if l.want != "" && got != l.want || !inOrder(saidIn(out), l.has) || l.device != "" && known(k.s.Device) != l.device {
		k.t.Errorf("%q: %s %q, device %q; want %s with %q, %q", l.say, got, saidIn(out), known(k.s.Device), l.want, l.has, l.device)
	}
}

// TestProveTicket reads as scripts: who names another conversation's ticket is asked for the proof, whether there is
// such a ticket or not, and told how it stands only with that.
func TestProveTicket(t *testing.T) {
	plain, _ := newBundled(t)
	said := chat.Entry{From: chat.FromAgent, Text: "款已到账，\n请查收", At: monday().Add(-time.Hour)}
	prover := &oneTicket{number: "1120-7K3F", proof: "5678", Proven: desk.Proven{
		Ticket: desk.Ticket{Number: "1120-7K3F", State: desk.StateHeld, CreatedAt: monday().AddDate(0, 0, -3)}, Conversation: chat.Conversation{ID: "theirs"}, Said: &said,
	}}
	b := plain.WithHandover(bot.Handover{Hours: shop{}, Number: func() string { return "1123-0001" }, Prover: prover})
	const proven = "核对上了 1120-7K3F 11月20日 处理中 今天 款已到账， 请查收"
	for name, script := range map[string][]line{
		"asked, and proven": {
			{"我的工单1120-7K3F有回复吗", "collect", "1120-7K3F 后四位", ""},
			{"5678", "answer", proven, ""},
			{"谢谢", "greet", "不客气", ""},
		},
		"in other words":  {{"工单 11207k3f", "collect", "后四位", ""}, {"尾号是5678", "answer", proven, ""}},
		"at once":         {{"工单1120-7K3F 尾号5678", "answer", proven, ""}},
		"a wrong proof":   {{"1120-7K3F", "collect", "后四位", ""}, {"0000", "collect", "没有核对上 1120-7K3F", ""}, {"5678", "answer", proven, ""}},
		"no such ticket":  {{"1120-0000", "collect", "后四位", ""}, {"5678", "collect", "没有核对上 1120-0000", ""}},
		"another thing":   {{"1120-7K3F", "collect", "后四位", ""}, {"刷卡手续费是多少", "answer", "", ""}, {"5678", "decline", "", ""}},
		"forgotten":       {{"1120-7K3F", "collect", "后四位", ""}, {"忘了", "collect", "想不起来的话 转人工", ""}, {"5678", "answer", proven, ""}},
		"a person":        {{"1120-7K3F", "collect", "后四位", ""}, {"转人工", "escalate", "1123-0001", ""}},
		"one's own":       {{"转人工", "escalate", "1123-0001", ""}, {"我的工单1123-0001怎么样了", "answer", "1123-0001 等客服接手", ""}},
		"no ticket named": {{"我的工单怎么样了", "answer", "把工单号发给我", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			k := &talk{t: t, bot: b, now: monday()}
			for _, l := range script {
				k.follow(l)
			}
			if last := script[len(script)-1]; (last.has == proven) != (k.s.Proven == "theirs") {
				t.Errorf("proven: %q", k.s.Proven)
			}
		})
	}
	prover.err = chat.ErrBusy
	s := &bot.Session{Proving: "1120-7K3F"}
	if _, err := b.Step(t.Context(), s, chat.Message{Text: "5678"}); !errors.Is(err, chat.ErrBusy) || s.Proving == "" {
		t.Errorf("a database that fails: %v, %+v", err, s)
	}
}

// TestCallback asks once whom nobody will answer soon for a number, and says when somebody calls.
func TestCallback(t *testing.T) {
	b, _ := newBundled(t)
	for name, script := range map[string][]line{
		"a number":        {{"转人工", "escalate", "工单号 休息时间 手机号 明天 09:00 跳过", ""}, {"13812345678", "greet", "号码记下了 明天 09:00", "contact=138****5678"}, {"我的工单怎么样了", "answer", "等客服接手", ""}},
		"none":            {{"转人工", "escalate", "手机号", ""}, {"跳过", "greet", "不留也行", ""}, {"跳过", "decline", "", ""}},
		"behind a face":   {{"转人工", "escalate", "手机号", ""}, {"😊", "greet", "", ""}, {"跳过", "greet", "不留也行", ""}},
		"in other words":  {{"转人工", "escalate", "手机号", ""}, {"不想留电话", "greet", "不留也行", ""}, {"周六有人吗", "answer", "等客服接手 明天 09:00", ""}, {"1123-0001", "answer", "等客服接手", ""}},
		"something else":  {{"转人工", "escalate", "手机号", ""}, {"机器打不出纸", "answer", "热敏纸", ""}},
		"known already":   {{"我的电话13812345678", "", "", "contact=138****5678"}, {"转人工", "escalate", "工单号", ""}, {"在吗", "greet", "您好", ""}},
		"asked only once": {{"转人工", "escalate", "手机号", ""}, {"跳过", "greet", "不留也行", ""}, {"人呢", "escalate", "已经在排队", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			k := newTalk(t, b)
			k.now = k.now.Add(6 * time.Hour) // in the evening
			for _, l := range script {
				k.follow(l)
			}
			if name == "known already" && len(k.out.More) > 0 {
				t.Errorf("asked for a number that is known: %+v", k.out.More)
			}
		})
	}
	k := newTalk(t, b)
	if out := k.say(chat.Message{Text: "转人工"}); len(out.More) > 0 {
		t.Errorf("asked for a number while somebody is there: %+v", out.More)
	}
}
