package bot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// shop is open from Monday to Friday, from nine to six in China.
type shop struct{}

func (shop) Open(t time.Time) bool {
	t = t.In(time.FixedZone("CST", 8*60*60))
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && t.Hour() >= 9 && t.Hour() < 18
}

func (s shop) Next(t time.Time) time.Time {
	for t = t.Truncate(time.Hour); !s.Open(t); t = t.Add(time.Hour) {
	}
	return t
}

func (shop) In(t time.Time) time.Time { return t.In(time.FixedZone("CST", 8*60*60)) }

// monday is a quarter past three on a working day in China.
func monday() time.Time { return time.Date(2026, 11, 23, 7, 15, 0, 0, time.UTC) }

// talk is a conversation as a store would keep it: the session goes through JSON between all turns.
type talk struct {
	t      testing.TB
	bot    stepper
	s      bot.Session
	now    time.Time
	out    bot.Outcome
	ticket *desk.Ticket
}

func newTalk(t testing.TB, b stepper) *talk {
	n := 0
	number := func() string { n++; return fmt.Sprintf("1123-%04d", n) }
	return &talk{t: t, bot: b.WithHandover(bot.Handover{Hours: shop{}, Number: number}), now: monday()}
}

// say is one message; the talk goes on a minute later.
func (k *talk) say(m chat.Message) bot.Outcome {
	k.t.Helper()
	k.now = k.now.Add(time.Minute)
	m.At = k.now
	out, err := k.bot.Step(k.t.Context(), &k.s, m)
	if err != nil {
		k.t.Fatal(err)
	}
	if out.Ticket != nil {
		if k.ticket != nil && k.ticket.State != desk.StateClosed {
			k.t.Fatalf("a second ticket is opened by %q", m.Text)
		}
		if k.s.Holder == chat.HolderAgent {
			k.t.Fatalf("a ticket is opened, and the bot is silent before anybody is there")
		}
		k.ticket = &desk.Ticket{CustomerAt: k.now, Number: out.Ticket.Number, State: desk.StateWaiting, Reason: out.Ticket.Reason, Urgency: out.Ticket.Urgency, CreatedAt: k.now, UpdatedAt: k.now}
	}
	if out.Withdraw {
		k.ticket.State, k.ticket.UpdatedAt = desk.StateClosed, k.now
	}
	data, err := json.Marshal(k.s)
	if err != nil {
		k.t.Fatal(err)
	}
	kept := bot.Session{Holder: k.s.Holder, Device: k.s.Device, Ticket: k.ticket}
	if err := json.Unmarshal(data, &kept); err != nil {
		k.t.Fatal(err)
	}
	k.s, k.out = kept, out
	return out
}

// claim lets an agent have the ticket: the bot is silent from now on.
func (k *talk) claim() {
	k.s.Holder = chat.HolderAgent
	k.ticket.State, k.ticket.UpdatedAt = desk.StateHeld, k.now
}

// line is a message and what must come of it: the decision of the reply, or "silent"; what its
// bubbles must say in this order, separated by blanks; and the details known then, where they count.
type line struct {
	say    string
	want   string
	has    string
	device string
}

// known writes a device as "slot=value …".
func known(d chat.Device) string {
	var out []string
	for _, s := range kb.Slots() {
		if v := *d.Field(string(s)); v != "" {
			out = append(out, string(s)+"="+v)
		}
	}
	return strings.Join(out, " ")
}

// saidIn is everything that the customer sees of an outcome.
func saidIn(out bot.Outcome) string {
	if out.Silent {
		return out.System
	}
	text := out.Reply.Text
	for _, r := range out.More {
		text += "\n" + r.Text
	}
	return text
}

func inOrder(text, words string) bool {
	for _, w := range strings.Fields(words) {
		_, rest, ok := strings.Cut(text, w)
		if !ok {
			return false
		}
		text = rest
	}
	return true
}

// TestCalledOff: however a customer calls a waiting ticket off or says that all is well, it closes; what asks, or is about
// something else, leaves it.
func TestCalledOff(t *testing.T) {
	b, _ := newBundled(t)
	for in, want := range map[string]bool{
		"算了不找人工了": true, "算了，我自己解决": true, "不需要人工了谢谢": true, "不用了，谢谢": true, "撤回工单": true, "别转了": true, "不用麻烦了": true, "你来回答吧": true, "问题解决了": true, "钱到账了": true,
		"取消？": false, "不用了吗？": false, "取消交易怎么操作": false, "怎么取消流量费": false, "钱到账了吗": false, "谢谢": false, "您好": false,
	} {
		k := newTalk(t, b)
		k.say(chat.Message{Text: "转人工"})
		if out := k.say(chat.Message{Text: in}); out.Withdraw != want || out.Ticket != nil {
			t.Errorf("%q: %q", in, saidIn(out))
		}
	}
	for _, in := range []string{"问题解决了", "搞好了", "钱到账了", "机器修好了"} { // none of them is a complaint
		k := newTalk(t, b)
		k.say(chat.Message{Text: "押金能退吗"})
		if out := k.say(chat.Message{Text: in}); !strings.Contains(saidIn(out), "不客气") {
			t.Errorf("%q behind an answer: %q", in, saidIn(out))
		}
	}
	for in, want := range map[string]string{
		"确认": "接着登记", "登记吧": "接着登记", "以后再说": "先不登记", "钱到了": "先不登记", "不弄了，谢谢": "先不登记", "算了，不登记了": "先不登记",
	} {
		k := newTalk(t, b)
		k.say(chat.Message{Text: "钱没到账"})
		k.say(chat.Message{Text: "好"})
		if out := k.say(chat.Message{Text: in}); !strings.Contains(saidIn(out), want) {
			t.Errorf("%q while details are asked for: %q", in, saidIn(out))
		}
	}
}

// TestHandover reads as scripts: how customers come to a person, and what the person gets to know.
func TestHandover(t *testing.T) {
	b, _ := newBundled(t)
	for name, script := range map[string][]line{
		"money that has not arrived": {
			{"昨天刷的3800元到现在没到账", "answer", "不要重复刷 登记", "occurred_at=2026-11-22 amount=3800元"},
			{"好", "collect", "先登记 商户编号 终端号", ""}, // the rest is known already
			{"商户号8481000581200，终端号10203040", "collect", "8481000581200 不太对 15位", ""},
			{"848100058120001", "collect", "记下了 848100058120001 怎么联系", ""},
			{"跳过", "collect", "请核对 10203040 3800元 确认", ""},
			{"金额是3900", "collect", "请核对 3900元", ""},
			{"确认", "escalate", "工单号 1123-0001 客服", "merchant_no=848100058120001 terminal_no=10203040 occurred_at=2026-11-22 amount=3900元"},
			{"人呢", "escalate", "1123-0001 已经在排队", ""},
			{"我的工单怎么样了", "answer", "1123-0001 等客服接手", ""},
			{"@claim", "", "", ""},
			{"人呢", "silent", "", ""},
			{"我的工单怎么样了", "silent", "1123-0001 客服已接手", ""},
		},
		"a strange number is accepted the second time": {
			{"钱没到账", "answer", "登记", ""},
			{"嗯", "collect", "什么时候", ""},
			{"今天上午10点，3800", "collect", "记下了 2026-11-23 3800元 商户编号", ""},
			{"84810005812", "collect", "不太对", ""},
			{"84810005812", "collect", "记下了", "merchant_no=84810005812 occurred_at=2026-11-23#10:00 amount=3800元"},
		},
		"a question in between": {
			{"钱没到账", "answer", "登记", ""},
			{"转吧", "collect", "先登记", ""},
			{"押金能退吗", "answer", "押金 接着登记", ""},
			{"今天上午10点，3800", "collect", "记下了 商户编号", ""},
		},
		"the offer is refused": {
			{"钱没到账", "answer", "登记", ""},
			{"不用", "greet", "先不转", ""},
			{"押金能退吗", "answer", "", ""},
		},
		"called off": {
			{"钱没到账", "answer", "登记", ""},
			{"行", "collect", "先登记", ""},
			{"算了", "greet", "不登记", ""},
			{"转人工", "collect", "先登记", ""},
			{"直接转人工", "escalate", "工单号", ""},
		},
		"asked again": {
			{"钱没到账", "answer", "登记", ""},
			{"转人工", "collect", "先登记", ""},
			{"叫个活人来", "escalate", "工单号", ""},
		},
		"a person at once, in a fresh conversation": {
			{"转人工", "escalate", "1123-0001 发在这里", ""},
			{"新大陆ME31，商户号848100058120001", "decline", "1123-0001 排队 也可以先问我 记下了 也转给同事了", "brand_model=新大陆#ME31 merchant_no=848100058120001"},
			{"有人处理吗", "answer", "1123-0001 等客服接手", ""},
		},
		"no help twice": {
			{"跳商户怎么办", "answer", "", ""},
			{"没用", "answer", "抱歉", ""},
			{"还是没解决", "decline", "要不要转人工", ""},
			{"要", "collect", "先登记", ""},
		},
		"fraud": {
			{"卡被盗刷了怎么办", "answer", "登记", ""},
			{"赶紧转人工", "collect", "", ""},
			{"直接转", "escalate", "工单号", ""},
		},
		"angry twice": {
			{"你们就是骗子", "collect", "对不起 登记", ""},
			{"垃圾公司", "escalate", "工单号", ""},
		},
		"resumed after hours": {
			{"钱没到账", "answer", "登记", ""},
			{"好", "collect", "什么时候", ""},
			{"昨天上午10点，3800", "collect", "记下了 商户编号", ""},
			{"@later", "", "", ""},
			{"你好", "greet", "您好 登记到一半", ""},
			{"接着来", "collect", "商户编号", "occurred_at=2026-11-22#10:00 amount=3800元"},
			{"@later", "", "", ""},
			{"848100058120001", "collect", "记下了 终端号", ""}, // goes on without being asked
		},
		"outside of business hours": {
			{"@evening", "", "", ""},
			{"转人工", "escalate", "休息时间 明天 09:00", ""},
			{"押金能退吗", "answer", "1123-0001 在排队 明天 09:00 先问我 押金", ""},
			{"多久到账", "answer", "T+1", ""},
		},
		"the bot goes on while the ticket waits": {
			{"转人工", "escalate", "1123-0001 发在这里", ""},
			{"押金能退吗", "answer", "1123-0001 在排队 先问我 押金", ""},
			{"明天会下雨吗", "decline", "资料里没有 转给同事", ""}, // honest, and no offer
			{"你信命吗", "decline", "也转给同事了", ""},
			{"没用", "answer", "抱歉", ""},
			{"还是没解决", "decline", "转给同事", ""},
			{"骗子", "decline", "对不起 转给同事", ""},
			{"@photo", "decline", "照片收到了 转给同事", ""},
			{"谢谢", "greet", "不客气", ""},
			{"卡被盗刷了怎么办", "answer", "", ""}, // and nothing is offered below
		},
		"called off while it waits": {
			{"转人工", "escalate", "1123-0001", ""},
			{"不用了", "greet", "1123-0001 已取消", ""},
			{"我的工单怎么样了", "answer", "已办结", ""},
			{"转人工", "escalate", "1123-0002", ""},
			{"让机器人回答", "greet", "1123-0002 已取消", ""},
		},
		"called off while an agent has it": {
			{"转人工", "escalate", "1123-0001", ""},
			{"@claim", "", "", ""},
			{"不用了", "silent", "", ""}, // may answer the agent
			{"是", "silent", "", ""},
			{"让机器人回答", "silent", "1123-0001 同事正在处理 确定要结束吗", ""},
			{"再等等", "silent", "", ""},
			{"是", "silent", "", ""}, // not asked any more
			{"取消", "silent", "确定要结束吗", ""},
			{"是的", "greet", "1123-0001 已取消", ""},
			{"押金能退吗", "answer", "押金", ""},
		},
		"a yes that answers the agent": {
			{"转人工", "escalate", "1123-0001", ""},
			{"@claim", "", "", ""},
			{"取消", "silent", "确定要结束吗", ""},
			{"@agent", "", "", ""},
			{"是", "silent", "", ""},
		},
		"the button": {
			{"钱没到账", "answer", "登记", ""},
			{"好", "collect", "什么时候", ""},
			{"@button", "escalate", "工单号", ""},
		},
		"a picture": {
			{"@photo", "clarify", "照片收到了", ""},
			{"机器坏了怎么报修", "answer", "", ""},
			{"转人工", "collect", "什么型号 SN", ""},
			{"@photo", "collect", "照片收到了", "brand_model=见照片 serial=见照片"},
			{"SN：N5300012345", "collect", "记下了", "brand_model=见照片 serial=N5300012345"},
		},
		"asked again while it waits, and closed": {
			{"转人工", "escalate", "1123-0001", ""},
			{"再帮我转人工", "escalate", "1123-0001 已经在排队", ""},
			{"@button", "escalate", "1123-0001 已经在排队", ""},
			{"@closed", "", "", ""},
			{"我的工单处理好了吗", "answer", "1123-0001 已办结", ""},
			{"没人管吗 出来个人", "escalate", "1123-0002", ""},
		},
		"changed at the end": {
			{"钱没到账", "answer", "登记", ""},
			{"好", "collect", "什么时候", ""},
			{"昨天，3800元", "collect", "记下了", ""},
			{"跳过", "collect", "怎么联系", ""},
			{"跳过", "collect", "请核对", ""},
			{"不对", "collect", "哪一项", ""},
			{"金额写错了", "collect", "哪一项", ""},
			{"是3900块", "collect", "请核对 3900元", ""},
			{"取消", "greet", "不登记", ""},
		},
		"an angry customer while details are asked for": {
			{"钱没到账", "answer", "登记", ""},
			{"好", "collect", "什么时候", ""},
			{"你们这帮骗子", "escalate", "工单号", ""},
		},
		"a detail beside what nobody asked": {
			{"钱没到账", "answer", "登记", ""},
			{"好", "collect", "什么时候", ""},
			{"昨天", "collect", "金额", ""},
			{"3800元 打了95516没人接", "collect", "记下了 3800元 商户编号", "occurred_at=2026-11-22 amount=3800元"},
		},
		"one of two is not known": {
			{"钱没到账", "answer", "登记", ""},
			{"好", "collect", "什么时候", ""},
			{"我找找", "collect", "接着登记", ""}, // and no person yet
			{"昨天，3800", "collect", "商户编号", ""},
			{"商户号忘了", "collect", "终端号是多少", ""},
			{"终端号找不到", "collect", "怎么联系", ""},
		},
		"a name that is none": {
			{"被骗了 钱转过去了", "", "登记", ""},
			{"好", "collect", "什么时候", ""},
			{"昨天，3800", "collect", "账单", ""},
			{"没转", "collect", "没看明白", "occurred_at=2026-11-22 amount=3800元"},
		},
		"a statement while the ticket waits": {
			{"转人工", "escalate", "1123-0001", ""},
			{"昨天", "decline", "这条也转给同事了", ""}, // it was asked for: nobody need be sorry
		},
		"a number leans on no topic": {
			{"费率多少", "answer", "", ""},
			{"12345678", "clarify", "", ""},
		},
		"no ticket to tell of": {
			{"我的工单怎么样了", "answer", "没有工单", ""},
		},
		"nothing can be told": {
			{"钱没到账", "answer", "登记", ""},
			{"好的", "collect", "先登记", ""},
			{"不知道", "collect", "商户编号", ""},
			{"没有", "collect", "怎么联系", ""},
			{"跳过", "collect", "没有登记", ""},
			{"确认", "escalate", "工单号", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			newTalk(t, b).play(script)
		})
	}
}

// play says the lines of a script one after another. "@…" is something that happens; want and has may be "" for any.
func (k *talk) play(script []line) {
	k.t.Helper()
	for _, l := range script {
		m := chat.Message{Text: l.say}
		switch l.say {
		case "@later":
			k.now = k.now.Add(3 * time.Hour)
			continue
		case "@evening":
			k.now = k.now.Add(5 * time.Hour)
			continue
		case "@claim":
			k.claim()
			continue
		case "@agent": // speaks
			k.ticket.CustomerAt = time.Time{}
			continue
		case "@closed":
			k.s.Holder = chat.HolderBot
			k.ticket.State, k.ticket.UpdatedAt = desk.StateClosed, k.now
			continue
		case "@button":
			m = chat.Message{Handoff: true}
		case "@photo":
			m = chat.Message{Attachments: []chat.Attachment{{ID: "a"}}}
		}
		out := k.say(m)
		got := string(out.Reply.Decision)
		if out.Silent {
			got = "silent"
		}
		device := strings.ReplaceAll(known(k.s.Device), "=新大陆 ", "=新大陆#")
		device = strings.NewReplacer("23 10:", "23#10:", "22 10:", "22#10:").Replace(device)
		if l.want != "" && got != l.want || !inOrder(saidIn(out), l.has) || l.device != "" && device != l.device {
			k.t.Errorf("%q: %s %q, device %q; want %s with %q, %q", l.say, got, saidIn(out), device, l.want, l.has, l.device)
		}
	}
}
