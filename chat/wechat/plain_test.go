package wechat_test

import (
	"context"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	standin "github.com/yingda/yingda/internal/standin/wechat"
)

// In plain mode the signature of one message is none of another, on whatever node; WeChat's own repeats are taken.
func TestReplayedSignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		other := s.start("")
		query := signed(time.Now()).Encode()
		bring := func(n *node, from, text, id string) *httptest.ResponseRecorder {
			body := "<xml><ToUserName>" + ghID + "</ToUserName><FromUserName>" + from + "</FromUserName><CreateTime>" + strconv.FormatInt(time.Now().Unix(), 10) +
				"</CreateTime><MsgType>text</MsgType><Content>" + text + "</Content><MsgId>" + id + "</MsgId></xml>"
			hook, _ := n.channel.Hook("default")
			w := httptest.NewRecorder()
			hook.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "POST", "/hooks/wechat/default?"+query, strings.NewReader(body)))
			return w
		}
		for range 2 {
			for _, n := range s.nodes {
				if w := bring(n, "o1", "你好", "1"); w.Code != 200 || !strings.Contains(w.Body.String(), "答：你好") {
					t.Errorf("genuine: %d %s", w.Code, w.Body)
				}
			}
		}
		for name, w := range map[string]*httptest.ResponseRecorder{
			"another text":                bring(other, "o1", "转人工", "2"),
			"another customer":            bring(s.nodes[0], "o2", "你好", "1"),
			"the same message in another": bring(s.nodes[0], "o1", "再见", "1"),
		} {
			if w.Code != 403 || strings.Contains(w.Body.String(), "答：") {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
		}
		if n := len(s.inbox.Messages()); n != 1 {
			t.Errorf("%d messages are kept", n)
		}
	})
}

// A message that is being worked on gives its reply to nobody who only knows its id.
func TestForgedRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, nil)
		hook, _ := s.nodes[0].channel.Hook("default")
		s.nodes[0].slow(2 * time.Second)
		done := make(chan pushed)
		go func() {
			done <- push(t, hook, "o1", "<MsgType>text</MsgType><Content>我的号码</Content><MsgId>1</MsgId>")
		}()
		time.Sleep(time.Second)
		if got := push(t, hook, "o1", "<MsgType>text</MsgType><Content>猜的</Content><MsgId>1</MsgId>"); got.status != 403 {
			t.Errorf("%+v", got)
		}
		if got := <-done; !strings.Contains(got.body, "答：我的号码") {
			t.Errorf("%+v", got)
		}
	})
}

// In plain mode whoever follows is not erased by an event that anybody may have written; who has left is.
func TestForgedUnsubscribe(t *testing.T) {
	for name, tt := range map[string]struct {
		leave  func(context.Context, *standin.Follower)
		answer []standin.Answer
		erased bool
	}{
		"forged":                  {func(context.Context, *standin.Follower) {}, nil, false},
		"genuine":                 {func(ctx context.Context, f *standin.Follower) { f.Unsubscribe(ctx) }, nil, true},
		"WeChat is busy at first": {func(ctx context.Context, f *standin.Follower) { f.Unsubscribe(ctx) }, []standin.Answer{{Status: 502}, {Cut: true}}, true},
		"nobody may ask":          {func(ctx context.Context, f *standin.Follower) { f.Unsubscribe(ctx) }, []standin.Answer{{Errcode: 48001}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, nil)
				f := s.follower(openID)
				s.stand.Script("/cgi-bin/user/info", tt.answer...)
				if tt.leave(t.Context(), f); name == "forged" {
					hook, _ := s.nodes[0].channel.Hook("default")
					if got := push(t, hook, openID, "<MsgType>event</MsgType><Event>unsubscribe</Event>"); got.status != 200 || got.body != "success" {
						t.Errorf("%+v", got)
					}
				}
				time.Sleep(time.Minute)
				if erased := len(s.inbox.Forgotten()) > 0; erased != tt.erased {
					t.Errorf("erased: %t", erased)
				}
			})
		})
	}
}
