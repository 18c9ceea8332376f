package kf

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// greeting welcomes who comes, and answers everything else.
func greeting(m chat.Message) []chat.Entry {
	if m.Welcome {
		return []chat.Entry{bubble("您好，我是应答。", chat.Option{ID: "fee-deposit", Title: "押金怎么退"})}
	}
	return []chat.Entry{bubble("答" + m.Text)}
}

func TestWelcome(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.answers(greeting)
		c := s.desk.Customer("wm1", "")
		c.Enter(t.Context(), "counter")
		time.Sleep(time.Second)
		got := c.Seen()
		if len(got) != 1 || got[0].Via != wechat.OnEvent || got[0].Menu == nil || got[0].Menu.Head != "您好，我是应答。" || got[0].Menu.Items[0].ID != "fee-deposit" {
			t.Fatalf("the customer saw %+v", got)
		}
		if m := s.inbox.Messages(); len(m) != 1 || !m[0].Welcome || m[0].Text != "进入会话" || m[0].Device.Serial != "" {
			t.Errorf("kept %+v", m)
		}
		if s.outbox.Item(1).State != chat.SendingSent {
			t.Errorf("the welcome: %+v", s.outbox.Item(1))
		}
		c.Enter(t.Context(), "counter") // again, soon: the host gives no code, and nobody wants a second welcome
		c.Choose(t.Context(), "fee-deposit", "押金怎么退")
		time.Sleep(time.Second)
		if texts := seen(c); len(texts) != 2 || texts[1] != "答押金怎么退" {
			t.Errorf("the customer saw %q", texts)
		}
	})
}

// TestWelcomeOfSerial: a sticker tells the terminal, whether there is a welcome or not.
func TestWelcomeOfSerial(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.answers(greeting)
		c := s.desk.Customer("wm1", "")
		c.Say(t.Context(), "在吗")
		time.Sleep(time.Hour)
		c.Enter(t.Context(), "sn_N5300012345")
		time.Sleep(time.Second)
		m := s.inbox.Messages()
		if len(m) != 2 || m[1].Device.Serial != "N5300012345" || m[1].Text != "扫码进入会话" || !m[1].Welcome {
			t.Fatalf("kept %+v", m)
		}
		if got := c.Seen(); len(got) != 2 || got[1].Via != wechat.Custom {
			t.Errorf("the customer saw %+v", got)
		}
	})
}

// TestWelcomeTooLate: whoever came while nobody read is greeted when they say something, in order.
func TestWelcomeTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.answers(greeting)
		c := s.desk.Customer("wm1", "")
		c.Enter(t.Context(), "")
		time.Sleep(30 * time.Second)
		s.open(t)
		time.Sleep(time.Second)
		if got := c.Seen(); len(got) != 0 || len(s.host.Calls(onEvent)) != 0 {
			t.Errorf("the customer saw %+v", got)
		}
		c.Say(t.Context(), "押金")
		time.Sleep(time.Second)
		if got := said(c); !strings.HasPrefix(got, "您好，我是应答。") || count([]string{got}, "您好") != 1 || !strings.HasSuffix(got, "\n\n答押金") {
			t.Errorf("the customer saw %q", got)
		}
		s.stop()
	})
}

// TestWelcomeFails: whatever becomes of the call, the welcome comes at most once.
func TestWelcomeFails(t *testing.T) {
	for name, answer := range map[string]wechat.Answer{
		"dropped": {Drop: true}, "gateway": {Status: 502}, "busy": {Errcode: -1}, "refused": {Errcode: 40058}, "slow": {Delay: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, s *shop) {
				s.answers(greeting)
				s.host.Script(onEvent, answer)
				c := s.desk.Customer("wm1", "")
				c.Enter(t.Context(), "")
				time.Sleep(time.Minute)
				c.Say(t.Context(), "押金")
				time.Sleep(time.Minute)
				if got := said(c); !strings.HasPrefix(got, "您好，我是应答。") || count([]string{got}, "您好") != 1 || !strings.HasSuffix(got, "\n\n答押金") {
					t.Errorf("the customer saw %q", got)
				}
			})
		})
	}
}

// TestQuota: five messages for one of the customer's; what is more waits for the next, in order.
func TestQuota(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.answers(func(m chat.Message) (entries []chat.Entry) {
			for i := range 7 {
				entries = append(entries, bubble(fmt.Sprint(m.Text, i, strings.Repeat("很长", 200)))) // no two fit into one
			}
			return entries
		})
		c := s.desk.Customer("wm1", "")
		conversation := chat.Conversation{Channel: Name, Account: "shop", Address: openKfID + "/wm1"}
		left := func() int {
			a, ok, err := s.channel.SendQuota(t.Context(), conversation)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			return a.Remaining
		}
		if n := left(); n != 0 {
			t.Errorf("%d may be sent to nobody", n)
		}
		s.host.Script(sendMsg, wechat.Answer{Delay: 3 * time.Second})
		c.Say(t.Context(), "甲")
		time.Sleep(time.Second)
		if a, _, _ := s.channel.SendQuota(t.Context(), conversation); a.Remaining != 5 || !a.ExpiresAt.Equal(time.Now().Add(48*time.Hour-time.Second).UTC()) {
			t.Errorf("allowed %+v", a)
		}
		time.Sleep(time.Minute)
		if got := seen(c); len(got) != 5 || left() != 0 || !strings.HasSuffix(got[4], textLast) || count(got, textLast) != 1 {
			t.Errorf("the customer saw %q, %d are left", got, left())
		}
		if i := s.outbox.Item(6); i.State != chat.SendingQueued || !strings.Contains(i.Reason, "等顾客再说话时补发") {
			t.Errorf("the sixth: %+v", i)
		}
		time.Sleep(36 * time.Hour) // longer than a sending may be tried
		s.answers(func(chat.Message) []chat.Entry { return []chat.Entry{bubble("好")} })
		c.Say(t.Context(), "乙")
		time.Sleep(time.Second)
		if got := seen(c); len(got) != 7 || !strings.HasPrefix(got[5], "甲5") || !strings.HasPrefix(got[6], "甲6") || !strings.HasSuffix(got[6], "\n\n好") {
			t.Errorf("the customer saw %q", got)
		}
		if left() != 3 {
			t.Errorf("%d are left", left())
		}
		if n := len(s.host.Calls(sendMsg)); n > 60 {
			t.Errorf("%d calls", n)
		}
		time.Sleep(48 * time.Hour)
		if a, _, _ := s.channel.SendQuota(t.Context(), conversation); a.Remaining != 0 || !a.ExpiresAt.IsZero() {
			t.Errorf("after two days %+v is allowed", a)
		}
	})
}

// TestLost: what the host took and could not deliver is dead, with a reason.
func TestLost(t *testing.T) {
	for failType, want := range map[int]string{4: "超过48小时", 6: "已发满5条", 10: "拒收", 77: "没有说明原因"} {
		in(t, func(t *testing.T, s *shop) {
			s.answers(greeting)
			c := s.desk.Customer("wm1", "")
			c.Fail(failType)
			c.Say(t.Context(), "押金")
			time.Sleep(time.Second)
			if i := s.outbox.Item(1); i.State != chat.SendingDead || !strings.Contains(i.Reason, want) {
				t.Errorf("the answer: %+v", i)
			}
			c.Fail(0)
			c.Say(t.Context(), "还在吗")
			time.Sleep(time.Second)
			if got := seen(c); !slices.Equal(got, []string{"答还在吗"}) {
				t.Errorf("the customer saw %q", got)
			}
			if p := s.cursor(t); p.Cursor == "" || len(s.inbox.Messages()) != 2 {
				t.Errorf("cursor %+v, kept %q", p, s.heard(""))
			}
		})
	}
}

// TestStates: only a conversation that is ours may be answered.
func TestStates(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.answers(greeting)
		c := s.desk.Customer("wm1", "")
		c.Answer(t.Context(), "zhangsan", "我来处理") // somebody in the app of enterprise WeChat has it
		c.Say(t.Context(), "一")
		time.Sleep(time.Second)
		if i := s.outbox.Item(1); i.State != chat.SendingDead || !strings.Contains(i.Reason, "由同事接待") {
			t.Errorf("the answer: %+v", i)
		}
		if got := s.heard(""); !slices.Equal(got, []string{"一"}) {
			t.Errorf("kept %q", got)
		}
		s.host.Script(sendMsg, wechat.Answer{Errcode: -1})
		c.Transfer(t.Context(), 3, "") // and ends it while our answer is on its way
		c.Say(t.Context(), "二")
		c.Transfer(t.Context(), 3, "")
		time.Sleep(time.Minute)
		if i := s.outbox.Item(2); i.State != chat.SendingQueued || !strings.Contains(i.Reason, "会话已结束") {
			t.Errorf("the answer: %+v", i)
		}
		c.Say(t.Context(), "三")
		time.Sleep(time.Second)
		if got := said(c); got != "我来处理\n\n答二\n\n答三" {
			t.Errorf("the customer saw %q", got)
		}
	})
}

// TestStateOfNobody: a conversation that the host calls new, and refuses nevertheless, is made the bot's.
func TestStateOfNobody(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.answers(greeting)
		s.host.Script(sendMsg, wechat.Answer{Errcode: 95018})
		c := s.desk.Customer("wm1", "")
		c.Say(t.Context(), "一")
		time.Sleep(5 * time.Second)
		if got := seen(c); !slices.Equal(got, []string{"答一"}) || c.State() != wechat.Bot {
			t.Errorf("the customer saw %q in state %d", got, c.State())
		}
	})
}

// TestSendFails: the host is out of order in every way; each answer arrives once, and in order.
func TestSendFails(t *testing.T) {
	tests := []struct {
		name   string
		answer wechat.Answer
	}{
		{"dropped", wechat.Answer{Drop: true}},
		{"gateway", wechat.Answer{Status: 502}},
		{"unavailable", wechat.Answer{Status: 503}},
		{"busy", wechat.Answer{Errcode: -1}},
		{"slow", wechat.Answer{Delay: 15 * time.Second}},
		{"slower than the courier", wechat.Answer{Delay: time.Hour}},
		{"too often", wechat.Answer{Errcode: 45009}},
		{"the access token is over", wechat.Answer{Errcode: 42001}},
		{"the address is not trusted", wechat.Answer{Errcode: 60020}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in(t, func(t *testing.T, s *shop) {
				s.answers(func(m chat.Message) []chat.Entry {
					return []chat.Entry{bubble(strings.Repeat("长长的一句话。", 200)), bubble("答" + m.Text)}
				})
				s.host.Script(sendMsg, wechat.Answer{}, tt.answer)
				c := s.desk.Customer("wm1", "")
				c.Say(t.Context(), "一")
				time.Sleep(time.Hour)
				got := seen(c)
				if len(got) != 4 || strings.Join(got[:3], "") != strings.Repeat("长长的一句话。", 200) || got[3] != "答一" {
					t.Errorf("the customer saw %d: %q", len(got), got)
				}
				if n := s.outbox.Count()[chat.SendingSent]; n != 2 {
					t.Errorf("%v", s.outbox.Count())
				}
			})
		})
	}
}

func TestSendRefuses(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		good := chat.Sending{ID: 1, Lane: "l", Channel: Name, Account: "shop", Address: openKfID + "/wm1", Body: []byte(`{"text":"a"}`), Attempts: 1}
		tests := []struct {
			name   string
			change func(*chat.Sending)
			want   chat.SendingState
		}{
			{"another account", func(s *chat.Sending) { s.Account = "b" }, chat.SendingQueued},
			{"no address", func(s *chat.Sending) { s.Address = openKfID }, chat.SendingDead},
			{"no entry", func(s *chat.Sending) { s.Body = []byte("{") }, chat.SendingDead},
			{"nobody", func(s *chat.Sending) { s.Address = openKfID + "/wm9" }, chat.SendingDead},
			{"no customer service account", func(s *chat.Sending) { s.Address = "wk9/wm9" }, chat.SendingDead},
			{"a picture that is gone", func(s *chat.Sending) { s.Body = []byte(`{"attachments":[{"id":"p"}]}`) }, chat.SendingDead},
		}
		for _, tt := range tests {
			m := good
			tt.change(&m)
			_, err := s.channel.Send(t.Context(), m)
			if e := sendError(err); err == nil || e.State != tt.want || e.Reason == "" {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
	})
}

// record finds one entry, whose text is its number.
type record struct{ busy atomic.Bool }

func (r *record) ListEntries(_ context.Context, _ string, after int64, _ int) ([]chat.Entry, error) {
	if r.busy.Load() {
		return nil, chat.ErrBusy
	}
	return []chat.Entry{{Seq: after + 1, Text: fmt.Sprintf("第%d条", after+1)}}, nil
}

// TestQuotesAndCorrections: what an agent quotes or corrects is told in words; what is quoted is waited for.
func TestQuotesAndCorrections(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		all := new(record)
		all.busy.Store(true)
		s.channel.Conversations = all
		s.answers(func(chat.Message) []chat.Entry {
			return []chat.Entry{
				{From: chat.FromAgent, Text: "周三到账", QuotesSeq: 1},
				{From: chat.FromAgent, Text: "周四到账", CorrectsSeq: 2},
			}
		})
		c := s.desk.Customer("wm1", "")
		c.Say(t.Context(), "几号到账")
		time.Sleep(500 * time.Millisecond)
		if i := s.outbox.Item(1); i.State != chat.SendingQueued || i.Reason != host.ReasonQuote || len(c.Seen()) != 0 {
			t.Errorf("%+v, seen %q", i, seen(c))
		}
		all.busy.Store(false)
		time.Sleep(5 * time.Second)
		if got := seen(c); !slices.Equal(got, []string{"「第1条」\n周三到账", "（更正）周四到账"}) {
			t.Errorf("%q", got)
		}
	})
}

func TestMessageID(t *testing.T) {
	for _, id := range []int64{0, 1, 1<<63 - 1} {
		for _, part := range []int{0, 1, 99} {
			text := messageID(bySend, chat.Sending{ID: id, Attempts: 300}, part)
			gotID, gotPart, ok := parseMessageID(text)
			if !ok || gotID != id || gotPart != part || len(text) > 32 {
				t.Errorf("%d, %d: %q is %d, %d, %v", id, part, text, gotID, gotPart, ok)
			}
		}
	}
	for _, text := range []string{"", "yd_", "yd_1_1", "yd_1__1", "yd__1_1", "xx_1_1_1", "yd_1_1_1_1", "yd_-1_1_1", "yd_1_-1_1", "yd_zzzzzzzzzzzzzzzz_1_1"} {
		if id, part, ok := parseMessageID(text); ok {
			t.Errorf("%q is %d, %d", text, id, part)
		}
	}
}
