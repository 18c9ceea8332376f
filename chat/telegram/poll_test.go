package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

// TestPollerGivesUp: an update that fails for long, while others are kept, does not hold up everything for
// ever; one that fails because the database is busy is never given up.
func TestPollerGivesUp(t *testing.T) {
	for _, tt := range []struct {
		name   string
		err    error
		others bool
		want   bool // given up within a day
	}{
		{"broken, while others are kept", errBroken, true, true},
		{"broken, like all others", errBroken, false, false},
		{"busy", chat.ErrBusy, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := &book{Inbox: chattest.NewInbox(chattest.NewOutbox(time.Now)), entries: map[string][]chat.Entry{}, externals: map[string][]string{}}
				tries := 0
				in.fail = func(chat.Message) error { tries++; return tt.err }
				c, err := New(Config{
					Accounts: []Account{{Name: "default", Token: token}}, Inbox: in, KV: in, Pictures: in, Conversations: in,
					Now: time.Now, Random: func() float64 { return 0.5 },
				})
				if err != nil {
					t.Fatal(err)
				}
				p := newPoller(c, c.accounts["default"])
				u, err := DecodeUpdate([]byte(text(1, "费率")))
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				if tt.others {
					time.AfterFunc(time.Minute, func() { p.mu.Lock(); p.succeeded.Add(1); p.mu.Unlock() })
				}
				if got := p.process(ctx, u); got != tt.want {
					t.Errorf("given up: %v, after %d tries", got, tries)
				}
				if !tt.want && tries > 24*60+20 {
					t.Errorf("%d tries in a day", tries)
				}
			})
		})
	}
}

// TestSlowPictureHoldsUpNobody: while a picture is on its way to us, others are heard.
func TestSlowPictureHoldsUpNobody(t *testing.T) {
	h := newHouse(t)
	through := make(chan struct{})
	letThrough := sync.OnceFunc(func() { close(through) })
	defer letThrough()
	h.server.SetScript(func(c standin.Call) standin.Fault {
		if c.Method == "getFile" {
			<-through
		}
		return standin.Fault{}
	})
	h.send(ann, standin.Content{Photo: jpegOf(t, 64, 48), Text: "看这个"})
	h.run()
	h.say(ann, "看到了吗")
	for i := range 3 {
		h.say(ben, fmt.Sprint("问", i))
		h.answer(ben, fmt.Sprint("答：问", i))
	}
	letThrough()
	h.answer(ann, "答：看到了吗")
	h.heard(5)
	h.until("the confirmation", func() bool { return h.server.Pending(0) == 0 })
}

// TestTyping: the sign is shown for as long as the answer takes, and not for what is answered at once.
func TestTyping(t *testing.T) {
	for took, want := range map[time.Duration]int{50 * time.Millisecond: 0, time.Second: 1, 10 * time.Second: 3} {
		synctest.Test(t, func(t *testing.T) {
			shown := 0
			a := Account{Name: "default", Token: token}
			client := NewClient(a, &http.Client{Transport: trip(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "/sendChatAction") {
					shown++
				}
				return deaf{}.RoundTrip(r)
			})})
			c := &Channel{Config: Config{Sleep: chat.Sleep}}
			stop := c.typing(t.Context(), &incoming{account: &account{Account: a, Client: client}, to: Address{Chat: ann}})
			time.Sleep(took)
			stop()
			if shown != want {
				t.Errorf("in %s the sign was shown %d times, want %d", took, shown, want)
			}
		})
	}
}

// TestComplaints: the log says in words what is wrong, and all goes on when it is mended.
func TestComplaints(t *testing.T) {
	for _, tt := range []struct {
		name, method string
		fault        standin.Fault
		want         string
	}{
		{"two pollers", "getUpdates", standin.Refuse(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"), "another program polls with the same token"},
		{"a webhook", "getUpdates", standin.Refuse(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"), "a webhook is set for the same token"},
		{"no such token", "getMe", standin.Refuse(401, "Unauthorized"), "Telegram does not know the token: ask @BotFather"},
		{"away", "getMe", standin.BadGateway(), "Telegram cannot be reached"},
		{"ill", "deleteWebhook", standin.Refuse(502, "Bad Gateway"), "Telegram is in trouble itself"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.script(tt.method, tt.fault, tt.fault)
			h.run()
			h.say(ann, "费率")
			h.answer(ann, "答：费率")
			if n := strings.Count(h.log.String(), tt.want); n != 2 {
				t.Errorf("%q stands in the log %d times:\n%s", tt.want, n, h.log)
			}
		})
	}
}

// TestSetup: a bot that polls takes its webhook away, one that is pushed to sets it with the secret.
func TestSetup(t *testing.T) {
	h := newHouse(t).run()
	h.until("polling", func() bool { return strings.Contains(h.log.String(), "polling Telegram") })
	if calls := h.server.Calls("deleteWebhook"); len(calls) != 1 || calls[0].Params["drop_pending_updates"] != "" {
		t.Errorf("the webhook was removed by %+v", calls)
	}
	h = newHouse(t, hooked).run()
	h.until("the webhook", func() bool { return len(h.server.Calls("setWebhook")) == 1 })
	p := h.server.Calls("setWebhook")[0].Params
	if !strings.HasSuffix(p["url"], "/hooks/telegram/default") || p["secret_token"] != "secret-of-the-hook" ||
		p["allowed_updates"] != `["message","edited_message","callback_query","my_chat_member"]` {
		t.Errorf("the webhook was set with %v", p)
	}
}

// TestNothingIsLeft: when the channel ends, whatever it was at, no goroutine goes on.
func TestNothingIsLeft(t *testing.T) {
	for mode, with := range map[string]func(*house){"polling": func(*house) {}, "webhook": hooked} {
		h := newHouse(t, with, func(h *house) {
			h.inbox.fail = func(m chat.Message) error {
				if m.Text == "忙" {
					return chat.ErrBusy
				}
				return nil
			}
		}).run()
		h.say(ann, "忙")
		h.say(ben, "费率")
		h.answer(ben, "答：费率")
		h.stop()
		if mode == "webhook" {
			h.server.Close() // it pushes to the hook for as long as it is there
		}
		h.until("the end of every goroutine", func() bool {
			stack := make([]byte, 1<<20)
			stack = stack[:runtime.Stack(stack, true)]
			return !bytes.Contains(stack, []byte("telegram.(*Channel)")) && !bytes.Contains(stack, []byte("telegram.(*poller)"))
		})
	}
}

// TestTokenNeverShows: no error and no line of the log holds the token, whatever goes wrong.
func TestTokenNeverShows(t *testing.T) {
	log := &diary{}
	h := newHouse(t)
	h.config.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for name, transport := range map[string]http.RoundTripper{
		"an error with the URL": trip(func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("no way to %s", r.URL) }),
		"a description with it": trip(func(r *http.Request) (*http.Response, error) { return echoURL(r, 404) }),
		"a page with it":        trip(func(r *http.Request) (*http.Response, error) { return nil, errors.New(r.URL.Path) }),
		"a redirect":            trip(func(r *http.Request) (*http.Response, error) { return echoURL(r, 307) }),
	} {
		h.config.Client = &http.Client{Transport: transport}
		c, err := New(h.config)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		c.Run(ctx)
		cancel()
		client := c.accounts["default"].Client
		_, sendErr := client.Send(t.Context(), 1, "a", Options{})
		_, fileErr := client.Download(t.Context(), "a")
		_, err = c.Send(t.Context(), chat.Sending{Account: "default", Address: "42", Body: []byte(`{"text":"a"}`)})
		all := fmt.Sprintf("%+v %#v %+v %#v %+v %#v %s", sendErr, sendErr, fileErr, fileErr, err, c.Check(t.Context(), "default"), log)
		if strings.Contains(all, canary) || !strings.Contains(all, "default") {
			t.Errorf("%s: the token shows, or nothing does:\n%s", name, all)
		}
	}
}

type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// echoURL is an answer that repeats the URL wherever it can.
func echoURL(r *http.Request, code int) (*http.Response, error) {
	w := &bytes.Buffer{}
	_, _ = fmt.Fprintf(w, `{"ok":false,"error_code":%d,"description":%q}`, code, "Not Found: "+r.URL.String())
	return &http.Response{StatusCode: code, Header: http.Header{"Location": {r.URL.String()}}, Body: readCloser{w}, Request: r}, nil
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }

// TestNumbersBeginAnew: after a quiet week Telegram may number updates from anywhere, also lower than before.
func TestNumbersBeginAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &book{Inbox: chattest.NewInbox(chattest.NewOutbox(time.Now)), entries: map[string][]chat.Entry{}, externals: map[string][]string{}}
		answers := []string{"[" + text(1000, "费率") + "]", "[]", "[" + text(5, "押金") + "]"}
		var offsets []string
		client := &http.Client{Transport: trip(func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/getUpdates") {
				return deaf{}.RoundTrip(r)
			}
			body, _ := io.ReadAll(r.Body)
			form, _ := url.ParseQuery(string(body))
			offsets = append(offsets, form.Get("offset"))
			if form.Get("allowed_updates") != `["message","edited_message","callback_query","my_chat_member"]` {
				t.Errorf("asked for %s", form)
			}
			if len(offsets) > len(answers) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			w := httptest.NewRecorder()
			_, _ = fmt.Fprintf(w, `{"ok":true,"result":%s}`, answers[len(offsets)-1])
			return w.Result(), nil
		})}
		c, err := New(Config{
			Accounts: []Account{{Name: "default", Token: token}}, Inbox: in, KV: in, Pictures: in, Conversations: in,
			Client: client, Now: time.Now, Random: func() float64 { return 0.5 },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		newPoller(c, c.accounts["default"]).run(ctx)
		if got := strings.Join(offsets[:4], " "); got != " 1001  6" || len(in.Messages()) != 2 {
			t.Errorf("asked with the offsets %q, %d messages", got, len(in.Messages()))
		}
	})
}
