package wechat_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/chattest"
	"github.com/yingda/yingda/chat/wechat"
	standin "github.com/yingda/yingda/internal/standin/wechat"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
)

// parrot is a bot that answers with what was said.
type parrot struct{}

func (parrot) Step(_ context.Context, _ *bot.Session, m chat.Message) (bot.Outcome, error) {
	return bot.Outcome{Reply: chat.Reply{Decision: chat.Answer, Text: "答：" + m.Text}}, nil
}

// realInbox is the inbox over a database on disk.
func realInbox(t *testing.T) (*bot.Inbox, *store.Store) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Push: func(channel string) bool { return channel == "wechat" }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	seal, err := privacy.NewSealer(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	in := bot.NewInbox(bot.InboxConfig{
		Store: s, Bot: func() bot.Stepper { return parrot{} }, Masker: privacy.NewMasker(), Sealer: seal,
		Conversations: s, Pictures: chattest.NewInbox(chattest.NewOutbox(time.Now)),
		Erase: func(ctx context.Context, id string) error { _, err := s.Forget(ctx, id); return err },
	})
	return in, s
}

// With a database on disk and over the network: each of many messages is answered in its own request, the
// outbox is empty in the end, and whoever leaves is gone.
func TestOnRealStore(t *testing.T) {
	in, s := realInbox(t)
	var hook http.Handler
	ours := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hook.ServeHTTP(w, r) }))
	t.Cleanup(ours.Close)
	// WeChat hangs up as soon as it has read the answer.
	stand := standin.New(standin.Config{Client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}})
	t.Cleanup(stand.Close)
	theirs := httptest.NewServer(stand)
	t.Cleanup(theirs.Close)
	account, err := stand.AddAccount(standin.Account{
		AppID: appID, Secret: secret, Token: token, AESKey: aesKey, Mode: standin.Safe, Certified: true, OriginalID: ghID, Hook: ours.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := wechat.New(wechat.Config{
		Accounts: []wechat.Account{{Name: "default", AppID: appID, Secret: secret, Token: token, AESKey: aesKey, API: theirs.URL}},
		Inbox:    in, Outbox: s, KV: s, Pictures: in.Pictures, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	hook, _ = c.Hook("default")
	const customers, each = 10, 20
	var mu sync.Mutex
	var took []time.Duration
	var all sync.WaitGroup
	for i := range customers {
		f := account.Follower(fmt.Sprintf("o-customer-%d", i))
		f.Subscribe(t.Context(), "")
		all.Go(func() {
			for n := range each {
				d := f.Say(t.Context(), fmt.Sprintf("第%d问", n))
				if !d.OK() || len(d.Seen) != 1 || d.Seen[0].Text != fmt.Sprintf("答：第%d问", n) {
					t.Errorf("%+v", d)
				}
				mu.Lock()
				took = append(took, d.Attempts[0].Took)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	t.Logf("answered within: half %v, 99 of 100 %v", took[len(took)/2], took[len(took)*99/100])
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := s.Lease(t.Context(), time.Now().AddDate(1, 0, 0), time.Minute, 10); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if d := account.Follower("o-customer-0").Unsubscribe(t.Context()); !d.OK() {
		t.Error(d.Fault)
	}
	gone, err := s.EnsureConversation(t.Context(), chat.OpenRequest{Channel: "wechat", Account: "default", Address: "o-customer-0"})
	if err != nil || gone.LastSeq != 0 {
		t.Errorf("%+v, %v", gone, err)
	}
	a, ok, err := c.SendQuota(t.Context(), gone)
	if !ok || err != nil || a.Remaining != 0 {
		t.Errorf("%+v, %v", a, err)
	}
}

// A long answer that cannot be sent by itself comes page by page, from a database on disk.
func TestPagesOnRealStore(t *testing.T) {
	in, s := realInbox(t)
	stand := standin.New(standin.Config{})
	c, err := wechat.New(wechat.Config{
		Accounts: []wechat.Account{{Name: "default", AppID: appID, Secret: secret, Token: token}},
		Inbox:    in, Outbox: s, KV: s, Pictures: in.Pictures, Transport: standin.Direct(stand),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close(context.Background())
		stand.Close()
	})
	hook, _ := c.Hook("default")
	if err := s.SetKV(t.Context(), chat.KV{Key: "wechat/default/forbidden/send", Value: []byte("48001"), ExpiresAt: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("这是一句话。", 300)
	got := ""
	for i, text := range []string{long, "继续", "继续"} {
		d := push(t, hook, openID, fmt.Sprintf("<MsgType>text</MsgType><Content>%s</Content><MsgId>%d</MsgId>", text, i+1))
		_, content, _ := strings.Cut(d.body, "<Content><![CDATA[")
		content, _, _ = strings.Cut(content, "]]>")
		if len(content) > 2000 || content == "" {
			t.Fatalf("%d: %d bytes: %s", i, len(content), d.body)
		}
		got += strings.TrimSuffix(content, "\n\n（未完，回复“继续”接着看）")
		if err := c.Close(t.Context()); err != nil { // what is left is on its way back
			t.Fatal(err)
		}
	}
	if got != "答："+long {
		t.Errorf("%d bytes of %d came", len(got), len(long))
	}
}
