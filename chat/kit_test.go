package chat_test

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

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
)

func TestReasons(t *testing.T) { chattest.CheckReasons(t, ".") }

func TestAccounts(t *testing.T) {
	accounts := chat.Accounts[int]{}
	if err := accounts.Add("a", 1); err != nil {
		t.Fatal(err)
	}
	if err := accounts.Add("a", 2); err == nil || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("a name was added twice: %v", err)
	}
	if a, err := accounts.Find(chat.Sending{Account: "a"}); a != 1 || err != nil {
		t.Errorf("got %d, %v", a, err)
	}
	_, err := accounts.Find(chat.Sending{Account: "b"})
	if e, ok := errors.AsType[*chat.SendError](err); !ok || e.State != chat.SendingQueued || !strings.Contains(e.Reason, "b") {
		t.Errorf("got %v", err)
	}
}

func TestValidateAccountName(t *testing.T) {
	for in, want := range map[string]bool{"default": true, "a-b_1": true, "": false, "A": false, "a/b": false, strings.Repeat("a", 65): false} {
		if err := chat.ValidateAccountName(in); (err == nil) != want {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestDecodeBody(t *testing.T) {
	e, err := chat.DecodeBody[chat.Entry](chat.Sending{Body: []byte(`{"seq":3,"quotes_seq":2}`)})
	if err != nil || e.Seq != 3 || e.QuotesSeq != 2 {
		t.Errorf("got %+v, %v", e, err)
	}
	_, err = chat.DecodeBody[chat.Entry](chat.Sending{Body: []byte("{")})
	if e, ok := errors.AsType[*chat.SendError](err); !ok || e.State != chat.SendingDead {
		t.Errorf("got %v", err)
	}
}

func TestBackoff(t *testing.T) {
	b := chat.Backoff{First: time.Second, Max: 5 * time.Minute}
	for _, tt := range []struct {
		failures int
		random   float64
		want     time.Duration
	}{
		{0, 0.5, time.Second},
		{1, 0.5, time.Second},
		{1, 0, 750 * time.Millisecond},
		{4, 0.5, 8 * time.Second},
		{9, 0.5, 256 * time.Second},
		{10, 0.5, 5 * time.Minute},
		{1 << 40, 0, 225 * time.Second},
	} {
		if got := b.Delay(tt.failures, tt.random); got != tt.want {
			t.Errorf("%d, %v: got %s, want %s", tt.failures, tt.random, got, tt.want)
		}
	}
}

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if err := chat.Sleep(t.Context(), time.Minute); err != nil || time.Since(begin) != time.Minute {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := chat.Sleep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestReadBody(t *testing.T) {
	for _, tt := range []struct {
		limit int64
		want  string
		err   error
	}{{5, "", chat.ErrBodyTooLarge}, {6, "answer", nil}, {9, "answer", nil}} {
		got, err := chat.ReadBody(&http.Response{Body: io.NopCloser(strings.NewReader("answer"))}, tt.limit)
		if string(got) != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%d: %q, %v", tt.limit, got, err)
		}
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, "-1": 0, "soon": 0,
		"Mon, 30 Nov 2026 08:01:00 GMT": time.Minute, "Mon, 30 Nov 2026 07:59:00 GMT": 0,
	} {
		if got := chat.ParseRetryAfter(in, now); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestRequestTrace(t *testing.T) {
	do := func(url string) (*chat.RequestTrace, error) {
		var trace chat.RequestTrace
		req, err := http.NewRequestWithContext(trace.WithTrace(t.Context()), http.MethodPost, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&http.Client{Transport: &http.Transport{}}).Do(req) //nolint:bodyclose // DiscardBody closes it
		if err == nil {
			chat.DiscardBody(resp, 1)
			t.Fatal("a server answered")
		}
		return &trace, err
	}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	if trace, err := do(server.URL); !trace.MayHaveArrived(err) || chat.NetworkReason(err) != "连接中断了" {
		t.Errorf("a connection that broke: %v, %s", err, chat.NetworkReason(err))
	}
	server.Close()
	if trace, err := do(server.URL); trace.MayHaveArrived(err) || chat.NetworkReason(err) != "连不上对方的服务器" {
		t.Errorf("no server: %v, %s", err, chat.NetworkReason(err))
	}
}
