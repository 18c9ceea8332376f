package kf

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	"github.com/yingda/yingda/internal/standin/wechat"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

// echo answers every message with its own text.
type echo struct{}

// Step says what was said.
func (echo) Step(_ context.Context, _ *bot.Session, m chat.Message) (bot.Outcome, error) {
	return bot.Outcome{Reply: chat.Reply{Decision: chat.Answer, Text: "答" + m.Text}}, nil
}

// house is a channel on a real database, over real connections.
type house struct {
	dir  string
	host *wechat.Server
	api  string
	desk *wechat.Desk

	mu      sync.Mutex
	channel *Channel
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{dir: t.TempDir()}
	hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		c := h.channel
		h.mu.Unlock()
		if c == nil {
			http.Error(w, "nobody is here", http.StatusBadGateway)
			return
		}
		hook, _ := c.Hook("shop")
		hook.ServeHTTP(w, r)
	}))
	t.Cleanup(hooks.Close)
	h.host = wechat.New(wechat.Config{})
	t.Cleanup(h.host.Close)
	api := httptest.NewServer(h.host)
	t.Cleanup(api.Close)
	h.api = api.URL
	corp, err := h.host.AddCorp(wechat.Corp{ID: corpID, Secret: secret, Token: token, AESKey: aesKey, Hook: hooks.URL})
	if err != nil {
		t.Fatal(err)
	}
	h.desk = corp.AddDesk(openKfID, "售后客服")
	return h
}

// open starts a process, and returns what ends it.
func (h *house) open(t *testing.T) (stop func()) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: h.dir, Push: func(string) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := privacy.NewSealer(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	pictures := chattest.NewInbox(chattest.NewOutbox(time.Now))
	inbox := bot.NewInbox(bot.InboxConfig{
		Store: s, Bot: func() bot.Stepper { return echo{} }, Masker: privacy.NewMasker(), Sealer: sealer, Conversations: s, Pictures: pictures,
	})
	log := slog.New(slog.DiscardHandler)
	c, err := New(Config{
		Accounts: []Account{{Name: "shop", CorpID: corpID, Secret: secret, Token: token, AESKey: aesKey, API: h.api, OpenKfs: []string{openKfID}}},
		Inbox:    inbox, KV: s, Outbox: s, Pictures: pictures, Log: log, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { c.Run(ctx) })
	courier := chat.NewCourier(chat.CourierConfig{Outbox: s, Channels: []chat.Channel{c}, Log: log, Now: time.Now, Sleep: chat.Sleep, Random: rand.Float64})
	all.Go(func() { courier.Run(ctx) })
	h.mu.Lock()
	h.channel = c
	h.mu.Unlock()
	return func() {
		h.mu.Lock()
		h.channel = nil
		h.mu.Unlock()
		cancel()
		all.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestDatabase: many customers at once, a process that ends in the middle, and another one: every message is
// answered once, and each customer's in order.
func TestDatabase(t *testing.T) {
	h := newHouse(t)
	const customers, each = 30, 4
	stop := h.open(t)
	var all sync.WaitGroup
	for i := range customers {
		c := h.desk.Customer(fmt.Sprint("wm", i), "")
		all.Go(func() {
			for n := range each {
				c.Say(t.Context(), fmt.Sprint(n))
				time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond)
			}
		})
	}
	time.Sleep(60 * time.Millisecond)
	stop()
	stop = h.open(t)
	all.Wait()
	want := []string{"答0", "答1", "答2", "答3"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for i := range customers {
		c := h.desk.Customer(fmt.Sprint("wm", i), "")
		if _, err := c.Wait(ctx, each); err != nil {
			t.Fatalf("customer %d: %v", i, err)
		}
	}
	stop()
	for i := range customers {
		if got := seen(h.desk.Customer(fmt.Sprint("wm", i), "")); !slices.Equal(got, want) {
			t.Errorf("customer %d saw %q", i, got)
		}
	}
}

// TestPrompt: a message is answered because the host calls, and not only when it is time to look. -v tells how long it took.
func TestPrompt(t *testing.T) {
	h := newHouse(t)
	defer h.open(t)()
	c := h.desk.Customer("wm1", "")
	var took []time.Duration
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for n := range 50 {
		begin := time.Now()
		c.Say(ctx, fmt.Sprint(n))
		if _, err := c.Wait(ctx, n+1); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	t.Logf("from the customer's message to the answer: p50 %v, p99 %v", took[25], took[48])
	if took[48] > pollInterval/2 {
		t.Errorf("p99 %v", took[48])
	}
}
