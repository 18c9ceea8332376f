package kf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/internal/standin/wechat"
)

func TestOneMessage(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.answers(func(chat.Message) []chat.Entry { return []chat.Entry{bubble("请检查纸卷。")} })
		c := s.desk.Customer("wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw", "王女士")
		d := c.Say(t.Context(), "机器不出票")
		synctest.Wait()
		if !d.OK() || len(d.Attempts) != 1 || string(d.Attempts[0].Body) != "success" {
			t.Errorf("the callback: %+v", d)
		}
		got := s.inbox.Messages()
		if len(got) != 1 || got[0].Text != "机器不出票" || got[0].ExternalID != d.ID || !got[0].At.Equal(time.Now().Truncate(time.Second)) {
			t.Fatalf("kept %+v", got)
		}
		if texts := seen(c); !slices.Equal(texts, []string{"请检查纸卷。"}) {
			t.Errorf("the customer saw %q", texts)
		}
		item := s.outbox.Item(1)
		if item.State != chat.SendingSent || item.Sending.Address != openKfID+"/wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw" {
			t.Errorf("the answer: %+v", item)
		}
	})
}

// TestRepeatedCallbacks: every callback comes twenty times at once, and every message is kept once.
func TestRepeatedCallbacks(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.answers(func(m chat.Message) []chat.Entry { return []chat.Entry{bubble("答" + m.Text)} })
		s.corp.Repeat(20)
		c := s.desk.Customer("wm1", "")
		var want, answers []string
		for i := range 5 {
			c.Say(t.Context(), fmt.Sprint(i))
			time.Sleep(time.Second)
			want, answers = append(want, fmt.Sprint(i)), append(answers, fmt.Sprint("答", i))
		}
		time.Sleep(time.Minute)
		if got := s.heard(""); !slices.Equal(got, want) {
			t.Errorf("kept %q", got)
		}
		if got := seen(c); !slices.Equal(got, answers) {
			t.Errorf("the customer saw %q", got)
		}
	})
}

// TestEmptyPages: a page without messages that says that there is more is no end.
func TestEmptyPages(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.corp.EmptyPages(4)
		s.desk.Customer("wm1", "").Say(t.Context(), "押金")
		time.Sleep(time.Second)
		if got := s.heard(""); !slices.Equal(got, []string{"押金"}) {
			t.Errorf("kept %q", got)
		}
		s.corp.EmptyPages(1000) // the host is out of order
		s.desk.Customer("wm1", "").Say(t.Context(), "还在吗")
		time.Sleep(time.Minute)
		if n := len(s.host.Calls(syncMsg)); n > 150 {
			t.Errorf("asked %d times within a minute", n)
		}
		s.corp.EmptyPages(0)
		time.Sleep(maxBackoff)
		if got := s.heard(""); !slices.Equal(got, []string{"押金", "还在吗"}) {
			t.Errorf("kept %q", got)
		}
	})
}

// TestBatch: what several customers said while nobody read is kept whole, each one's in order, over several
// pages; the cursor behind it is the last thing that is kept.
func TestBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		const customers, each = 7, 90
		for n := range each {
			for i := range customers {
				s.desk.Customer(fmt.Sprint("wm", i), "").Say(t.Context(), fmt.Sprint(n))
			}
		}
		s.open(t)
		time.Sleep(time.Second)
		for i := range customers {
			got := s.heard(fmt.Sprintf("conversation-%d", i+1))
			for n, text := range got {
				if text != fmt.Sprint(n) {
					t.Fatalf("customer %d: message %d is %q", i, n, text)
				}
			}
			if len(got) != each {
				t.Errorf("customer %d: %d messages", i, len(got))
			}
		}
		if n := len(s.host.Calls(syncMsg)); n > 5 { // four, and one for the callbacks
			t.Errorf("%d pages", n)
		}
		if n := len(s.host.Calls(batchGet)); n != 1 {
			t.Errorf("asked %d times for names", n)
		}
		last := s.inbox.Messages()[customers*each-1]
		if last.Cursor == nil || string(last.Cursor.Value) == "" || s.cursor(t).Cursor == "" {
			t.Errorf("the last message was kept with the cursor %v", last.Cursor)
		}
		before := len(s.inbox.Messages())
		s.restart(t)
		s.open(t)
		time.Sleep(time.Minute)
		if n := len(s.inbox.Messages()); n != before {
			t.Errorf("%d messages after another start, %d before", n, before)
		}
		s.stop()
	})
}

// TestCursorIsLost: everything is read again, and changes nothing but the cursor.
func TestCursorIsLost(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		for i := range 5 {
			s.desk.Customer("wm1", "").Say(t.Context(), fmt.Sprint(i))
		}
		time.Sleep(time.Second)
		before := s.cursor(t).Cursor
		if err := s.inbox.SetKV(t.Context(), chat.KV{Key: Name + "/shop/" + openKfID + "/cursor"}); err != nil {
			t.Fatal(err)
		}
		s.restart(t)
		s.open(t)
		time.Sleep(time.Second)
		if got := s.heard(""); len(got) != 5 || before == "" || s.cursor(t).Cursor != before {
			t.Errorf("kept %q, cursor %+v, before %q", got, s.cursor(t), before)
		}
	})
}

// TestTwoNodes: two processes read one log at once, each with its own callbacks, and do no more than one.
func TestTwoNodes(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		s.answers(func(m chat.Message) []chat.Entry { return []chat.Entry{bubble("答" + m.Text)} })
		one, stopOne := s.channel, s.stop
		s.stop = func() {}
		s.restart(t)
		s.open(t)
		two, stopTwo := s.channel, s.stop
		s.stop = func() { stopOne(); stopTwo() }
		for n := range 20 {
			for i := range 4 {
				s.channel = []*Channel{one, two}[(n+i)%2]
				s.desk.Customer(fmt.Sprint("wm", i), "").Say(t.Context(), fmt.Sprint(n))
			}
		}
		time.Sleep(10 * time.Minute)
		kept := map[string][]string{}
		for _, m := range s.inbox.Messages() {
			kept[m.Conversation] = append(kept[m.Conversation], m.Text)
		}
		for c, texts := range kept {
			for n, text := range texts {
				if text != fmt.Sprint(n) {
					t.Fatalf("%s: %q", c, texts)
				}
			}
			if len(texts) != 20 {
				t.Errorf("%s: %d messages", c, len(texts))
			}
		}
		if len(kept) != 4 {
			t.Errorf("%d conversations", len(kept))
		}
	})
}

// TestCrashInTheMiddle: whatever message cannot be kept at first, none is lost, none is kept twice, and the
// cursor is not kept before everything in front of it.
func TestCrashInTheMiddle(t *testing.T) {
	for _, fails := range []int{0, 1, 7, 18, 19} {
		t.Run(fmt.Sprint("message ", fails), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				for n := range 20 {
					s.desk.Customer(fmt.Sprint("wm", n%3), "").Say(t.Context(), fmt.Sprint(n))
				}
				var broken atomic.Bool
				broken.Store(true)
				s.inbox.Reply = func(_ chat.Conversation, m chat.Message) ([]chat.Entry, error) {
					if m.Text == fmt.Sprint(fails) && broken.Load() {
						return nil, fmt.Errorf("the disk is full: %w", chat.ErrBusy)
					}
					return nil, nil
				}
				s.open(t)
				time.Sleep(time.Minute)
				if p := s.cursor(t); p.Cursor != "" {
					t.Errorf("the cursor %+v is kept before message %d", p, fails)
				}
				if slices.Contains(s.heard(""), fmt.Sprint(fails)) {
					t.Error("the message is kept")
				}
				s.restart(t) // killed, and started again
				broken.Store(false)
				s.open(t)
				time.Sleep(time.Minute)
				got := s.heard("")
				slices.Sort(got)
				if len(got) != 20 || len(slices.Compact(got)) != 20 {
					t.Errorf("kept %q", got)
				}
				for i := range 3 {
					if got := s.heard(fmt.Sprintf("conversation-%d", i+1)); !slices.IsSortedFunc(got, func(a, b string) int { return len(a)*100 + int(a[0]) - len(b)*100 - int(b[0]) }) {
						t.Errorf("conversation %d: %q", i+1, got)
					}
				}
				if s.cursor(t).Cursor == "" {
					t.Error("the cursor is not kept at the end")
				}
				s.stop()
			})
		})
	}
}

// TestPoison: a message that can never be kept, not even that it came, holds up the others for a while, not for ever.
func TestPoison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, poison := range []string{"a", "b", "c"} {
			s := newShop(t)
			for _, text := range []string{"a", "b", "c"} {
				s.desk.Customer("wm"+text, "").Say(t.Context(), text)
			}
			s.inbox.Reply = func(c chat.Conversation, _ chat.Message) ([]chat.Entry, error) {
				if strings.HasSuffix(c.Address, "/wm"+poison) {
					return nil, errors.New("a bug")
				}
				return nil, nil
			}
			s.open(t)
			time.Sleep(10 * time.Minute)
			if got := s.heard(""); len(got) != 2 || slices.Contains(got, poison) || s.cursor(t).Cursor == "" {
				t.Errorf("kept %q, cursor %+v", got, s.cursor(t))
			}
			if !strings.Contains(s.log.String(), "a message is lost") {
				t.Error("nobody is told")
			}
			s.stop()
		}
	})
}

// TestFirstStart: a log that is new to us is not flooded with answers to what was asked before; one that we
// know is, however long we were away.
func TestFirstStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		c := s.desk.Customer("wm1", "")
		c.Say(t.Context(), "三天前")
		time.Sleep(50 * time.Hour)
		for i := range pageLimit { // the old ones fill more than a page
			c.Say(t.Context(), fmt.Sprint("昨天", i))
		}
		time.Sleep(20 * time.Hour)
		c.Say(t.Context(), "刚才")
		time.Sleep(time.Minute)
		s.open(t)
		time.Sleep(time.Minute)
		if got := s.heard(""); !slices.Equal(got, []string{"刚才"}) {
			t.Errorf("kept %q", got)
		}
		s.restart(t)
		c.Say(t.Context(), "停机时")
		time.Sleep(40 * time.Hour)
		s.open(t)
		time.Sleep(time.Minute)
		if got := s.heard(""); !slices.Equal(got, []string{"刚才", "停机时"}) {
			t.Errorf("kept %q", got)
		}
		s.stop()
	})
}

// TestSyncFails: the host is out of order in every way, and nothing is lost.
func TestSyncFails(t *testing.T) {
	tests := []struct {
		name   string
		answer wechat.Answer
	}{
		{"busy", wechat.Answer{Errcode: -1}},
		{"gateway", wechat.Answer{Status: 502}},
		{"broken off", wechat.Answer{Drop: true}},
		{"slow", wechat.Answer{Delay: time.Hour}},
		{"too often", wechat.Answer{Errcode: 45009}},
		{"the token of the callback is over", wechat.Answer{Errcode: 95007}},
		{"the cursor is unknown", wechat.Answer{Errcode: 40058}},
		{"the access token is over", wechat.Answer{Errcode: 42001}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in(t, func(t *testing.T, s *shop) {
				c := s.desk.Customer("wm1", "")
				c.Say(t.Context(), "一")
				time.Sleep(time.Second)
				s.host.Script(syncMsg, tt.answer)
				c.Say(t.Context(), "二")
				time.Sleep(time.Minute)
				c.Say(t.Context(), "三")
				time.Sleep(time.Minute)
				if got := s.heard(""); !slices.Equal(got, []string{"一", "二", "三"}) {
					t.Errorf("kept %q", got)
				}
			})
		})
	}
}

// TestPoll: without callbacks the log is read now and then, as seldom as the host wants it.
func TestPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		c := s.desk.Customer("wm1", "")
		lost := s.channel // the callback comes to a process that is no more
		s.restart(t)
		s.open(t)
		s.channel, lost = lost, s.channel
		c.Say(t.Context(), "一")
		s.channel = lost
		time.Sleep(pollInterval + time.Second)
		if got := s.heard(""); !slices.Equal(got, []string{"一"}) {
			t.Errorf("kept %q", got)
		}
		time.Sleep(12 * time.Hour)
		for _, call := range s.host.Calls(syncMsg) {
			if call.Errcode != 0 {
				t.Errorf("the host complains: %d %s", call.Errcode, call.Errmsg)
			}
		}
		if n := len(s.host.Calls(syncMsg)); n < 100 || n > 200 {
			t.Errorf("looked %d times in twelve hours", n)
		}
		s.stop()
	})
}

// TestManyAccounts: each customer service account has a reader and a cursor of its own, and one is found that opens later.
func TestManyAccounts(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		second := s.corp.AddDesk("wk2", "售前客服")
		c, d := s.desk.Customer("wm1", ""), second.Customer("wm1", "")
		c.Say(t.Context(), "一")
		synctest.Wait()
		d.Say(t.Context(), "二")
		synctest.Wait()
		if got := s.heard("conversation-1"); !slices.Equal(got, []string{"一"}) {
			t.Errorf("at the first desk %q", got)
		}
		if got := s.heard("conversation-2"); !slices.Equal(got, []string{"二"}) {
			t.Errorf("at the second desk %q", got)
		}
	})
}

// TestRecall: what a customer takes back is told with its id; the event of somebody else's id changes nothing else.
func TestRecall(t *testing.T) {
	in(t, func(t *testing.T, s *shop) {
		c := s.desk.Customer("wm1", "")
		d := c.Say(t.Context(), "我的密码")
		c.Recall(t.Context(), d.ID)
		time.Sleep(time.Second)
		m := s.inbox.Messages()
		if len(m) != 2 || m[0].ExternalID != d.ID || m[1].Recalls != d.ID || m[1].Text != textRecalled || m[1].Welcome {
			t.Errorf("kept %+v", m)
		}
	})
}

// pageOf is an answer of sync_msg with items as they are written.
func pageOf(items ...string) []byte {
	return []byte(`{"errcode":0,"errmsg":"ok","next_cursor":"c1","has_more":0,"msg_list":[` + strings.Join(items, ",") + `]}`)
}

// TestUnreadable: whatever one item holds, the others are kept, and the cursor moves on.
func TestUnreadable(t *testing.T) {
	const other = `{"msgid":"m2","send_time":4000000000,"origin":3,"msgtype":"text","open_kfid":"` + openKfID + `","external_userid":"wm1","text":{"content":"后"}}`
	for name, tt := range map[string]struct {
		item, want string // the text that is kept; "" for none
	}{
		"control characters":  {`{"msgid":"m1","send_time":4000000000,"origin":3,"msgtype":"text","open_kfid":"` + openKfID + "\",\"external_userid\":\"wm1\",\"text\":{\"content\":\"a\x01b\nc\\x\"}}", "a b cx"},
		"a time that is none": {`{"msgid":"m1","send_time":"soon","origin":3,"msgtype":"text","open_kfid":"` + openKfID + `","external_userid":"wm1","text":{"content":"前"}}`, "前"},
		"words that are none": {`{"msgid":"m1","send_time":4000000000,"origin":3,"msgtype":"text","open_kfid":"` + openKfID + `","external_userid":"wm1","text":[1]}`, "[消息]"},
		"what makes us panic": {`{"msgid":"m1","send_time":4000000000,"origin":3,"msgtype":"text","open_kfid":"` + openKfID + `","external_userid":"wm1","text":{"content":"炸"}}`, "[消息]"},
		"what cannot be kept": {`{"msgid":"m1","send_time":4000000000,"origin":3,"msgtype":"text","open_kfid":"` + openKfID + `","external_userid":"wm1","text":{"content":"坏"}}`, "[消息]"},
		"no id":               {`{"send_time":4000000000,"origin":3,"msgtype":"text","open_kfid":"` + openKfID + `","external_userid":"wm1","text":{"content":"前"}}`, ""},
		"nothing":             {`null`, ""},
	} {
		for place, items := range map[string][]string{"first": {tt.item, other}, "last": {other, tt.item}} {
			t.Run(name+", "+place, func(t *testing.T) {
				in(t, func(t *testing.T, s *shop) {
					s.inbox.Reply = func(_ chat.Conversation, m chat.Message) ([]chat.Entry, error) {
						switch m.Text {
						case "炸":
							panic("as planned")
						case "坏":
							return nil, errors.New("as planned")
						}
						return nil, nil
					}
					s.host.Script(syncMsg, slices.Repeat([]wechat.Answer{{Body: pageOf(items...)}}, maxFailures)...)
					s.desk.Customer("wm2", "").Say(t.Context(), "叫醒") // a callback
					time.Sleep(3 * time.Minute)
					got := s.heard("conversation-1")
					want := []string{tt.want, "后"}
					if place == "last" {
						want = []string{"后", tt.want}
					}
					if want = slices.DeleteFunc(want, func(s string) bool { return s == "" }); !slices.Equal(got[:min(len(got), len(want))], want) {
						t.Errorf("kept %q, want %q", got, want)
					}
					if s.cursor(t).Cursor == "" {
						t.Error("the cursor is not kept")
					}
				})
			})
		}
	}
}
