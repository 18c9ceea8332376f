package wechat_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	standin "github.com/yingda/yingda/internal/standin/wechat"
)

const (
	holding          = "消息收到，正在查，稍后回复您；一分钟还没收到，请再发一次。"
	holdingForbidden = "消息收到，正在查。过一会儿回复“继续”，我就把结果发给您。"
)

// However slow the database is, every message has a valid reply within five seconds, and the full answer once:
// in the reply, by custom/send, or with the customer's next message.
func TestSlow(t *testing.T) {
	for _, certified := range []bool{true, false} {
		for _, delay := range []time.Duration{0, 3900 * time.Millisecond, 4 * time.Second, 4100 * time.Millisecond, 4900 * time.Millisecond, 5100 * time.Millisecond, 20 * time.Second} {
			t.Run(fmt.Sprintf("certified %t, %v", certified, delay), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScene(t, func(a *standin.Account) { a.Certified = certified })
					f := s.follower(openID)
					s.nodes[0].slow(delay)
					d := f.Say(t.Context(), "机器坏了")
					if !d.OK() || len(d.Attempts) != 1 || len(d.Seen) != 1 {
						t.Fatalf("%+v", d)
					}
					if took := d.Attempts[0].Took; took >= 5*time.Second {
						t.Errorf("it took %v", took)
					}
					if quick := delay < 4*time.Second; quick != (d.Seen[0].Text == "答：机器坏了") && delay != 4*time.Second {
						t.Errorf("after %v: %q", delay, d.Seen[0].Text)
					}
					time.Sleep(time.Minute)
					s.nodes[0].slow(0)
					if certified {
						if n := count(seen(f), "答：机器坏了"); n != 1 {
							t.Errorf("answered %d times: %q", n, seen(f))
						}
					}
					d = f.Say(t.Context(), "在吗")
					if got := strings.Join(seen(f), "|"); strings.Count(got, "答：机器坏了") != 1 || strings.Count(got, "答：在吗") != 1 ||
						strings.Index(got, "答：机器坏了") > strings.Index(got, "答：在吗") {
						t.Errorf("%q", got)
					}
					time.Sleep(72 * time.Hour)
					if got := s.states(); got != "sent 3, queued 0, taken 0, dead 0, unknown 0" {
						t.Error(got, seen(f))
					}
				})
			})
		}
	}
}

// An account that may not send by itself says from the second time on how to ask for what was slow.
func TestSlowAndForbidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, func(a *standin.Account) { a.Certified = false })
		f := s.follower(openID)
		s.nodes[0].slow(6 * time.Second)
		if d := f.Say(t.Context(), "一"); d.Seen[0].Text != holding {
			t.Errorf("%+v", d)
		}
		time.Sleep(time.Minute)
		if d := f.Say(t.Context(), "二"); d.Seen[0].Text != holdingForbidden {
			t.Errorf("%+v", d)
		}
		time.Sleep(time.Minute)
		kept := len(s.inbox.Messages())
		d := f.Say(t.Context(), "继续")
		if len(d.Seen) != 1 || d.Seen[0].Text != "答：一\n\n答：二" || d.Attempts[0].Took > time.Second || len(s.inbox.Messages()) != kept {
			t.Errorf("%+v", d)
		}
		time.Sleep(time.Minute)
		s.nodes[0].slow(0)
		if d := f.Say(t.Context(), "继续"); d.Seen[0].Text != "答：继续" { // there is no more: it is for the bot
			t.Errorf("%+v", d)
		}
	})
}

// A repeat that comes while the message is still thought over gets the same answer, on whatever node, however
// slow each of them is.
func TestRepeatWhileThinking(t *testing.T) {
	for _, delays := range [][2]time.Duration{{1, 1}, {4900, 4900}, {8000, 8000}, {3900, 8000}, {8000, 3990}, {4100, 3000}, {1, 5000}} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, nil)
			s.start("")
			f := s.follower(openID)
			for i, n := range s.nodes {
				n.slow(delays[i] * time.Millisecond)
			}
			s.official.Repeat(6)
			d := f.Say(t.Context(), "机器坏了")
			if !d.OK() || len(d.Attempts) != 6 {
				t.Fatalf("%+v", d)
			}
			for _, a := range d.Attempts {
				if string(a.Body) != string(d.Attempts[0].Body) || a.Took >= 5*time.Second {
					t.Errorf("%v: after %v: %s", delays, a.Took, a.Body)
				}
			}
			time.Sleep(time.Minute)
			if n := count(seen(f), "答：机器坏了"); n != 1 || len(s.inbox.Messages()) != 2 {
				t.Errorf("%v: answered %d times: %q", delays, n, seen(f))
			}
		})
	}
}

// A database that is busy for a while loses nothing, and one that is busy for too long is admitted.
func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		f := s.follower(openID)
		s.nodes[0].refuse(3)
		if d := f.Say(t.Context(), "一"); len(d.Seen) != 1 || d.Seen[0].Text != "答：一" {
			t.Errorf("%+v", d)
		}
		s.nodes[0].refuse(1 << 30)
		if d := f.Say(t.Context(), "二"); len(d.Seen) != 1 || d.Seen[0].Text != holding {
			t.Errorf("%+v", d)
		}
		time.Sleep(2 * time.Minute)
		if got := s.log.String(); !strings.Contains(got, "a customer's message was not kept") {
			t.Error(got)
		}
		s.nodes[0].refuse(0)
		if d := f.Say(t.Context(), "二"); len(d.Seen) != 1 || d.Seen[0].Text != "答：二" {
			t.Errorf("%+v", d)
		}
	})
}

// Wherever the process is killed, the answer comes once at most, and is not lost silently.
func TestKilled(t *testing.T) {
	for _, tt := range []struct {
		at     string
		states string // in the end
		seen   int    // how often the answer is seen
	}{
		{"deliver", "sent 2, queued 0, taken 0, dead 0, unknown 0", 1},   // before the commit
		{"delivered", "sent 2, queued 0, taken 0, dead 0, unknown 0", 1}, // behind it
		{"taken", "sent 1, queued 0, taken 0, dead 0, unknown 1", 0},     // leased: the customer is asked to write again, an agent is told
		{"claim", "sent 1, queued 0, taken 0, dead 0, unknown 1", 0},     // likewise
		{"claimed", "sent 2, queued 0, taken 0, dead 0, unknown 0", 1},   // decided: answered from the claim
		{"settle", "sent 1, queued 0, taken 0, dead 0, unknown 1", 1},    // answered: an agent is told
	} {
		t.Run(tt.at, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, nil)
				f := s.follower(openID)
				time.Sleep(time.Second)
				s.nodes[0].kill(tt.at)
				s.start("")
				s.next = 0 // the first request comes to the one that dies
				d := f.Say(t.Context(), "机器坏了")
				if !d.OK() || len(d.Seen) != 1 {
					t.Fatalf("%+v", d)
				}
				time.Sleep(time.Hour)
				select {
				case <-s.nodes[0].died:
				default:
					t.Error("nobody died")
				}
				if n := count(seen(f), "答：机器坏了"); n != tt.seen || count(seen(f), holding) != 1-n || len(s.inbox.Messages()) != 2 {
					t.Errorf("seen %d times: %q", n, seen(f))
				}
				if got := s.states(); got != tt.states {
					t.Error(got)
				}
			})
		})
	}
}

// When no request could be answered, what was said goes to the courier.
func TestCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		f := s.follower(openID)
		s.nodes[0].slow(time.Second)
		req, err := s.official.Request(t.Context(), openID, []byte("<xml><ToUserName>"+ghID+"</ToUserName><FromUserName>"+openID+
			"</FromUserName><CreateTime>"+fmt.Sprint(time.Now().Unix())+"</CreateTime><MsgType>text</MsgType><Content>机器坏了</Content><MsgId>77</MsgId></xml>"))
		if err != nil {
			t.Fatal(err)
		}
		client := standin.Direct(s)
		ctx, cut := withTimeout(t, 500*time.Millisecond)
		defer cut()
		if resp, err := client.RoundTrip(req.WithContext(ctx)); err == nil {
			_ = resp.Body.Close()
			t.Fatal("it was answered")
		}
		time.Sleep(time.Minute)
		if got := seen(f, standin.Custom); len(got) != 1 || got[0] != "答：机器坏了" {
			t.Errorf("%q", got)
		}
		// A late repeat gets nothing.
		resp, err := client.RoundTrip(must(s.official.Request(t.Context(), openID, []byte("<xml><ToUserName>"+ghID+"</ToUserName><FromUserName>"+openID+
			"</FromUserName><CreateTime>"+fmt.Sprint(time.Now().Unix())+"</CreateTime><MsgType>text</MsgType><Content>机器坏了</Content><MsgId>77</MsgId></xml>"))))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if body := read(t, resp); body != "success" {
			t.Errorf("%q", body)
		}
	})
}

// Thousands of messages with a slow database: a valid reply in time for each, the full answer once, in order.
func TestSlowCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		s.inbox.Reply = func(c chat.Conversation, m chat.Message) ([]chat.Entry, error) {
			if m.Welcome {
				return nil, nil
			}
			return echo(c, m)
		}
		const customers = 200
		var followers []*standin.Follower
		for i := range customers {
			followers = append(followers, s.follower(fmt.Sprintf("o-customer-%04d", i)))
		}
		slow := []time.Duration{4900 * time.Millisecond, 5100 * time.Millisecond, 0}
		var all sync.WaitGroup
		for i, f := range followers {
			all.Go(func() {
				for n := range crowd / customers {
					time.Sleep(time.Duration(i*n%7) * 100 * time.Millisecond)
					d := f.Say(t.Context(), fmt.Sprintf("第%d问", n))
					if !d.OK() || len(d.Attempts) != 1 || len(d.Seen) != 1 || d.Attempts[0].Took >= 5*time.Second {
						t.Errorf("%+v", d)
					}
					time.Sleep(20 * time.Second)
				}
			})
		}
		done := make(chan struct{})
		go func() { // the database changes its mind
			for i := 0; ; i++ {
				s.nodes[0].slow(slow[i%len(slow)])
				select {
				case <-done:
					return
				case <-time.After(13 * time.Second):
				}
			}
		}()
		all.Wait()
		close(done)
		time.Sleep(time.Hour)
		late := 0
		for _, f := range followers {
			got := strings.Join(seen(f), "|")
			late += count(seen(f, standin.Custom), "答：")
			at := 0
			for n := range crowd / customers {
				want := fmt.Sprintf("答：第%d问", n)
				i := strings.Index(got, want)
				if strings.Count(got, want) != 1 || i < at {
					t.Fatalf("%s: %q", want, got)
				}
				at = i
			}
		}
		if got := s.states(); got != fmt.Sprintf("sent %d, queued 0, taken 0, dead 0, unknown 0", crowd) || late == 0 {
			t.Errorf("%s, %d late", got, late)
		}
	})
}

// A repeat on another node that gave the answer and died before it could say more is believed: whoever
// claimed the answer does not send it again.
func TestAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		f := s.follower(openID)
		s.nodes[0].slow(time.Second)
		other := s.start("")
		other.kill("settle")
		message := []byte("<xml><ToUserName>" + ghID + "</ToUserName><FromUserName>" + openID + "</FromUserName><CreateTime>" +
			fmt.Sprint(time.Now().Unix()) + "</CreateTime><MsgType>text</MsgType><Content>机器坏了</Content><MsgId>77</MsgId></xml>")
		ctx, cut := withTimeout(t, 500*time.Millisecond)
		defer cut()
		if resp, err := standin.Direct(s.nodes[0]).RoundTrip(must(s.official.Request(ctx, openID, message))); err == nil {
			_ = resp.Body.Close()
			t.Fatal("it was answered")
		}
		time.Sleep(time.Second)
		resp, err := standin.Direct(other).RoundTrip(must(s.official.Request(t.Context(), openID, message)))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if body := read(t, resp); !strings.Contains(body, "答：机器坏了") {
			t.Errorf("%q", body)
		}
		time.Sleep(time.Hour)
		if got := seen(f, standin.Custom); got != nil {
			t.Errorf("it was said again: %q", got)
		}
		if got := s.states(); got != "sent 1, queued 0, taken 0, dead 0, unknown 1" {
			t.Error(got)
		}
	})
}
