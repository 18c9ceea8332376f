package robot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	"github.com/yingda/yingda/desk"
)

const key = "693a91f6-SECRET"

// now is when the tests happen.
func now() time.Time { return time.Unix(1795500000, 0) }

// body is the announcement of a ticket.
func body(t *testing.T, e desk.Event, ticket desk.Ticket) []byte {
	t.Helper()
	b, err := json.Marshal(announcement{ID: "a1", Event: e, At: now(), Ticket: ticket})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// to makes a channel with a robot "a" on a host.
func to(t *testing.T, api string) *Channel {
	t.Helper()
	c, err := New(Config{Accounts: []Account{{Name: "a", Key: key, API: api, Mobiles: []string{"13800000000"}}}, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSendSays(t *testing.T) {
	waiting := desk.Ticket{Number: "1124-7K3F", State: desk.StateWaiting, Urgency: desk.UrgencyNormal, Reason: desk.ReasonAsked, Channel: "wechat-kf"}
	urgent, held := waiting, waiting
	urgent.Urgency, held.State = desk.UrgencyUrgent, desk.StateHeld
	tests := []struct {
		name   string
		event  desk.Event
		ticket desk.Ticket
		want   string // "" for nothing
	}{
		{"a new ticket", desk.EventOpened, waiting, `{"msgtype":"text","text":{"content":"新工单 1124-7K3F\n原因：顾客要求人工\n顾客：微信客服"}}`},
		{"an urgent one calls people", desk.EventOpened, urgent, `{"msgtype":"text","text":{"content":"【紧急】新工单 1124-7K3F\n原因：顾客要求人工\n顾客：微信客服","mentioned_mobile_list":["13800000000"]}}`},
		{"back in the queue", desk.EventTransferred, waiting, `{"msgtype":"text","text":{"content":"工单回到队列 1124-7K3F\n原因：顾客要求人工\n顾客：微信客服"}}`},
		{"to somebody", desk.EventTransferred, held, ""},
		{"claimed", desk.EventClaimed, held, ""},
		{"closed", desk.EventClosed, held, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got, at string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				got, at = strings.TrimSpace(string(b)), r.Method+" "+r.URL.String()
				_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
			}))
			defer server.Close()
			if _, err := to(t, server.URL+"/").Send(t.Context(), chat.Sending{Account: "a", Body: body(t, tt.event, tt.ticket), Attempts: 1}); err != nil {
				t.Fatal(err)
			}
			if got != tt.want || got != "" && at != "POST /cgi-bin/webhook/send?key="+key {
				t.Errorf("%s\ngot  %s\nwant %s", at, got, tt.want)
			}
		})
	}
}

func TestSendJudgesTheAnswer(t *testing.T) {
	tests := []struct {
		status   int
		answer   string
		attempts int
		want     chat.SendError // State "" for sent
	}{
		{200, `{"errcode":0,"errmsg":"ok"}`, 1, chat.SendError{}},
		{200, `{"errcode":-1,"errmsg":"system busy"}`, 50, chat.SendError{State: chat.SendingQueued, Reason: "企业微信不收（errcode -1：system busy）"}},
		{200, `{"errcode":45009,"errmsg":"api freq out of limit"}`, 50, chat.SendError{State: chat.SendingQueued, RetryAfter: time.Minute, PausesAccount: true, Reason: "机器人一分钟说了超过20条（45009）"}},
		{200, `{"errcode":93000,"errmsg":"invalid webhook url, ` + key + `"}`, 9, chat.SendError{State: chat.SendingQueued, Reason: "没有这个机器人（93000），请到群设置里重新复制机器人的地址"}},
		{200, `{"errcode":93000}`, 10, chat.SendError{State: chat.SendingDead, Reason: "没有这个机器人（93000），请到群设置里重新复制机器人的地址，试了10次"}},
		{200, `{"errcode":40058,"errmsg":"bad\nkey ` + key + `"}`, 1, chat.SendError{State: chat.SendingQueued, Reason: "企业微信不收（errcode 40058：bad key …）"}},
		{200, `{"errcode":40058,"errmsg":"` + strings.Repeat("字", 100) + `"}`, 10, chat.SendError{State: chat.SendingDead, Reason: "企业微信不收（errcode 40058：" + strings.Repeat("字", 65) + "…），试了10次"}},
		{200, `<html>log in to the guests' network</html>`, 1, chat.SendError{State: chat.SendingQueued, Reason: "答话的不是企业微信，请检查地址"}},
		{200, `{}`, 10, chat.SendError{State: chat.SendingDead, Reason: "答话的不是企业微信，请检查地址，试了10次"}},
		{502, `<html>`, 50, chat.SendError{State: chat.SendingQueued, Reason: "对方的服务器出错（HTTP 502）"}},
		{429, ``, 50, chat.SendError{State: chat.SendingQueued, Reason: "对方要我们慢一点（HTTP 429）"}},
		{302, ``, 1, chat.SendError{State: chat.SendingQueued, Reason: "对方的地址换了（HTTP 302）"}},
		{404, ``, 10, chat.SendError{State: chat.SendingDead, Reason: "对方的地址不对（HTTP 404），试了10次"}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status, " ", tt.attempts, " ", chat.Shorten(tt.answer, 30, chat.ByteLen)), func(t *testing.T) {
			requests := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests++
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.answer)
			}))
			defer server.Close()
			_, err := to(t, server.URL).Send(t.Context(), chat.Sending{Account: "a", Body: body(t, desk.EventOpened, desk.Ticket{}), Attempts: tt.attempts})
			got := chat.SendError{}
			if e, ok := errors.AsType[*chat.SendError](err); ok {
				got = *e
			} else if err != nil {
				t.Fatal(err)
			}
			if got != tt.want || requests != 1 {
				t.Errorf("after %d requests\ngot  %+v\nwant %+v", requests, got, tt.want)
			}
		})
	}
}

func TestSendFailsOnTheWay(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer broken.Close()
	opened := body(t, desk.EventOpened, desk.Ticket{})
	tests := []struct {
		name, api, account string
		body               []byte
		state              chat.SendingState
	}{
		{"refused", gone.URL, "a", opened, chat.SendingQueued},
		{"broken off", broken.URL, "a", opened, chat.SendingQueued},
		{"no such host", "http://host.invalid", "a", opened, chat.SendingQueued},
		{"unknown account", gone.URL, "b", opened, chat.SendingQueued},
		{"no announcement", gone.URL, "a", []byte(`{"seq":1}`), chat.SendingDead},
		{"no JSON", gone.URL, "a", []byte(`SECRET`), chat.SendingDead},
	}
	for _, tt := range tests {
		_, err := to(t, tt.api).Send(t.Context(), chat.Sending{Account: tt.account, Body: tt.body, Attempts: 50})
		e, ok := errors.AsType[*chat.SendError](err)
		if !ok || e.State != tt.state || e.Reason == "" || strings.Contains(e.Reason, "SECRET") {
			t.Errorf("%s: error %v", tt.name, err)
		}
	}
}

// TestPace: in no minute more than 20, however they come.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Config{Accounts: []Account{{Name: "a", Key: "k"}, {Name: "b", Key: "k"}}, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		var sent []time.Time
		for begin := time.Now(); time.Since(begin) < 10*time.Minute; {
			wait := c.paces["a"].reserve(time.Now())
			if wait < 0 || wait > window+time.Second {
				t.Fatalf("told to wait %s", wait)
			}
			if wait == 0 {
				sent = append(sent, time.Now())
				wait = time.Duration(len(sent)%3) * time.Second
			}
			time.Sleep(wait)
		}
		for i := perWindow; i < len(sent); i++ {
			if gap := sent[i].Sub(sent[i-perWindow]); gap <= window {
				t.Fatalf("messages %d to %d within %s", i-perWindow, i, gap)
			}
		}
		if len(sent) < 190 {
			t.Errorf("only %d messages in ten minutes", len(sent))
		}
		if wait := c.paces["b"].reserve(time.Now()); wait != 0 {
			t.Errorf("another robot waits %s", wait)
		}
	})
}

// TestReasons walks all that agents may read of an announcement that did not arrive.
func TestReasons(t *testing.T) { chattest.CheckReasons(t, ".") }

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Account)
		want   string
	}{
		{"no key", func(a *Account) { a.Key = "" }, "missing key"},
		{"the whole address", func(a *Account) { a.Key = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=SECRET" }, "invalid key"},
		{"no API", func(a *Account) { a.API = "SECRET" }, "invalid API URL"},
		{"a key in the API", func(a *Account) { a.API = "https://example.com/?key=SECRET" }, "invalid API URL"},
		{"a long link", func(a *Account) { a.Link = strings.Repeat("SECRET", 100) }, "the link has 600 bytes"},
		{"a name twice", func(*Account) {}, `"a" is used twice`},
	}
	for _, tt := range tests {
		a := Account{Name: "a", Key: key}
		tt.change(&a)
		_, err := New(Config{Accounts: []Account{a, {Name: "a", Key: key}}, Now: now})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: error %v", tt.name, err)
		}
	}
}
