package telegram

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	standin "github.com/yingda/yingda/internal/standin/telegram"
)

const (
	ann  = 42 // people
	ben  = 43
	name = "安娜" // ann's, which no log may hold
)

// house is a channel with a stand-in of Telegram before it, and an inbox, an outbox and a courier behind.
type house struct {
	t       testing.TB
	server  *standin.Server
	bot     int64
	inbox   *book
	outbox  *chattest.Outbox
	config  Config
	channel *Channel
	log     *diary
	hooks   http.Handler // where the stand-in pushes to, when there is a webhook
	stop    func()
}

// book is an inbox that can be read, as a store can. Fail is asked before a message is kept.
type book struct {
	*chattest.Inbox
	mu        sync.Mutex
	entries   map[string][]chat.Entry
	externals map[string][]string // of the customer's entries among them
	fail      func(chat.Message) error
}

func (b *book) Deliver(ctx context.Context, from chat.OpenRequest, m chat.Message) (chat.Receipt, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		if err := b.fail(m); err != nil {
			return chat.Receipt{}, err
		}
	}
	d, err := b.Inbox.Deliver(ctx, from, m)
	if err == nil && !d.Repeat {
		id := d.Conversation.ID
		b.externals[id] = append(b.externals[id], m.ExternalID)
		b.entries[id] = append(append(b.entries[id], d.Message), d.Replies...)
	}
	return d, err
}

func (b *book) ListEntries(_ context.Context, conversation string, after int64, limit int) ([]chat.Entry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	entries := b.entries[conversation]
	entries = entries[min(int(after), len(entries)):]
	return slices.Clone(entries[:min(limit, len(entries))]), nil
}

// FindExternalID finds the message among all, for ids are unique here.
func (b *book) FindExternalID(ctx context.Context, conversation string, seq int64) (string, error) {
	entries, err := b.ListEntries(ctx, conversation, seq-1, 1)
	if err != nil || len(entries) == 0 || entries[0].From != chat.FromCustomer {
		return "", chat.ErrNotFound
	}
	nth := 0
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.entries[conversation] {
		if e.From == chat.FromCustomer && e.Seq < seq {
			nth++
		}
	}
	return b.externals[conversation][nth], nil
}

// diary is a log that many goroutines write.
type diary struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(p)
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

// newHouse builds a house; with changes what its parts are made of. Nothing runs yet.
func newHouse(t testing.TB, with ...func(*house)) *house {
	t.Helper()
	h := &house{t: t, server: standin.New(standin.Config{Limits: standin.Limits{Off: true}}), log: &diary{}}
	front := httptest.NewServer(h.server)
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.hooks.ServeHTTP(w, r) }))
	h.bot = h.server.AddBot(token, "yingda_bot", "应答")
	h.server.AddUser(standin.User{ID: ann, FirstName: name})
	h.server.AddUser(standin.User{ID: ben, FirstName: "阿本", Language: "zh-hant"})
	h.outbox = chattest.NewOutbox(time.Now)
	h.inbox = &book{Inbox: chattest.NewInbox(h.outbox), entries: map[string][]chat.Entry{}, externals: map[string][]string{}}
	h.inbox.Reply = echo
	h.config = Config{
		Accounts: []Account{{Name: "default", Token: token, API: front.URL, Webhook: back.URL}},
		Inbox:    h.inbox, KV: h.inbox, Pictures: h.inbox, Conversations: h.inbox,
		Client: front.Client(), Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: time.Now, Random: func() float64 { return 0 },
	}
	h.config.Accounts[0].Webhook = ""
	for _, change := range with {
		change(h)
	}
	if h.config.Accounts[0].Secret != "" {
		h.config.Accounts[0].Webhook = back.URL
	}
	var err error
	if h.channel, err = New(h.config); err != nil {
		t.Fatal(err)
	}
	h.hooks, _ = h.channel.Hook("default")
	t.Cleanup(func() {
		h.server.Close()
		front.Close()
		back.Close()
		for _, secret := range []string{canary, name, "机密", "secret-of-the-hook"} {
			if strings.Contains(h.log.String(), secret) {
				t.Errorf("the log holds %q:\n%s", secret, h.log)
			}
		}
	})
	return h
}

// hooked has updates pushed instead of polled for.
func hooked(h *house) { h.config.Accounts[0].Secret = "secret-of-the-hook" }

// run lets the channel and a courier work until the test ends.
func (h *house) run() *house {
	ctx, cancel := context.WithCancel(h.t.Context())
	courier := chat.NewCourier(chat.CourierConfig{
		Outbox: h.outbox, Channels: []chat.Channel{h.channel}, Log: h.config.Log, Now: time.Now, Random: func() float64 { return 0 },
	})
	var all sync.WaitGroup
	all.Go(func() { h.channel.Run(ctx) })
	all.Go(func() { courier.Run(ctx) })
	h.stop = sync.OnceFunc(func() {
		cancel()
		all.Wait()
	})
	h.t.Cleanup(h.stop)
	return h
}

// echo answers a text with itself, and 选 with a choice.
func echo(_ chat.Conversation, m chat.Message) ([]chat.Entry, error) {
	reply := chat.Reply{Decision: chat.Answer, Text: "答：" + m.Text}
	if strings.HasPrefix(m.Text, "选") {
		reply.Options = []chat.Option{{ID: "fee-rates", Title: "费率是多少"}, {ID: "yes", Title: "好，帮我登记"}, {ID: "human", Title: "转人工"}}
	}
	return []chat.Entry{{From: chat.FromBot, Text: reply.Text, Reply: &reply}}, nil
}

// soon is how long a test waits for what must come.
const soon = 30 * time.Second

// until waits for something to become so.
func (h *house) until(what string, throttled func() bool) {
	h.t.Helper()
	for end := time.Now().Add(soon); !throttled(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("it did not come: %s\n%s", what, h.log)
		}
	}
}

// say has somebody write to the bot.
func (h *house) say(user int64, text string) int {
	h.t.Helper()
	return h.send(user, standin.Content{Text: text})
}

func (h *house) send(user int64, what standin.Content) int {
	h.t.Helper()
	id, err := h.server.Send(user, standin.Place{Chat: user}, what)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// answer waits for the bot's message with a text in somebody's private chat.
func (h *house) answer(user int64, text string) standin.Message {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), soon)
	defer cancel()
	m, err := h.server.WaitMessage(ctx, standin.Place{Chat: user}, func(m standin.Message) bool { return m.Bot && m.Text == text })
	if err != nil {
		h.t.Fatalf("no answer %q: %v\n%s", text, err, h.log)
	}
	return m
}

// heard waits until n messages were kept, and returns them.
func (h *house) heard(n int) []chat.Message {
	h.t.Helper()
	h.until("messages in the inbox", func() bool { return len(h.inbox.Messages()) >= n })
	if got := len(h.inbox.Messages()); got != n {
		h.t.Fatalf("%d messages were kept, want %d", got, n)
	}
	return h.inbox.Messages()
}

// queue puts something said into the outbox, for a customer in a private chat, and returns its number there.
func (h *house) queue(e chat.Entry) int64 {
	h.t.Helper()
	c := chat.Conversation{ID: "conversation-1", Channel: "telegram", Account: "default", Address: "42"}
	if err := h.outbox.AddEntry(c, e, 0); err != nil {
		h.t.Fatal(err)
	}
	n := 0
	for _, count := range h.outbox.Count() {
		n += count
	}
	return int64(n)
}

// settled waits until a sending has come to an end.
func (h *house) settled(id int64) chattest.Item {
	h.t.Helper()
	h.until("the end of a sending", func() bool {
		s := h.outbox.Item(id).State
		return s != chat.SendingQueued && s != chat.SendingLeased
	})
	return h.outbox.Item(id)
}

// script has calls of one method fail as told, from the first on.
func (h *house) script(method string, faults ...standin.Fault) {
	var mu sync.Mutex
	h.server.SetScript(func(c standin.Call) standin.Fault {
		mu.Lock()
		defer mu.Unlock()
		if c.Method != method || len(faults) == 0 {
			return standin.Fault{}
		}
		f := faults[0]
		faults = faults[1:]
		return f
	})
}

// jpegOf is a picture.
func jpegOf(t testing.TB, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pushRaw posts a body to the hook, and returns the status.
func (h *house) pushRaw(body string) int {
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodPost, HookPath("default"), strings.NewReader(body))
	r.Header.Set(secretHeader, "secret-of-the-hook")
	w := httptest.NewRecorder()
	h.hooks.ServeHTTP(w, r)
	_, _ = io.Copy(io.Discard, w.Result().Body)
	return w.Code
}

var errBroken = errors.New("broken")
