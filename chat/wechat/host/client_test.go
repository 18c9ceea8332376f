package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
)

const testSecret = "secret-canary-5f3a"

// server answers as a test says, and gives out tokens: "token-1", then "token-2".
type server struct {
	*httptest.Server
	tokens  atomic.Int64 // asked for
	current atomic.Int64 // the number of the one that is given out
	bad     sync.Map     // tokens that are refused
	answer  func(w http.ResponseWriter, r *http.Request)
}

func newServer(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *server {
	t.Helper()
	s := &server{answer: answer}
	s.current.Store(1)
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/cgi-bin/stable_token":
		var ask struct {
			Grant string `json:"grant_type"`
			AppID string `json:"appid"`
			Force *bool  `json:"force_refresh"`
			Key   string `json:"secret"`
		}
		raw, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(raw, &ask); err != nil || ask.Grant != "client_credential" || ask.Force == nil || *ask.Force || ask.Key != testSecret {
			_, _ = fmt.Fprintf(w, `{"errcode":40125,"errmsg":"invalid appsecret"}`)
			return
		}
	case "/cgi-bin/gettoken":
		if q := r.URL.Query(); q.Get("corpid") != "ww0" || q.Get("corpsecret") != testSecret {
			_, _ = fmt.Fprintf(w, `{"errcode":40001,"errmsg":"invalid credential"}`)
			return
		}
	default:
		if _, ok := s.bad.Load(r.URL.Query().Get("access_token")); ok {
			_, _ = fmt.Fprintf(w, `{"errcode":40001,"errmsg":"invalid credential %s"}`, r.URL.Query().Get("access_token"))
			return
		}
		s.answer(w, r)
		return
	}
	s.tokens.Add(1)
	_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":7200}`, s.current.Load())
}

// says answers the same to every call.
func says(body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func testClient(t *testing.T, base string, change func(*Config)) *Client {
	t.Helper()
	c := Config{ID: "wx0", Secret: testSecret, Base: base, Timeout: time.Second}
	if change != nil {
		change(&c)
	}
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestPost(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, `{"errcode":0,"errmsg":"ok","seen":%q}`, fmt.Sprint(r.URL, " ", r.Header.Get("Content-Type"), " ", string(raw)))
	})
	for _, tt := range []struct {
		grant Grant
		id    string
		want  string
	}{
		{Official, "wx0", `/x?access_token=token-1 application/json; charset=utf-8 {"a":"<好>"}`},
		{Enterprise, "ww0", `/x?access_token=token-1 application/json; charset=utf-8 {"a":"<好>"}`},
	} {
		c := testClient(t, s.URL+"/", func(c *Config) { c.Grant, c.ID = tt.grant, tt.id })
		var out struct{ Seen string }
		if err := c.Post(t.Context(), "/x", map[string]string{"a": "<好>"}, &out); err != nil || out.Seen != tt.want {
			t.Errorf("%d: %q, %v", tt.grant, out.Seen, err)
		}
	}
}

func TestReasons(t *testing.T) { chattest.CheckReasons(t, ".") }

func TestEveryErrcode(t *testing.T) {
	for _, tt := range []struct {
		code    int
		message string
		want    chat.SendError // Reason: what it holds
	}{
		{-1, "system error", chat.SendError{State: chat.SendingQueued, Reason: "系统繁忙（微信错误码 -1）"}},
		{40001, "invalid credential", chat.SendError{State: chat.SendingQueued, RetryAfter: time.Minute, PausesAccount: true, Reason: "访问凭证，或者密钥"}},
		{40014, "invalid access_token", chat.SendError{State: chat.SendingQueued, RetryAfter: time.Minute, PausesAccount: true, Reason: "访问凭证"}},
		{42001, "access_token expired", chat.SendError{State: chat.SendingQueued, RetryAfter: time.Minute, PausesAccount: true, Reason: "过期"}},
		{45009, "reach max api daily quota limit", chat.SendError{State: chat.SendingQueued, RetryAfter: time.Hour, PausesAccount: true, Reason: "今天"}},
		{45011, "api minute-quota reach limit", chat.SendError{State: chat.SendingQueued, RetryAfter: time.Minute, PausesAccount: true, Reason: "这一分钟"}},
		{45015, "response out of time limit", chat.SendError{State: chat.SendingQueued, RetryAfter: recheckDelay, AwaitsCustomer: true, Reason: "下次说话"}},
		{45047, "out of response count limit", chat.SendError{State: chat.SendingQueued, RetryAfter: recheckDelay, AwaitsCustomer: true, Reason: "下次说话"}},
		{48001, "api unauthorized", chat.SendError{State: chat.SendingQueued, RetryAfter: recheckDelay, AwaitsCustomer: true, Reason: "没有认证"}},
		{45002, "content size out of limit", chat.SendError{State: chat.SendingDead, Reason: "太长"}},
		{40164, "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist", chat.SendError{State: chat.SendingQueued, RetryAfter: 5 * time.Minute, PausesAccount: true, Reason: "地址 1.2.3.4 不在"}},
		{40164, "not in whitelist", chat.SendError{State: chat.SendingQueued, RetryAfter: 5 * time.Minute, PausesAccount: true, Reason: "IP 白名单"}},
		{61004, "access clientip is not registered", chat.SendError{State: chat.SendingQueued, RetryAfter: 5 * time.Minute, PausesAccount: true, Reason: "IP 白名单"}},
		{40243, "appsecret is frozen", chat.SendError{State: chat.SendingQueued, RetryAfter: 5 * time.Minute, PausesAccount: true, Reason: "解冻"}},
		{40003, "invalid openid", chat.SendError{State: chat.SendingDead, Reason: "没有这位顾客"}},
		{43004, "require subscribe", chat.SendError{State: chat.SendingDead, Reason: "取消关注"}},
		{40013, "invalid appid", chat.SendError{State: chat.SendingQueued, RetryAfter: 5 * time.Minute, PausesAccount: true, Reason: "AppID"}},
		{12345, strings.Repeat("长", 100), chat.SendError{State: chat.SendingQueued, Reason: "错误码 12345：长长"}},
		{95018, "a code of the caller's own", chat.SendError{State: chat.SendingDead, Reason: "自己的说法"}},
	} {
		s := newServer(t, says(fmt.Sprintf(`{"errcode":%d,"errmsg":%q}`, tt.code, tt.message)))
		c := testClient(t, s.URL, func(c *Config) {
			c.Codes = map[int]chat.SendError{95018: {State: chat.SendingDead, Reason: "自己的说法"}}
		})
		err := c.Post(t.Context(), "/x", struct{}{}, nil)
		e, ok := errors.AsType[*chat.SendError](err)
		if !ok || Code(err) != tt.code {
			t.Fatalf("%d: %v, code %d", tt.code, err, Code(err))
		}
		if e.State != tt.want.State || e.RetryAfter != tt.want.RetryAfter || e.PausesAccount != tt.want.PausesAccount || e.AwaitsCustomer != tt.want.AwaitsCustomer ||
			!strings.Contains(e.Reason, tt.want.Reason) || len(e.Reason) > 400 {
			t.Errorf("%d: %+v, want %+v", tt.code, e, tt.want)
		}
		if want := fmt.Sprintf("/x: errcode %d: %.12s", tt.code, tt.message); !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%d: the error is %q, want %q", tt.code, err, want)
		}
	}
}

// A refused token is dropped, another one asked for, and the call made once more; never a third time.
func TestRefusedTokens(t *testing.T) {
	var calls atomic.Int64
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) { calls.Add(1); _, _ = io.WriteString(w, `{}`) })
	c := testClient(t, s.URL, nil)
	for range 3 {
		if err := c.Post(t.Context(), "/x", struct{}{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.tokens.Load(); n != 1 {
		t.Errorf("%d tokens for three calls", n)
	}
	s.bad.Store("token-1", true)
	s.current.Store(2)
	if err := c.Post(t.Context(), "/x", struct{}{}, nil); err != nil || s.tokens.Load() != 2 || calls.Load() != 4 {
		t.Errorf("with a new token: %v, %d tokens, %d calls", err, s.tokens.Load(), calls.Load())
	}
	s.bad.Store("token-2", true) // and no new one
	err := c.Post(t.Context(), "/x", struct{}{}, nil)
	if e, ok := errors.AsType[*chat.SendError](err); !ok || !e.PausesAccount || s.tokens.Load() != 3 {
		t.Errorf("without a new token: %v, %d tokens", err, s.tokens.Load())
	}
	if strings.Contains(err.Error(), "token-2") {
		t.Errorf("the error holds the token: %v", err)
	}
}

// Many that need a token at once ask for it once, and again shortly before its end.
func TestTokensAreShared(t *testing.T) {
	s := newServer(t, says(`{}`))
	var ahead atomic.Int64
	c := testClient(t, s.URL, func(c *Config) {
		c.Now = func() time.Time { return time.Unix(1795500000+ahead.Load(), 0) }
	})
	for _, tt := range []struct{ ahead, want int64 }{{0, 1}, {6899, 1}, {6900, 2}} {
		ahead.Store(tt.ahead)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := c.Post(t.Context(), "/x", struct{}{}, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := s.tokens.Load(); n != tt.want {
			t.Errorf("after %d s: %d tokens, want %d", tt.ahead, n, tt.want)
		}
	}
}

func TestAuthorize(t *testing.T) {
	s := newServer(t, says(`{}`))
	if err := testClient(t, s.URL, nil).Authorize(t.Context()); err != nil {
		t.Error(err)
	}
	wrong := testClient(t, s.URL, func(c *Config) { c.Secret = "wrong" })
	if err := wrong.Authorize(t.Context()); Code(err) != CodeSecret || !strings.Contains(err.Error(), "invalid appsecret") {
		t.Errorf("%v", err)
	}
}

// What breaks tells whether anything can have arrived, and nothing that is secret.
func TestTransport(t *testing.T) {
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	hang := func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body); <-r.Context().Done() }
	status := func(code int) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, "<html>")
		}
	}
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"errcode":0`)
	}
	gone := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for _, tt := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request)
		state  chat.SendingState
		detail string // in the error
		reason string // for agents
	}{
		{"nobody listens", nil, chat.SendingQueued, "connection refused", "连不上对方的服务器"},
		{"no answer", hang, chat.SendingUnknown, "deadline exceeded", "对方一直没有答复"},
		{"cut off before an answer", gone, chat.SendingUnknown, "EOF", "连接中断了"},
		{"cut off in the answer", cut, chat.SendingUnknown, "broke off", reasonAnswerCut},
		{"a proxy's page", status(502), chat.SendingUnknown, "HTTP 502", "HTTP 502"},
		{"a proxy's 503", status(503), chat.SendingQueued, "HTTP 503", "HTTP 503"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/y", http.StatusFound) }, chat.SendingQueued, "HTTP 302", "地址换了"},
		{"no JSON", status(200), chat.SendingUnknown, "not JSON", reasonAnswerShape},
	} {
		base := "http://" + closed.Addr().String()
		if tt.answer != nil {
			base = newServer(t, tt.answer).URL
		}
		timeout := 10 * time.Second
		if tt.name == "no answer" {
			timeout = 100 * time.Millisecond
		}
		c := testClient(t, base, func(c *Config) { c.Timeout = timeout })
		err := c.Post(t.Context(), "/x", struct{}{}, nil)
		e, ok := errors.AsType[*chat.SendError](err)
		if !ok || e.State != tt.state || !strings.Contains(e.Reason, tt.reason) || !strings.Contains(err.Error(), tt.detail) {
			t.Errorf("%s: %v, want %s, %s", tt.name, err, tt.state, tt.reason)
		}
		if strings.Contains(fmt.Sprint(err, e), testSecret) || strings.Contains(fmt.Sprint(err, e), "token-1") {
			t.Errorf("%s: the error holds a secret: %v", tt.name, err)
		}
	}
}

// Without a token nothing has been sent.
func TestNoToken(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	defer s.Close()
	for _, grant := range []Grant{Official, Enterprise} {
		err := testClient(t, s.URL, func(c *Config) { c.Grant = grant }).Post(t.Context(), "/x", struct{}{}, nil)
		if e, ok := errors.AsType[*chat.SendError](err); !ok || e.State != chat.SendingQueued {
			t.Errorf("%d: %v", grant, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := testClient(t, s.URL, nil).Post(ctx, "/x", struct{}{}, nil)
	if e, ok := errors.AsType[*chat.SendError](err); !ok || e.State != chat.SendingQueued || strings.Contains(e.Reason, testSecret) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestMedia(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("media_id") {
		case "picture":
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = io.WriteString(w, "\xff\xd8jpeg")
		case "gone":
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, `{"errcode":40007,"errmsg":"invalid media_id"}`)
		case "odd":
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = io.WriteString(w, `{"errcode":-1,"errmsg":"system error"}`)
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"video_url":"http://x"}`)
		}
	})
	c := testClient(t, s.URL, nil)
	file, err := c.Media(t.Context(), "picture")
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := io.ReadAll(file); err != nil || string(raw) != "\xff\xd8jpeg" {
		t.Errorf("%q, %v", raw, err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	for id, want := range map[string]string{"gone": "errcode 40007", "odd": "errcode -1", "video": "is no file"} {
		if file, err := c.Media(t.Context(), id); file != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v", id, file, err)
		}
	}
}

func TestUpload(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		f, h, err := r.FormFile("media")
		if err != nil {
			_, _ = io.WriteString(w, `{"errcode":41005,"errmsg":"media data missing"}`)
			return
		}
		raw, _ := io.ReadAll(f)
		_, _ = fmt.Fprintf(w, `{"type":%q,"media_id":%q}`, r.URL.Query().Get("type"), fmt.Sprint(h.Filename, " ", h.Header.Get("Content-Type"), " ", string(raw)))
	})
	c := testClient(t, s.URL, nil)
	s.bad.Store("token-1", true) // the file is sent again with another token
	if err := c.Post(t.Context(), "/x", struct{}{}, nil); err == nil {
		t.Fatal("the token was not refused")
	}
	s.current.Store(2)
	id, err := c.Upload(t.Context(), "image", "a.jpg", "image/jpeg", strings.NewReader("jpeg"))
	if want := "a.jpg image/jpeg jpeg"; err != nil || id != want {
		t.Errorf("%q, %v", id, err)
	}
	if _, err := testClient(t, newServer(t, says(`{}`)).URL, nil).Upload(t.Context(), "image", "a.jpg", "image/jpeg", strings.NewReader("")); err == nil {
		t.Error("no media_id is no error")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tt := range []struct {
		c    Config
		want string
	}{
		{Config{ID: "wx0"}, "the secret is empty"},
		{Config{Secret: "s"}, "the app ID is empty"},
		{Config{Grant: Enterprise, Secret: "s"}, "corpid"},
		{Config{ID: "wx0", Secret: "s", Base: "api.weixin.qq.com"}, "base URL"},
		{Config{ID: "wx0", Secret: "s", Base: "ftp://x"}, "base URL"},
		{Config{ID: "wx0", Secret: "s", Base: "http://u:p@x"}, "base URL"},
	} {
		if _, err := New(tt.c); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt.c, err)
		}
	}
	c, err := New(Config{Grant: Enterprise, ID: "ww0", Secret: "s"})
	if err != nil || c.Host() != "qyapi.weixin.qq.com" {
		t.Errorf("%v", err)
	}
}
