package wechat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// Channel is a chat.Channel, and where customers' messages come from.
type Channel struct {
	Config
	accounts chat.Accounts[*account]
	running  sync.WaitGroup // work on messages, and what else goes on behind a request

	mu      sync.Mutex
	pending map[string]*pending // by Message.ExternalID
}

// New makes a channel. Its error names every account that cannot be, and why.
func New(c Config) (*Channel, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Title == nil {
		c.Title = func(string) string { return "" }
	}
	c.Wait = cmp.Or(c.Wait, 4*time.Second)
	ch := &Channel{Config: c, accounts: chat.Accounts[*account]{}, pending: map[string]*pending{}}
	var errs []error
	for _, settings := range c.Accounts {
		a, err := newAccount(settings, c)
		if err == nil {
			err = ch.accounts.Add(a.Name, a)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s account %q: %w", Name, settings.Name, err))
		}
	}
	return ch, errors.Join(errs...)
}

// Name is "wechat".
func (c *Channel) Name() string { return Name }

// SendQuota is what may still be sent to the customer of a conversation.
func (c *Channel) SendQuota(ctx context.Context, conversation chat.Conversation) (chat.SendQuota, bool, error) {
	a, ok := c.accounts[conversation.Account]
	if !ok || conversation.Channel != Name {
		return chat.SendQuota{}, false, nil
	}
	if a.sendForbidden(ctx) {
		return chat.SendQuota{}, true, nil
	}
	q, err := a.loadQuota(ctx, conversation.Address)
	if err != nil {
		return chat.SendQuota{}, false, err
	}
	return q.report(c.Now()), true, nil
}

// grace is how long messages that are being worked on at the end have.
const grace = 10 * time.Second

// Run waits for the end of ctx, and then for what goes on behind requests that were answered.
func (c *Channel) Run(ctx context.Context) {
	<-ctx.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		c.Log.WarnContext(ctx, "not everything is finished", "error", err)
	}
}

// Close waits for what goes on behind requests that were answered, or for the end of ctx. No request may
// come any more.
func (c *Channel) Close(ctx context.Context) error {
	done := make(chan struct{})
	go func() { c.running.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("messages of WeChat are still being worked on: %w", ctx.Err())
	}
}

// settle ends the lease of a sending, again and again for as long as it lasts: else it would become unknown.
func (c *Channel) settle(ctx context.Context, id int64, how chat.Settlement) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseTime/2)
	defer cancel()
	var err error
	settled := retry(ctx, func() bool {
		err = c.Outbox.Settle(ctx, id, how)
		return err == nil || errors.Is(err, chat.ErrConflict) || errors.Is(err, chat.ErrNotFound) // settled already, or erased
	})
	if !settled {
		c.Log.ErrorContext(ctx, "the outbox failed", "op", "settle", "sending", id, "error", err)
	}
}
