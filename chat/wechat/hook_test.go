package wechat_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/chat/chattest"
	"github.com/yingda/yingda/chat/wechat"
)

// pushed is what a hook answered.
type pushed struct {
	status int
	body   string
}

// push brings the fields of a message to the hook as WeChat would, in plain mode.
func push(t *testing.T, h http.Handler, from, fields string) pushed {
	t.Helper()
	body := "<xml><ToUserName>" + ghID + "</ToUserName><FromUserName>" + from + "</FromUserName><CreateTime>" +
		strconv.FormatInt(time.Now().Unix(), 10) + "</CreateTime>" + fields + "</xml>"
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hooks/wechat/default?"+signed(time.Now()).Encode(), strings.NewReader(body))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return pushed{w.Code, w.Body.String()}
}

// signed are the parameters of a genuine request.
func signed(at time.Time) url.Values {
	timestamp, nonce := strconv.FormatInt(at.Unix(), 10), rand.Text()
	parts := []string{token, timestamp, nonce}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return url.Values{"signature": {hex.EncodeToString(sum[:])}, "timestamp": {timestamp}, "nonce": {nonce}}
}

// newHook is a channel's hook by itself, with an AES key or without.
func newHook(t testing.TB, key string) (http.Handler, *chattest.Inbox, *bytes.Buffer) {
	t.Helper()
	outbox := chattest.NewOutbox(time.Now)
	inbox := chattest.NewInbox(outbox)
	inbox.Reply = echo
	log := &bytes.Buffer{}
	c, err := wechat.New(wechat.Config{
		Accounts: []wechat.Account{{Name: "default", AppID: appID, Secret: secret, Token: token, AESKey: key, OriginalID: ghID}},
		Inbox:    inbox, Outbox: outbox, KV: inbox, Pictures: inbox, Log: slog.New(slog.NewTextHandler(log, nil)),
		Transport: broken{},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(t.Context()) })
	h, ok := c.Hook("default")
	if _, unknown := c.Hook("other"); !ok || unknown {
		t.Fatal("the hooks are wrong")
	}
	return h, inbox, log
}

// broken is a network that is not there.
type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func TestHookRefuses(t *testing.T) {
	text := "<MsgType>text</MsgType><Content>在吗</Content><MsgId>1</MsgId>"
	message := "<xml><ToUserName>" + ghID + "</ToUserName><FromUserName>o1</FromUserName><CreateTime>1764000000</CreateTime>" + text + "</xml>"
	with := func(q url.Values, more ...string) url.Values {
		for i := 0; i < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		return q
	}
	now := time.Now()
	for _, tt := range []struct {
		name, key, method string
		query             url.Values
		body              string
		want              int
		log               string
	}{
		{"as it should be", "", "POST", signed(now), message, 200, ""},
		{"no signature", "", "POST", url.Values{}, message, 403, "signature"},
		{"a wrong signature", "", "POST", with(signed(now), "nonce", "43"), message, 403, "signature"},
		{"yesterday's", "", "POST", signed(now.Add(-24 * time.Hour)), message, 403, "clock"},
		{"tomorrow's", "", "POST", signed(now.Add(24 * time.Hour)), message, 403, "clock"},
		{"too long", "", "POST", signed(now), message + strings.Repeat(" ", 64<<10), 413, "too long"},
		{"no XML", "", "POST", signed(now), `{"a":1}`, 400, "no XML"},
		{"nothing", "", "POST", signed(now), "", 400, "no XML"},
		{"nobody's", "", "POST", signed(now), "<xml><ToUserName>" + ghID + "</ToUserName><CreateTime>1</CreateTime>" + text + "</xml>", 400, "no XML"},
		{"another account's", "", "POST", signed(now), strings.Replace(message, ghID, "gh_other", 1), 422, "original ID"},
		{"cipher text without a key", "", "POST", signed(now), "<xml><ToUserName>" + ghID + "</ToUserName><Encrypt>abc</Encrypt></xml>", 422, "no AES key"},
		{"plain text with a key", aesKey, "POST", signed(now), message, 403, "safe mode"},
		{"forged cipher text", aesKey, "POST", signed(now), "<xml><Encrypt>abc</Encrypt></xml>", 403, "signature"},
		{"a genuine handshake", "", "GET", with(signed(now), "echostr", "<b>123"), "", 200, ""},
		{"a forged handshake", "", "GET", url.Values{"echostr": {"123"}}, "", 403, "signature"},
		{"another method", "", "PUT", signed(now), message, 405, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, inbox, log := newHook(t, tt.key)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tt.method, "/hooks/wechat/default?"+tt.query.Encode(), strings.NewReader(tt.body)))
			if w.Code != tt.want || !strings.Contains(log.String(), tt.log) {
				t.Errorf("%d, log %q", w.Code, log)
			}
			if kept := len(inbox.Messages()); (kept == 1) != (tt.want == 200 && tt.method == "POST") {
				t.Errorf("%d messages were kept", kept)
			}
			if tt.method == "GET" && w.Code == 200 && (w.Body.String() != "<b>123" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain")) {
				t.Errorf("%q, %v", w.Body, w.Header())
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	good := wechat.Account{Name: "default", AppID: appID, Secret: secret, Token: token, AESKey: aesKey}
	for _, tt := range []struct {
		change func(*wechat.Account)
		want   string
	}{
		{func(a *wechat.Account) { a.AppID = "" }, "app ID (AppID) is empty"},
		{func(a *wechat.Account) { a.Secret = "" }, "secret (AppSecret) is empty"},
		{func(a *wechat.Account) { a.Token = "" }, "token (令牌) is empty"},
		{func(a *wechat.Account) { a.Token = token[:2] }, "a token is 3 to 32 letters and digits"},
		{func(a *wechat.Account) { a.Token = token + strings.Repeat("a", 32) }, "a token is 3 to 32 letters and digits"},
		{func(a *wechat.Account) { a.AESKey = aesKey[1:] + "+" }, "43 letters and digits"},
		{func(a *wechat.Account) { a.AESKey = aesKey[1:] }, "43 letters and digits"},
		{func(a *wechat.Account) { a.Name = "a/b" }, "a-z"},
		{func(a *wechat.Account) { a.API = "api" }, "base URL"},
	} {
		a := good
		tt.change(&a)
		_, err := wechat.New(wechat.Config{Accounts: []wechat.Account{a}})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), aesKey[2:]) {
			t.Errorf("%v, want %q", err, tt.want)
		}
	}
	if _, err := wechat.New(wechat.Config{Accounts: []wechat.Account{good, good}}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("twice: %v", err)
	}
	if _, err := wechat.New(wechat.Config{Accounts: []wechat.Account{good}}); err != nil {
		t.Error(err)
	}
}

// A body as large as is let in costs little, whatever stands in it.
func TestLargestBodies(t *testing.T) {
	h, _, _ := newHook(t, "")
	for name, body := range map[string]string{
		"attributes": "<xml " + strings.Repeat(`a="b" `, 10000) + "/>",
		"depth":      strings.Repeat("<xml>", 12000),
		"text":       "<xml><Content>" + strings.Repeat("长", 21000) + "</Content></xml>",
		"entities":   "<xml><Content>" + strings.Repeat("&lt;", 15000) + "</Content></xml>",
	} {
		body = body[:min(len(body), 64<<10)]
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/?"+signed(time.Now()).Encode(), strings.NewReader(body)))
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; w.Code != 400 || used > 16<<20 {
			t.Errorf("%s: %d, %d bytes", name, w.Code, used)
		}
	}
}
