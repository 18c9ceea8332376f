package telegram

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
)

// text is an update with a text of ann's.
func text(update int, text string) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":7,"date":1700000000,"chat":{"id":42,"type":"private"},"from":{"id":42,"first_name":"安娜"},"text":%q}}`, update, text)
}

// TestHook: the statuses of pushes.
func TestHook(t *testing.T) {
	h := newHouse(t, hooked)
	h.inbox.fail = func(m chat.Message) error {
		switch m.Text {
		case "忙":
			return fmt.Errorf("%w: full", chat.ErrBusy)
		case "坏":
			return errBroken
		}
		return nil
	}
	const right = "secret-of-the-hook"
	for _, tt := range []struct {
		name, method, secret, body string
		want                       int
	}{
		{"well", "POST", right, text(1, "费率"), 200},
		{"again", "POST", right, text(1, "费率"), 200},
		{"no secret", "POST", "", text(2, "费率"), 401},
		{"a wrong secret", "POST", right + "x", text(2, "费率"), 401},
		{"a look", "GET", right, "", 405},
		{"busy", "POST", right, text(2, "忙"), 503},
		{"broken", "POST", right, text(2, "坏"), 500},
		{"nothing", "POST", right, "", 400},
		{"no JSON", "POST", right, "<html>", 400},
		{"two of them", "POST", right, text(1, "费率") + text(2, "费率"), 400},
		{"no id", "POST", right, `{"message":{}}`, 400},
		{"an id that is none", "POST", right, `{"update_id":"7"}`, 400},
		{"a list", "POST", right, `[]`, 400},
		{"too large", "POST", right, `{"update_id":1,"x":"` + strings.Repeat("x", 1<<20) + `"}`, 413},
		{"nobody's business", "POST", right, `{"update_id":9,"poll":{"id":"1"}}`, 200},
		{"a new kind of thing", "POST", right, `{"update_id":9,"message":{"chat":[],"text":5}}`, 200},
		{"a channel", "POST", right, `{"update_id":9,"channel_post":{"message_id":1,"chat":{"id":-100,"type":"channel"}}}`, 200},
		{"a bot", "POST", right, strings.Replace(text(10, "费率"), `"first_name"`, `"is_bot":true,"first_name"`, 1), 200},
		{"blocked", "POST", right, `{"update_id":11,"my_chat_member":{"chat":{"id":42,"type":"private"},"new_chat_member":{"status":"kicked"}}}`, 200},
	} {
		r := httptest.NewRequestWithContext(t.Context(), tt.method, HookPath("default"), strings.NewReader(tt.body))
		if tt.secret != "" {
			r.Header.Set("X-Telegram-Bot-Api-Secret-Token", tt.secret)
		}
		w := httptest.NewRecorder()
		h.hooks.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, w.Code, tt.want)
		}
		if (w.Header().Get("Retry-After") != "") != (w.Code == http.StatusServiceUnavailable) {
			t.Errorf("%s: Retry-After is %q", tt.name, w.Header().Get("Retry-After"))
		}
	}
	h.heard(1)
	if _, ok := h.channel.Hook("nobody"); ok {
		t.Error("an account that is not there has a hook")
	}
	if _, ok := newHouse(t).channel.Hook("default"); ok {
		t.Error("an account that polls has a hook")
	}
}

// TestPanic: an update that makes somebody panic is not acknowledged, and nothing else falls with it.
func TestPanic(t *testing.T) {
	h := newHouse(t, hooked, func(h *house) {
		h.inbox.Reply = nil
		h.inbox.fail = func(m chat.Message) error {
			if m.Text == "炸" {
				panic("机密")
			}
			return nil
		}
	})
	if got := h.pushRaw(text(1, "炸")); got != 500 {
		t.Errorf("the status is %d", got)
	}
	if got := h.pushRaw(text(2, "费率")); got != 200 {
		t.Errorf("the next one's is %d", got)
	}
}

// pushSecret is what pushes bring.
const pushSecret = "0123456789abcdef"

// FuzzUpdate pushes any body: never a panic, and a status that says what Telegram should do.
func FuzzUpdate(f *testing.F) {
	for _, seed := range []string{
		text(1, "费率"),
		`{"update_id":1,"edited_message":{"message_id":7,"edit_date":5,"chat":{"id":42,"type":"private"},"from":{"id":42},"text":"a"}}`,
		`{"update_id":1,"message":{"message_id":7,"chat":{"id":-1001,"type":"supergroup"},"from":{"id":42},"text":"@yingda_bot x","entities":[{"type":"mention","offset":-1,"length":99}]}}`,
		`{"update_id":1,"message":{"message_id":7,"chat":{"id":-1001,"type":"supergroup"},"from":{"id":42},"text":"/a@yingda_bot","entities":[{"type":"bot_command","offset":0,"length":99}]}}`,
		`{"update_id":1,"message":{"message_id":7,"chat":{"id":42,"type":"private"},"from":{"id":42},"venue":{"title":"店","address":"长沙"},"location":{}}}`,
		`{"update_id":1,"message":{"message_id":7,"chat":{"id":42,"type":"private"},"from":{"id":42},"contact":{"user_id":42,"phone_number":"+86138"}}}`,
		`{"update_id":1,"message":{"message_id":7,"chat":{"id":42,"type":"private"},"from":{"id":42},"photo":[{"file_id":"a","file_size":99999999}],"media_group_id":"5"}}`,
		`{"update_id":1,"callback_query":{"id":"1","from":{"id":42},"data":"o.a.1.0.x","message":{"message_id":7,"chat":{"id":42,"type":"private"}}}}`,
		`{"update_id":1,"callback_query":{"id":"1","data":"l.hant"}}`,
		`{"update_id":1,"my_chat_member":{}}`, `{"update_id":1}`, `null`, `[]`, `{`,
	} {
		f.Add(seed)
	}
	c, err := New(Config{
		Accounts: []Account{{Name: "default", Token: token, Webhook: "https://example.com", Secret: pushSecret}},
		Inbox:    sink{}, KV: sink{}, Pictures: sink{}, Conversations: sink{}, Traditional: strings.ToUpper,
		Client: &http.Client{Transport: deaf{}}, Now: time.Now,
	})
	if err != nil {
		f.Fatal(err)
	}
	hook, _ := c.Hook("default")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, HookPath("default"), strings.NewReader(body))
		r.Header.Set(secretHeader, pushSecret)
		w := httptest.NewRecorder()
		hook.ServeHTTP(w, r)
		switch w.Code {
		case 200, 400, 413:
		default:
			t.Errorf("%d for %q", w.Code, body)
		}
	})
}

// deaf is a Telegram that refuses everything, but says who the bot is.
type deaf struct{}

func (deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	w := httptest.NewRecorder()
	if strings.HasSuffix(r.URL.Path, "/getMe") {
		_, _ = w.WriteString(`{"ok":true,"result":{"id":4711,"is_bot":true,"username":"yingda_bot"}}`)
	} else {
		refusal(400, "Bad Request: no", "")(w, r)
	}
	return w.Result(), nil
}

// sink takes everything and keeps nothing; every message was said before, with other words.
type sink struct{ chat.Pictures }

func (sink) Deliver(context.Context, chat.OpenRequest, chat.Message) (chat.Receipt, error) {
	return chat.Receipt{}, nil
}
func (sink) Forget(context.Context, string, string, string) error { return nil }
func (sink) SetKV(context.Context, ...chat.KV) error              { return nil }
func (sink) ClaimKV(_ context.Context, m chat.KV) ([]byte, error) {
	return m.Value, nil
}

func (sink) GetKV(_ context.Context, key string) ([]byte, error) {
	if strings.Contains(key, "/said/") {
		return []byte(encodeJSON(MessageRef{Sum: "?"})), nil
	}
	return nil, chat.ErrNotFound
}

func (sink) ListEntries(context.Context, string, int64, int) ([]chat.Entry, error) { return nil, nil }

func (sink) FindExternalID(context.Context, string, int64) (string, error) {
	return "", chat.ErrNotFound
}
