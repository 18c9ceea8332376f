package node

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk/forum"
	"github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/internal/standin/wechat"
	"github.com/yingda/yingda/store"
)

const (
	testAESKey = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	bomb       = "炸一下" // what is said to make the program panic
)

// mined is a store that panics, once for each operation, or for what is said.
type mined struct {
	Store
	mu  sync.Mutex
	set map[string]bool // by operation
}

func (m *mined) step(operation string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.set[operation] {
		delete(m.set, operation)
		panic("a mine with secret words: " + operation)
	}
}

func (m *mined) lay(operation string, set bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set[operation] = set
}

func (m *mined) Turn(ctx context.Context, msg chat.Message, step bot.StepFunc) (bot.TurnResult, error) {
	if strings.Contains(msg.Text, bomb) {
		m.step("turn on " + msg.Channel)
	}
	return m.Store.Turn(ctx, msg, step)
}

func (m *mined) GetKV(ctx context.Context, key string) ([]byte, error) {
	if strings.Contains(key, "-1001000000001") {
		m.step("forum")
	}
	return m.Store.GetKV(ctx, key)
}

func (m *mined) Lease(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	m.step("lease")
	return m.Store.Lease(ctx, now, lease, limit)
}

func (m *mined) WaitGuide(ctx context.Context, after int64) error {
	m.step("guide")
	return m.Store.WaitGuide(ctx, after)
}

func (m *mined) DeleteExpiredKV(ctx context.Context) error {
	m.step("sweep")
	return m.Store.DeleteExpiredKV(ctx)
}

// wired is a node with an account of every channel that customers write on, between stand-ins of their hosts.
type wired struct {
	node     *Node
	registry *prometheus.Registry
	log      *logBuffer
	handler  http.Handler // the node's; nil until it serves
	people   *telegram.Server
	demo     telegram.Demo
	official *wechat.OfficialAccount
	corp     *wechat.Enterprise
	desk     *wechat.Desk
}

// wire opens a node; webhook has Telegram push instead of being polled.
func wire(t testing.TB, mode wechat.Mode, webhook bool, open func(context.Context, store.Options) (Store, error)) *wired {
	t.Helper()
	w := &wired{registry: prometheus.NewRegistry(), log: new(logBuffer)}
	serve := func(h http.Handler) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	ours := serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.handler.ServeHTTP(rw, r) }))
	w.people = telegram.New(telegram.Config{})
	t.Cleanup(w.people.Close)
	var err error
	if w.demo, err = w.people.Populate(telegram.Demo{}); err != nil {
		t.Fatal(err)
	}
	weixin := wechat.New(wechat.Config{})
	t.Cleanup(weixin.Close)
	account := wechat.Account{
		AppID: "wx5823bf96d3bd56c7", Secret: "app-secret", Token: "wechattoken", AESKey: testAESKey, Mode: mode, Certified: true,
		OriginalID: "gh_97417a04a28d", Hook: ours + "/hooks/wechat/default",
	}
	if w.official, err = weixin.AddAccount(account); err != nil {
		t.Fatal(err)
	}
	company := wechat.Corp{ID: "ww1", Secret: "corp-secret", Token: "kftoken", AESKey: testAESKey, Hook: ours + "/hooks/wechat-kf/default"}
	if w.corp, err = weixin.AddCorp(company); err != nil {
		t.Fatal(err)
	}
	w.desk = w.corp.AddDesk("wk1", "售后客服")
	host := serve(weixin)
	bots := Account{"name": "default", "token": w.demo.Token, "api": serve(w.people), "group": "-1001000000001"}
	if webhook {
		bots["webhook"], bots["secret"] = ours, "push-secret-0123456789"
	}
	accounts := map[string][]Account{
		"telegram":  {bots},
		"wechat":    {{"name": "default", "appid": account.AppID, "secret": account.Secret, "token": account.Token, "api": host}},
		"wechat-kf": {{"name": "default", "corpid": company.ID, "secret": company.Secret, "token": company.Token, "aeskey": company.AESKey, "api": host, "desks": "wk1"}},
	}
	if mode != wechat.Plain {
		accounts["wechat"][0]["aeskey"] = account.AESKey
	}
	cfg := Config{Data: t.TempDir(), Content: smallGuide, Limits: api.Limits{Messages: 1000, Conversations: 1000}, Accounts: accounts}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	w.node, err = Open(t.Context(), cfg, Environment{Log: slog.New(slog.NewTextHandler(w.log, nil)), Registry: w.registry, OpenStore: open})
	if err != nil {
		t.Fatal(err)
	}
	w.handler = w.node.handler(t.Context())
	return w
}

// finish lets what goes on behind requests come to its end, and closes a node that does not serve.
func (w *wired) finish(t testing.TB) {
	t.Helper()
	var errs []error
	for _, channel := range w.node.channels {
		if c, ok := channel.(interface{ Close(context.Context) error }); ok {
			errs = append(errs, c.Close(context.WithoutCancel(t.Context())))
		}
	}
	if err := errors.Join(append(errs, w.node.Close())...); err != nil {
		t.Error(err)
	}
}

// panics is how many there were at a door; "" for all doors.
func (w *wired) panics(t testing.TB, door string) (n float64) {
	t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "yingda_panics_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			if door == "" || m.GetLabel()[0].GetValue() == door {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}

// TestDoors panics inside every door: each panic is counted there, the log has its stack and not its words, and
// what comes through the door next is answered.
func TestDoors(t *testing.T) {
	m := &mined{set: map[string]bool{
		"turn on api": true, "turn on wechat": true, "turn on telegram": true, "turn on wechat-kf": true,
		"lease": true, "guide": true, "sweep": true,
	}}
	w := wire(t, wechat.Safe, false, func(ctx context.Context, o store.Options) (Store, error) {
		s, err := OpenStore(ctx, o)
		m.Store = s
		return m, err
	})
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	// Its own routes are not asked: wire has made the handler, whose metrics are registered once.
	n := w.node
	serving := *n
	serving.Registry = prometheus.NewRegistry()
	go func() { ended <- serving.Serve(ctx, l) }()
	defer func() {
		stop()
		if err := errors.Join(<-ended, n.Close()); err != nil {
			t.Error(err)
		}
	}()
	for _, tt := range []struct {
		door string
		say  func(text string) (answered bool)
	}{
		{"api", func(text string) bool { return w.ask(t, text) == http.StatusCreated }},
		{"wechat", func(text string) bool {
			f := w.official.Follower("o1")
			f.Join()
			d := f.Say(ctx, text)
			return d.OK() && len(d.Seen) == 1 && !strings.Contains(d.Seen[0].Text, "没能")
		}},
		{"telegram", func(text string) bool {
			_, err := w.people.Say(1001, telegram.Place{Chat: 1001}, text)
			return err == nil
		}},
		{"wechat-kf", func(text string) bool { return w.desk.Customer("wm1", "").Say(ctx, text).OK() }},
		{forum.Name, func(text string) bool {
			m.lay("forum", text == bomb)
			_, err := w.people.Say(2001, telegram.Place{Chat: w.demo.Group}, text)
			return err == nil
		}},
		{"courier", nil},
		{"guide", nil},
		{"housekeeping", nil},
	} {
		if tt.say != nil {
			tt.say(bomb)
		}
		eventually(t, func() bool { return w.panics(t, tt.door) == 1 }, "the panic at "+tt.door, w.log)
		if tt.say != nil && !tt.say("手续费是多少") {
			t.Errorf("%s: no answer after the panic", tt.door)
		}
	}
	if log := w.log.String(); strings.Contains(log, "secret words") || strings.Count(log, "doors_test.go") < 8 {
		t.Errorf("the log has the words of a panic, or no stack:\n%s", log)
	}
	for channel, address := range map[string]string{"telegram": "1001", "wechat-kf": "wk1/wm1"} { // what panicked came again
		eventually(t, func() bool { return w.entries(t, channel, address) == 2 }, "both messages on "+channel, w.log)
	}
	if n := w.panics(t, ""); n != 8 {
		t.Errorf("%v panics", n)
	}
}

// entries is how many messages of a customer are kept.
func (w *wired) entries(t *testing.T, channel, address string) (n int) {
	t.Helper()
	c, err := w.node.store.EnsureConversation(t.Context(), chat.OpenRequest{Channel: channel, Account: "default", Address: address})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := w.node.store.ListEntries(t.Context(), c.ID, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.From == chat.FromCustomer {
			n++
		}
	}
	return n
}

// ask opens a conversation and says something in it: the status of the answer.
func (w *wired) ask(t *testing.T, text string) int {
	t.Helper()
	c, token, err := w.node.store.OpenConversation(t.Context(), chat.OpenRequest{Channel: "api"})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/conversations/"+c.ID+"/messages", strings.NewReader(`{"client_id":"a","text":"`+text+`"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	return answer.Code
}
