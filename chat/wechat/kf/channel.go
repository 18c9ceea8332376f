package kf

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
)

// Channel is a chat.Channel, a chat.Runner, a chat.QuotaReporter and a chat.Checker.
type Channel struct {
	Config
	accounts chat.Accounts[*account]

	mu      sync.Mutex
	readers map[string]*reader // by account and open_kfid
	start   func(*reader)      // runs one; nil while Run does not
}

// New makes a channel.
func New(c Config) (*Channel, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Panics = c.Panics.Or(c.Log)
	c.Rejections = c.Rejections.Or(c.Log, c.Now)
	accounts, err := chat.NewAccounts(Name, c.Accounts, func(s Account) (string, *account, error) {
		a, err := newAccount(s, host.Config{Transport: c.Transport, Now: c.Now})
		return s.Name, a, err
	})
	if err != nil {
		return nil, err
	}
	ch := &Channel{Config: c, accounts: accounts, readers: map[string]*reader{}}
	for _, a := range accounts {
		for _, openKf := range a.OpenKfs {
			ch.reader(a, openKf)
		}
	}
	return ch, nil
}

// Name is "wechat-kf".
func (c *Channel) Name() string { return Name }

// Run reads what customers say until ctx ends: at once, whenever the host calls Hook, and now and then
// besides.
func (c *Channel) Run(ctx context.Context) {
	var readers sync.WaitGroup
	c.mu.Lock()
	c.start = func(r *reader) { readers.Go(func() { c.keep(ctx, r.a, func() { r.run(ctx) }) }) }
	for _, r := range c.readers {
		c.start(r)
	}
	for _, a := range c.accounts {
		if len(a.OpenKfs) == 0 {
			readers.Go(func() { c.keep(ctx, a, func() { c.discover(ctx, a) }) })
		}
	}
	c.mu.Unlock()
	<-ctx.Done()
	c.mu.Lock()
	c.start = nil
	c.mu.Unlock()
	readers.Wait()
}

// keep runs what goes on for an account until ctx ends.
func (c *Channel) keep(ctx context.Context, a *account, run func()) {
	_ = c.Panics.Keep(ctx, Name, func() error { run(); return nil }, "account", a.Name) // it has no error
}

// reader is the one of a customer service account, made and started where there is none.
func (c *Channel) reader(a *account, openKf string) *reader {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := a.Name + "/" + openKf
	r, ok := c.readers[key]
	if !ok {
		r = newReader(c.Config, a, openKf)
		c.readers[key] = r
		if c.start != nil {
			c.start(r)
		}
	}
	return r
}

// discover finds the customer service accounts that the application may manage, and starts to read them.
func (c *Channel) discover(ctx context.Context, a *account) {
	backoff := chat.Backoff{First: minBackoff, Max: maxBackoff}
	for failures := 0; ; failures++ {
		found, err := a.listKfAccounts(ctx)
		for _, k := range found {
			c.reader(a, k.ID)
		}
		if err == nil || ctx.Err() != nil {
			return
		}
		c.Log.WarnContext(ctx, "cannot list the customer service accounts; those that the host calls about are read nevertheless",
			"channel", Name, "account", a.Name, "error", err)
		if chat.Sleep(ctx, backoff.Delay(failures, 0.5)) != nil {
			return
		}
	}
}

// SendQuota is how much may still be sent to the customer of a conversation.
func (c *Channel) SendQuota(ctx context.Context, conversation chat.Conversation) (chat.SendQuota, bool, error) {
	who, ok := parseAddress(conversation.Address)
	if !ok || conversation.Channel != Name {
		return chat.SendQuota{}, false, nil
	}
	q, err := loadQuota(ctx, c.KV, conversation.Account, who)
	if err != nil {
		return chat.SendQuota{}, false, fmt.Errorf("load the send quota: %w", err)
	}
	return q.report(), true, nil
}
