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
		{200, `{"errcode":-1,"errmsg":"system busy"}`, 50, chat.SendError{State: chat.SendingQueued, Reason: "errcode -1: system busy"}},
		{200, `{"errcode":45009,"errmsg":"api freq out of limit"}`, 50, chat.SendError{State: chat.SendingQueued, RetryAfter: time.Minute, PausesAccount: true, Reason: "the robot spoke more than 20 times within a minute (45009)"}},
		{200, `{"errcode":93000,"errmsg":"invalid webhook url, ` + key + `"}`, 9, chat.SendError{State: chat.SendingQueued, Reason: "there is no robot with this key (93000): copy the robot's address from the group's settings anew"}},
		{200, `{"errcode":93000}`, 10, chat.SendError{State: chat.SendingDead, Reason: "there is no robot with this key (93000): copy the robot's address from the group's settings anew, 10 times"}},
		{200, `{"errcode":40058,"errmsg":"bad\nkey ` + key + `"}`, 1, chat.SendError{State: chat.SendingQueued, Reason: "errcode 40058: bad key …"}},
		{200, `{"errcode":40058,"errmsg":"` + strings.Repeat("字", 100) + `"}`, 10, chat.SendError{State: chat.SendingDead, Reason: "errcode 40058: " + strings.Repeat("字", 65) + "…, 10 times"}},
		{200, `<html>log in to the guests' network</html>`, 1, chat.SendError{State: chat.SendingQueued, Reason: "the answer is none of the host's: something else answers at its address"}},
		{200, `{}`, 10, chat.SendError{State: chat.SendingDead, Reason: "the answer is none of the host's: something else answers at its address, 10 times"}},
		{502, `<html>`, 50, chat.SendError{State: chat.SendingQueued, Reason: "HTTP 502"}},
		{429, ``, 50, chat.SendError{State: chat.SendingQueued, Reason: "HTTP 429"}},
		{302, ``, 1, chat.SendError{State: chat.SendingQueued, Reason: "HTTP 302"}},
		{404, ``, 10, chat.SendError{State: chat.SendingDead, Reason: "HTTP 404, 10 times"}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status, " ", tt.attempts, " ", shorten(tt.answer, 30)), func(t *testing.T) {
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
		var said []time.Time
		for begin := time.Now(); time.Since(begin) < 10*time.Minute; {
			wait := c.wait("a", time.Now())
			if wait < 0 || wait > window+time.Second {
				t.Fatalf("told to wait %s", wait)
			}
			if wait == 0 {
				said = append(said, time.Now())
				wait = time.Duration(len(said)%3) * time.Second
			}
			time.Sleep(wait)
		}
		for i := perWindow; i < len(said); i++ {
			if gap := said[i].Sub(said[i-perWindow]); gap <= window {
				t.Fatalf("messages %d to %d within %s", i-perWindow, i, gap)
			}
		}
		if len(said) < 190 {
			t.Errorf("only %d messages in ten minutes", len(said))
		}
		if wait := c.wait("b", time.Now()); wait != 0 {
			t.Errorf("another robot waits %s", wait)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Account)
		want   string
	}{
		{"no key", func(a *Account) { a.Key = "" }, "it has no key"},
		{"the whole address", func(a *Account) { a.Key = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=SECRET" }, "its key is none"},
		{"no API", func(a *Account) { a.API = "SECRET" }, "its API is no URL"},
		{"a key in the API", func(a *Account) { a.API = "https://example.com/?key=SECRET" }, "its API is no URL"},
		{"a long link", func(a *Account) { a.Link = strings.Repeat("SECRET", 100) }, "its link has 600 bytes"},
		{"a name twice", func(*Account) {}, "the name stands twice"},
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
