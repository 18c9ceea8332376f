package wechat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	"github.com/yingda/yingda/finding"
	standin "github.com/yingda/yingda/internal/standin/wechat"
)

const customSend = "/cgi-bin/message/custom/send"

// quiet makes the bot silent, as while an agent holds the conversation.
func (s *scene) quiet() *standin.Follower {
	s.inbox.Reply = nil
	f := s.follower(openID)
	f.Say(s.t.Context(), "转人工")
	return f
}

// settle lets the courier do its work.
func settle() { time.Sleep(5 * time.Second); synctest.Wait() }

// What agents write goes out in order, each on its own while there is enough.
func TestSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		f := s.quiet()
		s.agent(conversation(openID), "您好<b>&\u2028啊", "请稍等")
		settle()
		if got := seen(f, standin.Custom); fmt.Sprintf("%q", got) != `["您好<b>&\u2028啊" "请稍等"]` {
			t.Errorf("%q", got)
		}
		a, ok, err := s.nodes[0].channel.SendQuota(t.Context(), conversation(openID))
		if err != nil || !ok || a.Remaining != f.Left() || time.Until(a.ExpiresAt) < 47*time.Hour {
			t.Errorf("%+v, %t, %v; %d are left", a, ok, err, f.Left())
		}
	})
}

// With few sends left, what waits goes into one message; with none, it waits for the customer and comes with
// the answer to what they say next.
func TestScarce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		f := s.quiet()
		time.Sleep(2 * time.Minute) // following counts no more
		if left := f.Left(); left != 5 {
			t.Fatalf("%d are left", left)
		}
		var texts []string
		for i := range 9 {
			texts = append(texts, fmt.Sprintf("第%d句", i+1))
		}
		s.agent(conversation(openID), texts...)
		settle()
		want := []string{"第1句", "第2句", "第3句", "第4句\n\n第5句\n\n第6句\n\n第7句\n\n第8句\n\n第9句"}
		if got := seen(f, standin.Custom); fmt.Sprint(got) != fmt.Sprint(want) || f.Left() != 1 {
			t.Errorf("%q, %d are left", got, f.Left())
		}
		s.agent(conversation(openID), "第10句")
		settle()
		s.agent(conversation(openID), "第11句", "第12句")
		calls := len(s.stand.Calls(customSend))
		time.Sleep(40 * time.Hour)
		if got := seen(f, standin.Custom); len(got) != 5 || got[4] != "第10句" || len(s.stand.Calls(customSend)) != calls {
			t.Errorf("%q, %d calls", got, len(s.stand.Calls(customSend)))
		}
		a, _, err := s.nodes[0].channel.SendQuota(t.Context(), conversation(openID))
		if a.Remaining != 0 || err != nil {
			t.Errorf("%+v, %v", a, err)
		}
		time.Sleep(100 * time.Hour) // they do not get too old
		s.inbox.Reply = echo
		if d := f.Say(t.Context(), "在吗"); len(d.Seen) != 1 || d.Seen[0].Text != "第11句\n\n第12句\n\n答：在吗" {
			t.Errorf("%+v", d)
		}
		settle()
		if c := s.outbox.Count(); c[chat.SendingSent] != len(s.outboxAll()) {
			t.Error(s.states())
		}
	})
}

// What does not fit into the merged message follows.
func TestScarceAndLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		f := s.quiet()
		time.Sleep(2 * time.Minute)
		s.agent(conversation(openID), "1。", "2。", "3。")
		settle()
		long := strings.Repeat("这是一句话。", 80) // 1440 bytes
		s.agent(conversation(openID), long, "4。", long, "5。")
		settle()
		if got := seen(f, standin.Custom); len(got) != 5 || got[3] != long+"\n\n4。" || got[4] != long+"\n\n5。" {
			t.Errorf("%d: %q", len(got), got)
		}
		if got := s.states(); got != "sent 7, queued 0, taken 0, dead 0, unknown 0" {
			t.Error(got)
		}
	})
}

// outboxAll are all sendings.
func (s *scene) outboxAll() (ids []int64) {
	n := 0
	for _, k := range s.outbox.Count() {
		n += k
	}
	for i := range n {
		ids = append(ids, int64(i+1))
	}
	return ids
}

// A tap or a scan allows three within a minute, and WeChat's count is believed where it differs.
func TestActions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		s.inbox.Reply = nil
		f := s.follower(openID)
		a, _, err := s.nodes[0].channel.SendQuota(t.Context(), conversation(openID))
		if a.Remaining != 3 || time.Until(a.ExpiresAt) > time.Minute || err != nil || f.Left() != 3 {
			t.Errorf("%+v, %v", a, err)
		}
		time.Sleep(2 * time.Minute)
		s.agent(conversation(openID), "还在吗")
		settle()
		if a, _, _ := s.nodes[0].channel.SendQuota(t.Context(), conversation(openID)); a.Remaining != 0 || len(f.Seen()) != 0 {
			t.Errorf("%+v, %q", a, seen(f))
		}
		if d := f.Scan(t.Context(), "N5300012345"); len(d.Seen) != 1 || d.Seen[0].Text != "还在吗" {
			t.Errorf("%+v", d)
		}
	})
}

// Long texts are cut at ends of sentences: the first part is the answer, the rest follows by itself, or when
// it is asked for.
func TestLong(t *testing.T) {
	long := strings.Repeat("这是一句不长不短的话。", 300) // 9900 bytes
	for _, certified := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, func(a *standin.Account) { a.Certified = certified })
			s.inbox.Reply = func(_ chat.Conversation, m chat.Message) ([]chat.Entry, error) {
				if m.Text == "说说" {
					return []chat.Entry{fromBot("先说。"), fromBot(long)}, nil
				}
				return nil, nil
			}
			f := s.follower(openID)
			time.Sleep(2 * time.Minute)
			f.Say(t.Context(), "说说")
			settle()
			for range 6 {
				if certified {
					break
				}
				last := f.Seen()[len(f.Seen())-1]
				if more := strings.HasSuffix(last.Text, "\n\n（未完，回复“继续”接着看）"); !more && len(f.Seen()) > 1 {
					break
				}
				f.Say(t.Context(), "继续")
				settle()
			}
			var all strings.Builder
			for _, b := range f.Seen() {
				text := strings.TrimSuffix(b.Text, "\n\n（未完，回复“继续”接着看）")
				if len(b.Text) > 2000 || !strings.HasSuffix(text, "。") {
					t.Errorf("%d bytes: …%s", len(b.Text), b.Text[max(0, len(b.Text)-30):])
				}
				all.WriteString(text)
			}
			if got := strings.ReplaceAll(all.String(), "\n", ""); got != "先说。"+long {
				t.Errorf("certified %t: %d bytes came of %d in %d messages: %s", certified, len(got), len(long), len(f.Seen()), s.states())
			}
			if n := s.outbox.Count(); n[chat.SendingSent] != 2 {
				t.Error(s.states())
			}
		})
	}
}

// Options are a menu to tap where they are sent; a tap says the title.
func TestMenu(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		f := s.follower(openID)
		s.nodes[0].slow(6 * time.Second)
		s.inbox.Reply = func(_ chat.Conversation, m chat.Message) ([]chat.Entry, error) {
			if m.Text == "费" {
				return []chat.Entry{fromBot("您想问哪个？", chat.Option{ID: "fee", Title: "费率是多少"}, chat.Option{ID: "human", Title: "转人工"})}, nil
			}
			return echo(chat.Conversation{}, m)
		}
		f.Say(t.Context(), "费")
		settle()
		b := f.Seen()[len(f.Seen())-1]
		if b.Menu == nil || b.Menu.Head != "您想问哪个？" || len(b.Menu.Items) != 2 || b.Menu.Items[0] != (standin.MenuItem{ID: "fee", Text: "费率是多少"}) {
			t.Fatalf("%+v", b)
		}
		s.nodes[0].slow(0)
		if d := f.Choose(t.Context(), "fee", "费率是多少"); d.Seen[0].Text != "答：费率是多少" {
			t.Errorf("%+v", d)
		}
		// Where WeChat does not take the menu, it is text.
		s.nodes[0].slow(6 * time.Second)
		s.stand.Script(customSend, standin.Answer{Errcode: 40008})
		f.Say(t.Context(), "费")
		settle()
		if got := seen(f, standin.Custom); got[len(got)-1] != "您想问哪个？\n\n1. 费率是多少\n2. 转人工\n（回复数字即可）" {
			t.Errorf("%q", got)
		}
	})
}

// Pictures are uploaded; an account that may not says so in words, and the agent is told.
func TestSendPicture(t *testing.T) {
	for _, certified := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, func(a *standin.Account) { a.Certified = certified })
			f := s.quiet()
			kept, err := s.inbox.Save(t.Context(), bytes.NewReader([]byte("\xff\xd8\xff\xe0\x00\x10JFIF")))
			if err != nil {
				t.Fatal(err)
			}
			e := chat.Entry{Seq: 50, From: chat.FromAgent, Text: "请看图", Attachments: []chat.Attachment{kept}}
			if err := s.outbox.AddEntry(conversation(openID), e, 0); err != nil {
				t.Fatal(err)
			}
			settle()
			if certified {
				if got := f.Seen(); len(got) != 2 || got[0].Text != "请看图" || got[1].Type != "image" || got[1].MediaID == "" {
					t.Errorf("%+v", got)
				}
				return
			}
			d := f.Say(t.Context(), "在吗")
			if len(d.Seen) != 1 || !strings.HasPrefix(d.Seen[0].Text, "请看图\n\n（还有图片") {
				t.Errorf("%+v", d)
			}
			settle()
			if i := s.outbox.Item(1); i.State != chat.SendingDead || !strings.Contains(i.Reason, "没有认证") {
				t.Errorf("%+v", i)
			}
		})
	}
}

// What each errcode does to a sending.
func TestErrcodes(t *testing.T) {
	for _, tt := range []struct {
		code  int
		state chat.SendingState // a second later
		wait  time.Duration     // of a queued one, from then on
		later chat.SendingState // after three days and an hour, when nobody writes
	}{
		{-1, chat.SendingSent, 0, chat.SendingSent},
		{40001, chat.SendingSent, 0, chat.SendingSent},
		{40014, chat.SendingSent, 0, chat.SendingSent},
		{42001, chat.SendingSent, 0, chat.SendingSent},
		{45009, chat.SendingQueued, time.Hour, chat.SendingSent},
		{45011, chat.SendingQueued, time.Minute, chat.SendingSent},
		{45015, chat.SendingQueued, 24 * time.Hour, chat.SendingQueued},
		{45047, chat.SendingQueued, 24 * time.Hour, chat.SendingQueued},
		{48001, chat.SendingQueued, 24 * time.Hour, chat.SendingSent}, // it is asked again whether that is still so
		{45002, chat.SendingDead, 0, chat.SendingDead},
		{40164, chat.SendingQueued, 5 * time.Minute, chat.SendingSent},
		{40003, chat.SendingDead, 0, chat.SendingDead},
		{43004, chat.SendingDead, 0, chat.SendingDead},
	} {
		t.Run(fmt.Sprint(tt.code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, nil)
				f := s.quiet()
				s.stand.Script(customSend, standin.Answer{Errcode: tt.code})
				s.agent(conversation(openID), "您好")
				time.Sleep(1500 * time.Millisecond)
				i := s.outbox.Item(1)
				if wait := time.Until(i.NotBefore); i.State != tt.state || tt.wait > 0 && (wait < tt.wait-2*time.Second || wait > tt.wait+2*time.Second) {
					t.Errorf("%s for %v: %s", i.State, wait, i.Reason)
				}
				if !strings.Contains(i.Reason, fmt.Sprint(tt.code)) && i.State != chat.SendingSent {
					t.Errorf("the reason is %q", i.Reason)
				}
				time.Sleep(73 * time.Hour)
				if i := s.outbox.Item(1); i.State != tt.later || len(f.Seen()) > 1 || (i.State == chat.SendingSent) != (len(f.Seen()) == 1) {
					t.Errorf("in the end %s: %s, %q", i.State, i.Reason, seen(f))
				}
			})
		})
	}
}

// A token that WeChat takes back is replaced without anybody noticing; one that ends is renewed before.
func TestTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		f := s.quiet()
		for i, code := range []int{0, 40001, 40014, 42001} {
			if code != 0 {
				s.official.Revoke(code)
			}
			s.agent(conversation(openID), fmt.Sprint("第", i))
			settle()
		}
		if n := len(s.stand.Calls("/cgi-bin/stable_token")); n != 4 || len(f.Seen()) != 4 {
			t.Errorf("%d tokens, seen %q", n, seen(f))
		}
		f.Say(t.Context(), "在吗")
		before := len(s.stand.Calls("/cgi-bin/stable_token"))
		for range 4 { // 8 hours
			time.Sleep(2 * time.Hour)
			s.agent(conversation(openID), "在的")
			settle()
		}
		for _, c := range s.stand.Calls(customSend)[7:] {
			if c.Errcode != 0 {
				t.Errorf("%+v", c)
			}
		}
		if n := len(s.stand.Calls("/cgi-bin/stable_token")) - before; n != 4 {
			t.Errorf("%d tokens in eight hours", n)
		}
	})
}

// What broke off is not sent again blindly, and what could not begin is.
func TestBroken(t *testing.T) {
	for _, tt := range []struct {
		answer standin.Answer
		want   chat.SendingState
		seen   int
	}{
		{standin.Answer{Drop: true}, chat.SendingUnknown, 1},
		{standin.Answer{Status: http.StatusBadGateway}, chat.SendingUnknown, 0},
		{standin.Answer{Status: http.StatusServiceUnavailable}, chat.SendingSent, 1},
		{standin.Answer{Delay: time.Minute}, chat.SendingUnknown, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, nil)
			f := s.quiet()
			s.stand.Script(customSend, tt.answer)
			s.agent(conversation(openID), "您好")
			time.Sleep(time.Hour)
			if i := s.outbox.Item(1); i.State != tt.want || len(f.Seen()) != tt.seen {
				t.Errorf("%+v: %s, %q; seen %q", tt.answer, i.State, i.Reason, seen(f))
			}
		})
	}
}

// A merged message of which nothing is known makes all of it unknown.
func TestMergedBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		f := s.quiet()
		time.Sleep(2 * time.Minute)
		s.agent(conversation(openID), "一", "二", "三")
		settle()
		s.stand.Script(customSend, standin.Answer{Drop: true})
		s.agent(conversation(openID), "四", "五")
		time.Sleep(time.Hour)
		if got := s.states(); got != "sent 3, queued 0, taken 0, dead 0, unknown 2" || len(f.Seen()) != 4 {
			t.Errorf("%s, seen %q", got, seen(f))
		}
	})
}

func TestSendRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		c := s.nodes[0].channel
		for _, tt := range []struct {
			s    chat.Sending
			want chat.SendingState
		}{
			{chat.Sending{Account: "other", Body: []byte("{}")}, chat.SendingQueued},
			{chat.Sending{Account: "default", Body: []byte("[")}, chat.SendingDead},
		} {
			_, err := c.Send(t.Context(), tt.s)
			raw, _ := json.Marshal(err)
			if !strings.Contains(string(raw), string(tt.want)) {
				t.Errorf("%+v: %s", tt.s, raw)
			}
		}
		if _, ok, err := c.SendQuota(t.Context(), chat.Conversation{Channel: "telegram", Account: "default"}); ok || err != nil {
			t.Errorf("%t, %v", ok, err)
		}
	})
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*standin.Account)
		want   string
	}{
		{"well", func(a *standin.Account) { a.Mode = standin.Safe }, "ok ok ok"},
		{"plain mode", nil, "warning ok ok"},
		{"没有认证", func(a *standin.Account) { a.Mode, a.Certified = standin.Safe, false }, "ok ok warning"},
		{"a wrong secret", func(a *standin.Account) { a.Mode, a.Secret = standin.Safe, "another" }, "ok error AppSecret"},
		{"not on the white list", func(a *standin.Account) { a.Mode, a.WhiteList = standin.Safe, []string{"1.2.3.4"} }, "ok error IP白名单"},
		{"a wrong app id", func(a *standin.Account) { a.Mode, a.AppID = standin.Safe, "wx0" }, "ok error AppID"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, tt.change)
				var got []string
				for _, f := range s.nodes[0].channel.Check(t.Context(), "default") {
					got = append(got, string(f.Level))
					if f.Level == finding.Error {
						got = append(got, f.Fix)
					}
					if strings.Contains(f.Text, secret) || f.Text == "" || (f.Fix == "") != (f.Level == finding.OK) {
						t.Errorf("%+v", f)
					}
				}
				all := strings.Join(got, " ")
				for _, word := range strings.Fields(tt.want) {
					if !strings.Contains(all, word) {
						t.Errorf("%q, want %q", all, tt.want)
					}
				}
				if f := s.nodes[0].channel.Check(t.Context(), "other"); len(f) != 1 || f[0].Level != finding.Error {
					t.Errorf("%+v", f)
				}
			})
		})
	}
}

// What an agent quotes or corrects is told in words, by whatever way it comes.
func TestQuotesAndCorrections(t *testing.T) {
	for _, tt := range []struct {
		in   chat.Entry
		want string
	}{
		{chat.Entry{Seq: 9, Text: "周三到账"}, "周三到账"},
		{chat.Entry{Seq: 9, Text: "周三到账", QuotesSeq: 7}, "「第7条」\n周三到账"},
		{chat.Entry{Seq: 9, Text: "周四到账", CorrectsSeq: 8}, "（更正）周四到账"},
	} {
		for _, certified := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, func(a *standin.Account) { a.Certified = certified })
				f := s.quiet()
				s.agentEntry(conversation(openID), tt.in)
				settle()
				if !certified { // it comes with the reply to the next message
					f.Say(t.Context(), "在吗")
				}
				if got := seen(f); len(got) != 1 || got[0] != tt.want {
					t.Errorf("certified %t: %q, want %q", certified, got, tt.want)
				}
			})
		}
	}
}

func TestReasons(t *testing.T) { chattest.CheckReasons(t, ".") }
