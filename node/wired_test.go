package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/internal/standin/wechat"
)

const (
	testAESKey = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	pushSecret = "push-secret-0123456789"
)

// wired is a node with an account of every channel that customers write on, between stand-ins of their hosts.
type wired struct {
	node     *Node
	registry *prometheus.Registry
	log      *logBuffer
	handler  http.Handler // the node's
	official *wechat.OfficialAccount
	corp     *wechat.Enterprise
}

// wire opens a node, which every host pushes to.
func wire(t testing.TB, mode wechat.Mode) *wired {
	t.Helper()
	w := &wired{registry: prometheus.NewRegistry(), log: new(logBuffer)}
	serve := func(h http.Handler) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	ours := serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.handler.ServeHTTP(rw, r) }))
	people := telegram.New(telegram.Config{})
	t.Cleanup(people.Close)
	demo, err := people.Populate(telegram.Demo{})
	if err != nil {
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
	w.corp.AddDesk("wk1", "售后客服")
	host := serve(weixin)
	accounts := map[string][]Account{
		"telegram":  {{"name": "default", "token": demo.Token, "api": serve(people), "group": fmt.Sprint(demo.Group), "webhook": ours, "secret": pushSecret}},
		"wechat":    {{"name": "default", "appid": account.AppID, "secret": account.Secret, "token": account.Token, "api": host}},
		"wechat-kf": {{"name": "default", "corpid": company.ID, "secret": company.Secret, "token": company.Token, "aeskey": company.AESKey, "api": host, "desks": "wk1"}},
	}
	if mode != wechat.Plain {
		accounts["wechat"][0]["aeskey"] = account.AESKey
	}
	cfg := Config{Data: t.TempDir(), Content: smallGuide, Accounts: accounts}
	const many = 1e9
	cfg.Limits = api.Limits{
		Messages: many, Conversations: many, BadKeys: many,
		AddressMessages: many, AddressFeedback: many, AddressTickets: many, AddressUploads: many, AddressStreams: many,
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	w.node, err = Open(t.Context(), cfg, Environment{Log: slog.New(slog.NewTextHandler(w.log, nil)), Registry: w.registry, OpenStore: OpenStore})
	if err != nil {
		t.Fatal(err)
	}
	w.handler = w.node.handler(t.Context())
	t.Cleanup(func() { w.finish(t) })
	return w
}

// finish lets what goes on behind requests come to its end, and closes the node.
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

// panics is how many there were, at whatever door.
func (w *wired) panics(t testing.TB) (n float64) {
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
			n += m.GetCounter().GetValue()
		}
	}
	return n
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
