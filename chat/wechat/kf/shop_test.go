package kf

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	"github.com/yingda/yingda/internal/standin/wechat"
)

const (
	corpID   = "ww0123456789abcdef"
	openKfID = "wkAJ2GCAAAZSfhHCt7IFSvLKtMPxyJTw"
	secret   = "SECRET-of-the-application"
	token    = "SECRETtoken"
	aesKey   = "SECRETghijklmnopqrstuvwxyz0123456789ABCDEFG"
	hookURL  = "https://shop.example/hooks/wechat-kf/shop"
	sendMsg  = "/cgi-bin/kf/send_msg"
	onEvent  = "/cgi-bin/kf/send_msg_on_event"
	syncMsg  = "/cgi-bin/kf/sync_msg"
	batchGet = "/cgi-bin/kf/customer/batchget"
)

// journal is a log that tests read while it is written.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// network is a transport that tells that a connection was had, as a real one does.
type network struct{ http.RoundTripper }

// RoundTrip passes a request on.
func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	return n.RoundTripper.RoundTrip(r)
}

// shop is a channel with one customer service account at the stand-in, an inbox and an outbox, and a courier. All of it lives in
// a synctest bubble.
type shop struct {
	host    *wechat.Server
	corp    *wechat.Enterprise
	desk    *wechat.Desk
	channel *Channel
	inbox   *chattest.Inbox
	outbox  *chattest.Outbox
	log     journal
	stop    func() // ends what open started, and waits for it
}

// newShop makes one in which nobody works yet.
func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{stop: func() {}}
	s.host = wechat.New(wechat.Config{Client: &http.Client{Transport: wechat.Direct(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, ok := s.channel.Hook("shop")
		if !ok {
			t.Error("no hook")
		}
		h.ServeHTTP(w, r)
	}))}})
	corp, err := s.host.AddCorp(wechat.Corp{ID: corpID, Secret: secret, Token: token, AESKey: aesKey, Hook: hookURL})
	if err != nil {
		t.Fatal(err)
	}
	s.corp, s.desk = corp, corp.AddDesk(openKfID, "售后客服", "zhangsan")
	s.outbox = chattest.NewOutbox(time.Now)
	s.inbox = chattest.NewInbox(s.outbox)
	s.restart(t)
	t.Cleanup(func() {
		s.stop()
		s.host.Close()
		for _, word := range []string{"SECRET", "99_", "ENC"} { // the settings; access tokens; tokens of callbacks
			if strings.Contains(s.log.String(), word) {
				t.Errorf("the log holds %q:\n%s", word, s.log.String())
			}
		}
	})
	return s
}

// restart makes the channel anew, as another process would.
func (s *shop) restart(t *testing.T) {
	t.Helper()
	s.stop()
	var err error
	s.channel, err = New(Config{
		Accounts: []Account{{Name: "shop", CorpID: corpID, Secret: secret, Token: token, AESKey: aesKey}},
		Inbox:    s.inbox, KV: s.inbox, Outbox: s.outbox, Pictures: s.inbox, Transport: network{wechat.Direct(s.host)},
		Log: slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// open lets the channel and a courier work, until the test ends or stop is called.
func (s *shop) open(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { s.channel.Run(ctx) })
	courier := chat.NewCourier(chat.CourierConfig{
		Outbox: s.outbox, Channels: []chat.Channel{s.channel}, Now: time.Now, Random: rand.Float64,
		Log:   slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Sleep: chat.Sleep,
	})
	all.Go(func() { courier.Run(ctx) })
	s.stop = func() {
		cancel()
		all.Wait()
		s.stop = func() {}
	}
	synctest.Wait()
}

// answers lets the inbox answer everything with what reply says.
func (s *shop) answers(reply func(m chat.Message) []chat.Entry) {
	s.inbox.Reply = func(_ chat.Conversation, m chat.Message) ([]chat.Entry, error) { return reply(m), nil }
}

// words is a bot's entry.
func bubble(text string, options ...chat.Option) chat.Entry {
	return chat.Entry{From: chat.FromBot, Text: text, Reply: &chat.Reply{Decision: chat.Answer, Text: text, Options: options}}
}

// heard are the texts of the messages that were kept, of one customer or, with "", of all.
func (s *shop) heard(conversation string) (texts []string) {
	for _, m := range s.inbox.Messages() {
		if conversation == "" || m.Conversation == conversation {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// cursor is the cursor that is kept.
func (s *shop) cursor(t *testing.T) (p logCursor) {
	t.Helper()
	raw, err := s.inbox.GetKV(t.Context(), Name+"/shop/"+openKfID+"/cursor")
	if err != nil {
		return p
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// seen are the texts that a customer saw.
func seen(c *wechat.Customer) (texts []string) {
	for _, b := range c.Seen() {
		texts = append(texts, b.Text)
	}
	return texts
}

// said is all that a customer saw, whether it came as one message or as several.
func said(c *wechat.Customer) string { return strings.Join(seen(c), "\n\n") }

// count is how often a text stands within others.
func count(texts []string, text string) (n int) {
	for _, t := range texts {
		n += strings.Count(t, text)
	}
	return n
}

// in runs a test in a bubble, with a shop that works.
func in(t *testing.T, do func(t *testing.T, s *shop)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.open(t)
		do(t, s)
		s.stop()
	})
}
