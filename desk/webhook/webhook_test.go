package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
)

const secret = "0123456789abcdef"

// now is when the tests happen.
func now() time.Time { return time.Unix(1795500000, 0) }

// body is an announcement.
const body = `{"id":"a1","event":"ticket.opened","ticket":{"number":"1124-7K3F"}}`

// to makes a channel with an account "a" for a receiver's address.
func to(t *testing.T, url string) *Channel {
	t.Helper()
	c, err := New([]Account{{Name: "a", URL: url, Secret: []byte(secret)}}, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSendIsSigned(t *testing.T) {
	type request struct {
		method, path, user, contentType string
		header                          http.Header
		body                            string
	}
	var got request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		user, _, _ := r.BasicAuth()
		got = request{r.Method, r.URL.Path, user, r.Header.Get("Content-Type"), r.Header, string(b)}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	c := to(t, strings.Replace(server.URL, "http://", "http://me:pass@", 1)+"/hook")
	if _, err := c.Send(t.Context(), chat.Sending{ID: 7, Account: "a", Body: []byte(body)}); err != nil {
		t.Fatal(err)
	}
	if got.method != http.MethodPost || got.path != "/hook" || got.user != "me" || got.contentType != "application/json; charset=utf-8" || got.body != body {
		t.Errorf("got %+v", got)
	}
	// printf '1795500000.%s' "$body" | openssl dgst -sha256 -hmac 0123456789abcdef
	want := map[string]string{
		HeaderID: "a1", HeaderEvent: "ticket.opened", HeaderTimestamp: "1795500000", HeaderSignature: "sha256=82495262ae475b45b73203cbd9a0ca162c9e17ee14628323918d75bf87a1d1a2",
	}
	for name, value := range want {
		if got.header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), value)
		}
	}
	if err := Verify([]byte(secret), got.header, []byte(got.body), now()); err != nil {
		t.Error(err)
	}
}

func TestVerifyRefuses(t *testing.T) {
	at := strconv.FormatInt(now().Unix(), 10)
	tests := []struct {
		name            string
		secret          string
		timestamp, sign string
		body            string
		now             time.Time
		ok              bool
	}{
		{"genuine", secret, at, Sign([]byte(secret), at, []byte(body)), body, now(), true},
		{"a little late", secret, at, Sign([]byte(secret), at, []byte(body)), body, now().Add(Tolerance), true},
		{"old", secret, at, Sign([]byte(secret), at, []byte(body)), body, now().Add(Tolerance + time.Second), false},
		{"from the future", secret, at, Sign([]byte(secret), at, []byte(body)), body, now().Add(-Tolerance - time.Second), false},
		{"changed", secret, at, Sign([]byte(secret), at, []byte(body)), body + " ", now(), false},
		{"another time", secret, at + "0", Sign([]byte(secret), at, []byte(body)), body, now(), false},
		{"of another", secret, at, Sign([]byte("another secret!!"), at, []byte(body)), body, now(), false},
		{"not signed", secret, at, "", body, now(), false},
		{"no time", secret, "", Sign([]byte(secret), "", []byte(body)), body, now(), false},
		{"no secret", "", at, Sign(nil, at, []byte(body)), body, now(), false},
	}
	for _, tt := range tests {
		h := http.Header{}
		h.Set(HeaderTimestamp, tt.timestamp)
		h.Set(HeaderSignature, tt.sign)
		err := Verify([]byte(tt.secret), h, []byte(tt.body), tt.now)
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrSignature) {
			t.Errorf("%s: error %v", tt.name, err)
		}
	}
}

func TestSendJudgesTheAnswer(t *testing.T) {
	tests := []struct {
		code       int
		retryAfter string
		attempts   int
		want       chat.SendError // State "" for sent
	}{
		{200, "", 1, chat.SendError{}},
		{202, "60", 1, chat.SendError{}},
		{429, "", 1, chat.SendError{State: chat.SendingQueued, Reason: "对方要我们慢一点（HTTP 429）"}},
		{429, "60", 1, chat.SendError{State: chat.SendingQueued, RetryAfter: time.Minute, PausesAccount: true, Reason: "对方要我们慢一点（HTTP 429）"}},
		{503, now().Add(time.Minute).UTC().Format(http.TimeFormat), 99, chat.SendError{State: chat.SendingQueued, RetryAfter: time.Minute, PausesAccount: true, Reason: "对方的服务器出错（HTTP 503）"}},
		{503, "999999", 1, chat.SendError{State: chat.SendingQueued, RetryAfter: time.Hour, PausesAccount: true, Reason: "对方的服务器出错（HTTP 503）"}},
		{503, "-5", 1, chat.SendError{State: chat.SendingQueued, Reason: "对方的服务器出错（HTTP 503）"}},
		{503, "99999999999999999999", 1, chat.SendError{State: chat.SendingQueued, Reason: "对方的服务器出错（HTTP 503）"}},
		{503, "Mon, 01 Jan 2001 00:00:00 GMT", 1, chat.SendError{State: chat.SendingQueued, Reason: "对方的服务器出错（HTTP 503）"}},
		{408, "", 99, chat.SendError{State: chat.SendingQueued, Reason: "对方不收（HTTP 408）"}},
		{410, "", 1, chat.SendError{State: chat.SendingDead, Reason: "对方的地址不对（HTTP 410）"}},
		{401, "", 9, chat.SendError{State: chat.SendingQueued, Reason: "对方不认我们的身份（HTTP 401）"}},
		{401, "", 10, chat.SendError{State: chat.SendingDead, Reason: "对方不认我们的身份（HTTP 401），试了10次"}},
		{302, "", 1, chat.SendError{State: chat.SendingQueued, Reason: "对方的地址换了（HTTP 302）"}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.code, " ", tt.retryAfter, " ", tt.attempts), func(t *testing.T) {
			requests := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests++
				w.Header().Set("Location", "/elsewhere")
				if tt.retryAfter != "" {
					w.Header().Set("Retry-After", tt.retryAfter)
				}
				w.WriteHeader(tt.code)
			}))
			defer server.Close()
			_, err := to(t, server.URL).Send(t.Context(), chat.Sending{Account: "a", Body: []byte(body), Attempts: tt.attempts})
			got := chat.SendError{}
			if e, ok := errors.AsType[*chat.SendError](err); ok {
				got = *e
			} else if err != nil {
				t.Fatal(err)
			}
			if got != tt.want || requests != 1 {
				t.Errorf("got %+v after %d requests, want %+v after one", got, requests, tt.want)
			}
		})
	}
}

func TestSendFailsOnTheWay(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	block := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-block }))
	defer slow.Close()
	defer close(block)
	tests := []struct {
		name, url, account, body string
		state                    chat.SendingState
	}{
		{"refused", strings.Replace(gone.URL, "http://", "http://me:SECRET@", 1) + "/?key=SECRET", "a", body, chat.SendingQueued},
		{"no answer", slow.URL + "/?key=SECRET", "a", body, chat.SendingQueued},
		{"unknown account", gone.URL, "b", body, chat.SendingQueued},
		{"no announcement", gone.URL, "a", `{"seq":1}`, chat.SendingDead},
	}
	for _, tt := range tests {
		c := to(t, tt.url)
		c.client.Timeout = 100 * time.Millisecond
		_, err := c.Send(t.Context(), chat.Sending{Account: tt.account, Body: []byte(tt.body), Attempts: 50})
		e, ok := errors.AsType[*chat.SendError](err)
		if !ok || e.State != tt.state || e.Reason == "" || strings.Contains(e.Reason, "SECRET") {
			t.Errorf("%s: error %v", tt.name, err)
		}
	}
}

// TestReasons walks all that agents may read of an announcement that did not arrive.
func TestReasons(t *testing.T) { chattest.CheckReasons(t, ".") }

func TestNewRefuses(t *testing.T) {
	good := Account{Name: "a", URL: "https://example.com/SECRET", Secret: []byte(secret)}
	tests := []struct {
		name   string
		change func(*Account)
		want   string
	}{
		{"no secret", func(a *Account) { a.Secret = nil }, "missing secret"},
		{"a short secret", func(a *Account) { a.Secret = []byte("short") }, "the secret has 5 bytes"},
		{"no URL", func(a *Account) { a.URL = "" }, "invalid URL"},
		{"no host", func(a *Account) { a.URL = "https:///SECRET" }, "invalid URL"},
		{"a file", func(a *Account) { a.URL = "file:///SECRET" }, "invalid URL"},
		{"no URL at all", func(a *Account) { a.URL = "http://SECRET\x00" }, "invalid URL"},
		{"a name twice", func(*Account) {}, `"a" is used twice`},
	}
	for _, tt := range tests {
		a := good
		tt.change(&a)
		_, err := New([]Account{a, good}, nil, now)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: error %v", tt.name, err)
		}
	}
}

// receiver is one as docs/desk.md describes it: it verifies, and knows repeats by their id.
type receiver struct {
	mu      sync.Mutex
	seen    map[string]bool
	handled []string
	calls   int
	lose    int // how many first answers are lost
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 1<<20))
	if err != nil || Verify([]byte(secret), req.Header, b, time.Now()) != nil {
		http.Error(w, "not genuine", http.StatusUnauthorized)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	if id := req.Header.Get(HeaderID); !r.seen[id] {
		r.seen[id] = true
		r.handled = append(r.handled, id)
	}
	if r.lose--; r.lose >= 0 {
		panic(http.ErrAbortHandler) // it has the announcement, but nobody hears so
	}
}

func TestReceiverThatKnowsRepeatsGetsEachOnce(t *testing.T) {
	r := &receiver{seen: map[string]bool{}, lose: 2}
	server := httptest.NewUnstartedServer(r)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Start()
	defer server.Close()
	c, err := New([]Account{{Name: "a", URL: server.URL, Secret: []byte(secret)}}, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	o := chattest.NewOutbox(time.Now)
	for _, id := range []string{"1", "2", "3"} {
		b := bytes.ReplaceAll([]byte(body), []byte("a1"), []byte(id))
		o.AddBody(chat.Sending{Lane: "ticket", Channel: "webhook", Account: "a", Idempotent: true, Body: b})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	chat.NewCourier(chat.CourierConfig{
		Outbox: o, Channels: []chat.Channel{c}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Random: func() float64 { return 0 },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Observe: chat.Observer{Settled: func(chat.Sending, chat.Settlement, time.Duration) {
			if o.Count()[chat.SendingSent] == 3 {
				cancel()
			}
		}},
	}).Run(ctx)
	if got := strings.Join(r.handled, ""); got != "123" || r.calls != 5 {
		t.Errorf("handled %s in %d calls, want 123 in 5", got, r.calls)
	}
}
