package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
)

// canary is the secret half of the token of every test.
const canary = "CANARY-never-to-be-seen_AAAAAAAAAAA"

const token = "4711:" + canary

// server answers calls by their method.
func server(t testing.TB, answers map[string]http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, ok := strings.CutPrefix(r.URL.Path, "/bot"+token+"/")
		if answer := answers[method]; ok && answer != nil {
			answer(w, r)
			return
		}
		t.Errorf("nobody answers %s", strings.ReplaceAll(r.URL.Path, canary, "…"))
	}))
	t.Cleanup(s.Close)
	return NewClient(Account{Name: "default", Token: token, API: s.URL}, s.Client())
}

// answer answers with a status and a body.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func refusal(code int, description, more string) http.HandlerFunc {
	return answer(code, fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q%s}`, code, description, more))
}

// hangUp takes the request and answers nothing.
func hangUp(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func TestAsSendError(t *testing.T) {
	type want = chat.SendError
	const q, d, u = chat.SendingQueued, chat.SendingDead, chat.SendingUnknown
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   want
	}{
		{
			"too fast", refusal(429, "Too Many Requests: retry after 7", `,"parameters":{"retry_after":7}`),
			want{State: q, RetryAfter: 7 * time.Second, Reason: "Telegram要我们慢一点（429 Too Many Requests: retry after 7）"},
		},
		{"too fast, without a time", refusal(429, "Too Many Requests", ""), want{State: q, RetryAfter: time.Second, Reason: "Telegram要我们慢一点（429 Too Many Requests）"}},
		{"telegram is ill", refusal(500, "Internal Server Error", ""), want{State: q, Reason: "Telegram的服务器出错（500 Internal Server Error）"}},
		{"blocked", refusal(403, "Forbidden: bot was blocked by the user", ""), want{State: d, Reason: "顾客停用了机器人，或账号不在了（403 Forbidden: bot was blocked by the user）"}},
		{"no such chat", refusal(400, "Bad Request: chat not found", ""), want{State: d, Reason: "顾客停用了机器人，或账号不在了（400 Bad Request: chat not found）"}},
		{
			"a supergroup now", refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", `,"parameters":{"migrate_to_chat_id":-100123}`),
			want{State: q, Reason: "群升级了，换成新的群号再送（400 Bad Request: group chat was upgraded to a supergroup chat）"},
		},
		{"the token was withdrawn", refusal(401, "Unauthorized", ""), want{State: q, PausesAccount: true, Reason: "Telegram不认这个机器人的令牌（401 Unauthorized）"}},
		{"a proxy's page", answer(502, "<html>502 Bad Gateway</html>"), want{State: u, Reason: "没等到Telegram的答复：答复不是Telegram的（HTTP 502）"}},
		{"a proxy's JSON", answer(503, `{"error":"unavailable"}`), want{State: u, Reason: "没等到Telegram的答复：答复不是Telegram的（HTTP 503）"}},
		{"a proxy's refusal", answer(429, "slow down"), want{State: q, Reason: "没能送到Telegram：答复不是Telegram的（HTTP 429）"}},
		{"a redirect", answer(302, "elsewhere"), want{State: q, Reason: "没能送到Telegram：答复不是Telegram的（HTTP 302）"}},
		{"hangs up", hangUp, want{State: u, Reason: "没等到Telegram的答复：连接中断了"}},
		{"half an answer", answer(200, `{"ok":true,"result":{"mess`), want{State: u, Reason: "没等到Telegram的答复：答复不是Telegram的（HTTP 200）"}},
		{"another result", answer(200, `{"ok":true,"result":"?"}`), want{State: u, Reason: "没等到Telegram的答复：答复读不懂"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := server(t, map[string]http.HandlerFunc{"sendMessage": tt.answer, "sendPhoto": tt.answer})
			_, err := c.Send(t.Context(), 1, "您好", Options{})
			_, photoErr := c.SendPhoto(t.Context(), 1, []byte("…"), "", Options{})
			for _, err := range []error{err, photoErr} {
				if got := AsSendError(err); got == nil || *got != tt.want {
					t.Errorf("got  %+v\nwant %+v", got, tt.want)
				}
				if strings.Contains(fmt.Sprintf("%+v", err), canary) {
					t.Error("the error holds the token")
				}
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	c := NewClient(Account{Token: token, API: "http://" + address}, &http.Client{})
	_, err = c.Send(t.Context(), 1, "您好", Options{})
	if got := AsSendError(err); got == nil || got.State != chat.SendingQueued {
		t.Errorf("a failed dial gives %+v", got)
	}
	if strings.Contains(err.Error(), canary) || strings.Contains(err.Error(), "/bot") {
		t.Errorf("the error holds the URL: %s", err)
	}
}

func TestSlowAnswerIsUnknown(t *testing.T) {
	c := server(t, map[string]http.HandlerFunc{"sendMessage": func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Send(ctx, 1, "您好", Options{})
	if got := AsSendError(err); got == nil || got.State != chat.SendingUnknown || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %+v of %v", got, err)
	}
}

func TestUnreadableHTMLGoesPlain(t *testing.T) {
	var texts []string
	c := server(t, map[string]http.HandlerFunc{"sendMessage": func(w http.ResponseWriter, r *http.Request) {
		texts = append(texts, r.FormValue("parse_mode")+" "+r.FormValue("text"))
		if r.FormValue("parse_mode") != "" {
			refusal(400, `Bad Request: can't parse entities: Unsupported start tag "x" at byte offset 0`, "")(w, r)
			return
		}
		answer(200, `{"ok":true,"result":{"message_id":9}}`)(w, r)
	}})
	id, err := c.Send(t.Context(), 1, "<b>1 &lt; 2</b>", Options{})
	if got, want := strings.Join(texts, "|"), "HTML <b>1 &lt; 2</b>| 1 < 2"; got != want || id != 9 || err != nil {
		t.Errorf("sent %q, want %q; id %d, %v", got, want, id, err)
	}
}
