// Package wechat brings customers who write to a WeChat official account (公众号) to Yingda, and what is
// said back to them.
//
// # Five seconds
//
// WeChat wants the answer to a message as the answer to its own request, within five seconds. Without one
// it sends the request again, three times in all, and then tells the customer that the account is out of
// order. What comes later may only be sent by message/custom/send, which is rationed, and closed to
// accounts that are not certified. So:
//
//  1. A request joins the flight of its message, or begins one (flight.go). The flight goes on when the
//     request ends.
//  2. The flight delivers the message. What is said to it is on disk now, in the outbox, where the
//     courier leaves it alone for Message.Hold.
//  3. The flight leases the whole lane, with what had waited for this customer, and puts as much as fits
//     into one text (page.go). The rest goes back to the outbox at once.
//  4. The flight claims the message's answer: a mark under the message's id. Whoever claims first
//     decides, on whatever node; everybody else answers the same.
//  5. The waiting requests are answered, and only then are the leased sendings settled as sent.
//
// A request that has waited for Config.Wait claims a holding reply instead. The flight, when it comes to
// 4., loses, and gives everything back to the courier.
//
// What is where when the process is killed, and what becomes of it:
//
//   - Before the commit of 2: nothing is kept, nothing was answered. WeChat asks again.
//   - Behind 2: the sendings are queued. The next request finds a repeat and goes on with 3; when none
//     comes, the courier sends them after the hold.
//   - Behind 3, for the time of one commit: the sendings are leased to nobody. The next request finds a
//     lane that gives nothing and is put off, with the holding reply. The sendings become unknown when
//     their lease ends, which an agent is told.
//   - Behind 4: the mark holds the answer and the ids of its sendings. The next request gets it and
//     settles them. When none comes, the answer may have arrived or not: they become unknown.
//   - Behind a holding reply: as behind 2. It says to write again when nothing comes within a minute, for a
//     message that was not yet kept is lost with the process.
//   - All requests cut off before an answer was written: the flight waits for a repeat, then gives the
//     sendings back and makes the mark an empty answer, in one commit. Where a repeat elsewhere has found
//     the mark first (kept.go), it is for that one to settle them; cut off as well, it leaves them unknown.
package wechat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// Name is the channel's.
const Name = "wechat"

// Config is what a Channel works with. Accounts, Inbox, Outbox, Marks and Pictures are needed.
type Config struct {
	Accounts []Account
	Inbox    chat.Inbox
	Outbox   Outbox
	Marks    chat.KVStore
	Pictures chat.Pictures
	Title    func(article string) string // an article's title, for items of the account's own menu; "" for none

	Transport http.RoundTripper // http.DefaultTransport when nil
	Log       *slog.Logger      // nowhere when nil; never told what was said, a whole openid, or a secret
	Now       func() time.Time  // time.Now when nil

	Wait time.Duration // until a holding reply: 4 s
}

// Outbox is what the channel needs of a chat.Outbox.
type Outbox interface {
	LeaseLane(ctx context.Context, lane string, behind int64, lease time.Duration) ([]chat.Sending, error)
	Settle(ctx context.Context, id int64, s chat.Settlement) error
}

const (
	hold     = 30 * time.Second       // Message.Hold: longer than WeChat asks again
	patience = time.Minute            // of a flight with a message that the database does not take
	lease    = time.Minute            // of a lane
	regret   = 12 * time.Second       // after the decision, for a repeat when no request could be answered
	memory   = 15 * time.Minute       // of an answer: longer than requests are fresh
	decision = 500 * time.Millisecond // of a request for the mark of its holding reply
	shown    = time.Second            // until a customer has an answer before their eyes, and may be sent what follows
)

// Channel is a chat.Channel, and where customers' messages come from.
type Channel struct {
	c        Config
	accounts map[string]*account
	running  sync.WaitGroup // flights, and what else goes on behind a request

	mu      sync.Mutex
	flights map[string]*flight // by Message.External
}

var _ interface {
	chat.Channel
	chat.QuotaReporter
} = (*Channel)(nil)

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
	ch := &Channel{c: c, accounts: map[string]*account{}, flights: map[string]*flight{}}
	var errs []error
	for _, a := range c.Accounts {
		opened, err := open(a, c)
		if err == nil && ch.accounts[a.Name] != nil {
			err = errors.New("the name stands twice")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("wechat account %q: %w", a.Name, err))
			continue
		}
		ch.accounts[a.Name] = opened
	}
	return ch, errors.Join(errs...)
}

// Name is "wechat".
func (c *Channel) Name() string { return Name }

// Hook answers what WeChat sends to an account's address, /hooks/wechat/{account}; false for an unknown one.
func (c *Channel) Hook(account string) (http.Handler, bool) {
	a, ok := c.accounts[account]
	if !ok {
		return nil, false
	}
	return hook{c, a}, true
}

// grace is how long messages that are being worked on at the end have.
const grace = 10 * time.Second

// Run waits for the end of ctx, and then for what goes on behind requests that were answered.
func (c *Channel) Run(ctx context.Context) {
	<-ctx.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		c.c.Log.WarnContext(ctx, "not everything is finished", "error", err)
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

// key is where a mark of an account is kept.
func (a *account) key(kind, of string) string { return Name + "/" + a.Name + "/" + kind + "/" + of }

// tail is what of an openid may be logged.
func tail(openID string) string { return "…" + openID[max(0, len(openID)-4):] }
