package telegram_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// TestFaults checks what a client sees of each fault, what came of its call, and what the ledger says.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name      string
		fault     telegram.Fault
		status    int // that the client gets; 0 is a cut
		kind      string
		body      string
		effective bool
	}{
		{"none", telegram.Fault{}, 200, "application/json", `"ok":true`, true},
		{"cut before", telegram.Cut(telegram.DropBefore), 0, "", "", false},
		{"cut after", telegram.Cut(telegram.DropAfter), 0, "", "", true},
		{"a proxy's page", telegram.BadGateway(), 502, "text/html", "<h1>502 Bad Gateway</h1>", false},
		{"a 5xx in JSON", telegram.Refuse(500, "Internal Server Error: restart"), 500, "application/json", `"description":"Internal Server Error: restart"`, false},
		{"429", telegram.TooMany(7), 429, "application/json", `"parameters":{"retry_after":7}`, false},
		{"slow", telegram.Slow(20 * time.Millisecond), 200, "application/json", `"ok":true`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := stand(t, off())
			s.SetScript(func(c telegram.Call) telegram.Fault {
				if c.Method == "sendMessage" && c.Params["text"] == "hi" {
					return tt.fault
				}
				return telegram.Fault{}
			})
			web := httptest.NewServer(s)
			t.Cleanup(web.Close)
			status, kind, body := post(t, web.URL+"/bot"+token+"/sendMessage", "chat_id=1001&text=hi")
			if status != tt.status || kind != tt.kind || !strings.Contains(body, tt.body) {
				t.Errorf("the client got %d %s %s", status, kind, body)
			}
			there := len(s.Messages(telegram.Place{Chat: customer})) == 2
			calls := s.Calls("sendMessage")
			if there != tt.effective || len(calls) != 1 || calls[0].Accepted != tt.effective || calls[0].Status != tt.status || calls[0].Chat != customer {
				t.Errorf("the message is there: %v; the ledger: %+v", there, calls)
			}
		})
	}
}

// post returns a status of 0 when the connection was cut.
func post(t *testing.T, url, form string) (int, string, string) {
	t.Helper()
	r := got(http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(form))).must(t)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		return 0, "", ""
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	body := got(io.ReadAll(resp.Body)).must(t)
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(body)
}

// TestLimits checks the buckets, on a clock that the test moves.
func TestLimits(t *testing.T) {
	c := newClock()
	s := stand(t, telegram.Config{Now: c.now})
	count := func(form string) int {
		n := 0
		for ask(t, s, "sendMessage", form).OK {
			n++
		}
		return n
	}
	if n := count("chat_id=1001&text=x"); n != 4 {
		t.Errorf("a burst of %d messages to a chat, want 4", n)
	}
	if a := ask(t, s, "sendMessage", "chat_id=1001&text=x"); a.Code != 429 || a.Description != "Too Many Requests: retry after 1" || a.Parameters.RetryAfter != 1 || a.retryAfter != "1" {
		t.Errorf("the refusal is %+v", a)
	}
	c.at = c.at.Add(time.Second)
	if n := count("chat_id=1001&text=x"); n != 1 {
		t.Errorf("%d messages a second later, want 1", n)
	}
	if n := count("chat_id=-700&text=x"); n != 20 {
		t.Errorf("%d messages to a group, want 20", n)
	}
	if a := ask(t, s, "sendMessage", "chat_id=-700&text=x"); a.Parameters.RetryAfter != 3 {
		t.Errorf("a full group asks for %d s, want 3", a.Parameters.RetryAfter)
	}
	c.at = c.at.Add(time.Minute)
	s.SetLimits(telegram.Limits{All: telegram.Bucket{Burst: 2, Every: time.Hour}})
	if n := count("chat_id=1001&text=x"); n != 2 {
		t.Errorf("%d messages of the bot, want 2", n)
	}
	s.SetLimits(telegram.Limits{Off: true})
	s.Throttle(0, customer, 90*time.Second)
	if a := ask(t, s, "sendMessage", "chat_id=1001&text=x"); a.Parameters.RetryAfter != 90 {
		t.Errorf("a throttled chat asks for %d s, want 90", a.Parameters.RetryAfter)
	}
	if a := ask(t, s, "sendMessage", "chat_id=-700&text=x"); !a.OK {
		t.Errorf("another chat is refused: %s", a.Description)
	}
	s.Throttle(0, 0, time.Second)
	if a := ask(t, s, "getMe", ""); a.Code != 429 {
		t.Errorf("a throttled bot gets %d", a.Code)
	}
	c.at = c.at.Add(2 * time.Minute)
	if a := ask(t, s, "sendMessage", "chat_id=1001&text=x"); !a.OK {
		t.Errorf("refused after the time is over: %s", a.Description)
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stand(t, off())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		go func() {
			time.Sleep(time.Second)
			sent(t, s, "sendMessage", "chat_id=1001&text=hi")
		}()
		m, err := s.WaitMessage(ctx, telegram.Place{Chat: customer}, func(m telegram.Message) bool { return m.Bot })
		if err != nil || m.Text != "hi" {
			t.Errorf("waited for %+v, %v", m, err)
		}
		if err := s.Wait(ctx, func() bool { return false }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wait without end gave %v", err)
		}
	})
}
