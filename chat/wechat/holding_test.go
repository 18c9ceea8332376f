package wechat_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	standin "github.com/yingda/yingda/internal/standin/wechat"
)

// repeatable is a request that brings one message or event, the same whenever it is made.
func repeatable(t *testing.T, s *scene, at time.Time, fields string) *http.Request {
	t.Helper()
	return must(s.official.Request(t.Context(), openID, []byte("<xml><ToUserName>"+ghID+"</ToUserName><FromUserName>"+openID+
		"</FromUserName><CreateTime>"+fmt.Sprint(at.Unix())+"</CreateTime>"+fields+"</xml>")))
}

// A message that got a holding reply and was not kept leaves no mark: a repeat, which another process gets, is kept and
// answered as if it came for the first time. One that was kept is answered once.
func TestKilledBehindHoldingReply(t *testing.T) {
	for _, certified := range []bool{true, false} {
		for at, inReply := range map[string]bool{"deliver": true, "delivered": true, "take": true} {
			for name, fields := range map[string]string{
				"message": "<MsgType>text</MsgType><Content>机器坏了</Content><MsgId>77</MsgId>",
				"event":   "<MsgType>event</MsgType><Event>CLICK</Event><EventKey>机器坏了</EventKey>",
			} {
				t.Run(fmt.Sprintf("%s, %s, certified %t", at, name, certified), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s := newScene(t, func(a *standin.Account) { a.Certified = certified })
						f := s.follower(openID)
						time.Sleep(time.Second)
						dying, fresh := s.nodes[0], s.start("")
						dying.slow(4500 * time.Millisecond)
						dying.kill(at)
						now := time.Now()
						if body := deliver(t, dying, repeatable(t, s, now, fields)); !strings.Contains(body, holding) {
							t.Errorf("first %q", body)
						}
						time.Sleep(time.Second)
						select {
						case <-dying.died:
						default:
							t.Fatal("nobody died")
						}
						if body := deliver(t, fresh, repeatable(t, s, now, fields)); strings.Contains(body, "答：机器坏了") != inReply {
							t.Errorf("the repeat got %q", body)
						}
						time.Sleep(time.Hour)
						if n := len(s.inbox.Messages()); n != 2 || count(seen(f), "答：机器坏了") > 0 {
							t.Errorf("%d messages are kept; sent besides: %q", n, seen(f))
						}
						if got := s.states(); got != "sent 2, queued 0, taken 0, dead 0, unknown 0" {
							t.Error(got)
						}
					})
				})
			}
		}
	}
}

// deliver is what a node answers to a call.
func deliver(t *testing.T, h http.Handler, call *http.Request) string {
	t.Helper()
	resp, err := standin.Direct(h).RoundTrip(call)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return read(t, resp)
}
