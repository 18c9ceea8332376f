package kf

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// filler greets whatever is short, and answers a question with a choice.
func filler(m chat.Message) []chat.Entry {
	if strings.HasSuffix(m.Text, "？") {
		return []chat.Entry{bubble("押金三天内退回。", chat.Option{ID: "human", Title: "转人工"})}
	}
	return []chat.Entry{bubble("您好，请用一句话说说您遇到的事。", chat.Option{ID: "fee", Title: "费率是多少"})}
}

// TestSevenAtOnce: seven short messages and a question, read at once or each by itself while an answer is on its way:
// the question is answered within the five messages, fillers are said once, and there is room for an agent.
func TestSevenAtOnce(t *testing.T) {
	says := []string{"在吗", "你好", "hi", "1", "有人吗", "急", "哈喽", "押金怎么退？"}
	for name, read := range map[string]func(t *testing.T, s *shop, c *wechat.Customer){
		"one page": func(t *testing.T, s *shop, c *wechat.Customer) {
			for _, text := range says {
				c.Say(t.Context(), text)
			}
			s.open(t)
		},
		"one by one": func(t *testing.T, s *shop, c *wechat.Customer) {
			s.open(t)
			s.host.Script(sendMsg, wechat.Answer{Delay: 3 * time.Second})
			for _, text := range says {
				c.Say(t.Context(), text)
				synctest.Wait()
			}
		},
		"while nothing can be sent": func(t *testing.T, s *shop, c *wechat.Customer) {
			s.open(t)
			s.host.Script(sendMsg, slices.Repeat([]wechat.Answer{{Errcode: -1}}, 4)...)
			for _, text := range says {
				c.Say(t.Context(), text)
				synctest.Wait()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				s.answers(filler)
				c := s.desk.Customer("wm1", "")
				read(t, s, c)
				time.Sleep(time.Minute)
				got := c.Seen()
				if len(got) == 0 || len(got) > 2 || !strings.HasSuffix(got[len(got)-1].Menu.Head, "押金三天内退回。") {
					t.Fatalf("the customer saw %q", seen(c))
				}
				if items := got[len(got)-1].Menu.Items; len(items) != 1 || items[0].ID != "human" {
					t.Errorf("offered %+v", items)
				}
				if n := count(seen(c), "您好"); n > len(got) {
					t.Errorf("greeted %d times: %q", n, seen(c))
				}
				if n := s.outbox.Count()[chat.SendingSent]; n != len(says) {
					t.Errorf("%v", s.outbox.Count())
				}
				s.stop()
			})
		})
	}
}

// TestBubblesStayApart: what is said to one message comes as it was said, while there is room for it.
func TestBubblesStayApart(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.answers(func(chat.Message) []chat.Entry { return []chat.Entry{bubble("甲"), bubble("乙"), bubble("丙")} })
		c := s.desk.Customer("wm1", "")
		c.Say(t.Context(), "问")
		time.Sleep(time.Second)
		if got := seen(c); !slices.Equal(got, []string{"甲", "乙", "丙"}) {
			t.Errorf("%q", got)
		}
	})
}

// TestJoinedFails: the host is out of order in every way while several answers go as one: each arrives once, in order.
func TestJoinedFails(t *testing.T) {
	for name, answer := range map[string]wechat.Answer{
		"dropped": {Drop: true}, "gateway": {Status: 502}, "busy": {Errcode: -1}, "slow": {Delay: 15 * time.Second},
		"slower than the courier": {Delay: time.Hour}, "used up": {Errcode: 95001}, "too long": {Errcode: 40058},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				s.answers(func(m chat.Message) []chat.Entry { return []chat.Entry{bubble("答" + m.Text)} })
				c := s.desk.Customer("wm1", "")
				for n := range 3 {
					c.Say(t.Context(), fmt.Sprint(n))
				}
				s.host.Script(sendMsg, answer)
				s.open(t)
				time.Sleep(time.Second)
				c.Say(t.Context(), "3") // it is not among what may have arrived
				time.Sleep(2 * time.Hour)
				c.Say(t.Context(), "4")
				time.Sleep(time.Hour)
				got := said(c)
				for n := range 5 {
					if strings.Count(got, fmt.Sprint("答", n)) != 1 && (n > 0 || answer.Errcode != 40058) { // the first is refused for good
						t.Errorf("%d: %q", n, got)
					}
				}
				if strings.Index(got, "答1") > strings.Index(got, "答2") || strings.Index(got, "答2") > strings.Index(got, "答3") {
					t.Errorf("%q", got)
				}
				if n := s.outbox.Count()[chat.SendingUnknown] + s.outbox.Count()[chat.SendingQueued]; n > 0 {
					t.Errorf("%v", s.outbox.Count())
				}
				s.stop()
			})
		})
	}
}

// TestJoinedLost: what went as one message, and did not arrive, is dead as a whole.
func TestJoinedLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.answers(func(m chat.Message) []chat.Entry { return []chat.Entry{bubble("答" + m.Text)} })
		c := s.desk.Customer("wm1", "")
		c.Fail(10)
		for n := range 3 {
			c.Say(t.Context(), fmt.Sprint(n))
		}
		s.open(t)
		time.Sleep(time.Minute)
		if n := s.outbox.Count()[chat.SendingDead]; n != 3 {
			t.Errorf("%v", s.outbox.Count())
		}
		s.stop()
	})
}

// TestLastMessage: the last one that a customer may be sent says so, below a menu too.
func TestLastMessage(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.answers(func(m chat.Message) []chat.Entry {
			return []chat.Entry{bubble("选", chat.Option{ID: "a", Title: "甲"})}
		})
		c := s.desk.Customer("wm1", "")
		q, err := loadQuota(t.Context(), s.inbox, "shop", address{openKfID, "wm1"})
		if err != nil {
			t.Fatal(err)
		}
		q.usage = usage{Since: time.Now().Unix(), N: maxSends - 1}
		if err := s.inbox.SetKV(t.Context(), q.encode("conversation-1", time.Now())); err != nil {
			t.Fatal(err)
		}
		c.Say(t.Context(), "问")
		time.Sleep(time.Second)
		if got := c.Seen(); len(got) != 1 || got[0].Menu == nil || got[0].Menu.Tail != textLast {
			t.Errorf("%+v", got)
		}
	})
}
