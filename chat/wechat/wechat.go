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
//  1. A request joins the pending work on its message, or begins it (pending.go, receive.go). The work goes on when
//     the request ends.
//  2. The work delivers the message. What is said to it is on disk now, in the outbox, where the
//     courier leaves it alone for Message.ReplyWindow.
//  3. It leases the whole lane (passive.go), with what had waited for this customer, and puts as much as fits
//     into one text (page.go), the passive reply. The rest goes back to the outbox at once.
//  4. It claims the reply: a value of the KVStore under the message's id. Whoever claims first
//     decides, on whatever node; everybody else replies the same.
//  5. The waiting requests are answered, and only then are the leased sendings settled as sent.
//
// A request that has waited for Config.Wait gets a holding reply instead, and claims it once the message is kept. The
// work, when it comes to 4., gives everything back to the courier.
//
// What is where when the process is killed, and what becomes of it:
//
//   - Before the commit of 2: nothing is kept, nothing was answered. WeChat asks again.
//   - Behind 2: the sendings are queued. The next request finds a repeat and goes on with 3; when none
//     comes, the courier sends them after the reply window.
//   - Behind 3, for the time of one commit: the sendings are leased to nobody. The next request finds a
//     lane that gives nothing and is put off, with the holding reply. The sendings become unknown when
//     their lease ends, which an agent is told.
//   - Behind 4: the claim holds the reply and the ids of its sendings. The next request gets it and
//     settles them. When none comes, the reply may have arrived or not: they become unknown.
//   - Behind a holding reply: as above. A message that was not yet kept has left no mark: when WeChat asks again, it is
//     taken and answered. When it does not, the message is lost with the process: so the holding reply says to write
//     again when nothing comes within a minute.
//   - All requests cut off before a reply was written: the work waits for a repeat, then gives the
//     sendings back and makes the reply an empty one, in one commit. Where a repeat elsewhere has adopted
//     the reply first, it is for that one to settle them; cut off as well, it leaves them unknown.
package wechat

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/host"
	"github.com/yingda/yingda/panics"
)

// Config is what a Channel works with. Accounts, Inbox, Outbox, KV and Pictures are needed.
type Config struct {
	Accounts      []Account
	Inbox         chat.Inbox
	Outbox        host.Lanes
	KV            chat.KVStore
	Conversations host.Conversations // nil: nothing is quoted
	Pictures      chat.Pictures
	Title         func(article string) string // an article's title, for items of the account's own menu; "" for none

	Transport  http.RoundTripper // http.DefaultTransport when nil
	Log        *slog.Logger      // nowhere when nil; never told what was said, a whole openid, or a secret
	Now        func() time.Time  // time.Now when nil
	Panics     *panics.Handler   // one that only logs when nil
	Rejections *chat.Rejections  // likewise

	Wait time.Duration // until a holding reply: 4 s
}

const (
	replyWindow  = 30 * time.Second       // Message.ReplyWindow: longer than WeChat asks again
	deliverTime  = time.Minute            // for a message that the database does not take
	repeatTime   = 12 * time.Second       // after the decision, for a repeat when no request could be answered
	claimTime    = 500 * time.Millisecond // of a request, for the claim of its holding reply
	displayTime  = time.Second            // until a customer has a reply before their eyes, and may be sent what follows
	recheckDelay = 24 * time.Hour         // between looks at a sending that waits for the customer's next message
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
	c.Panics = c.Panics.Or(c.Log)
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Rejections = c.Rejections.Or(c.Log, c.Now)
	if c.Title == nil {
		c.Title = func(string) string { return "" }
	}
	c.Wait = cmp.Or(c.Wait, 4*time.Second)
	accounts, err := chat.NewAccounts(Name, c.Accounts, func(s Account) (string, *account, error) {
		a, err := newAccount(s, host.Config{Transport: c.Transport, Now: c.Now}, c.KV, c.Log)
		return s.Name, a, err
	})
	return &Channel{Config: c, accounts: accounts, pending: map[string]*pending{}}, err
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

// start does what goes on behind a request.
func (c *Channel) start(ctx context.Context, p *pending, do func()) {
	c.running.Go(func() { c.Panics.Do(ctx, Name, do, "account", p.a.Name) })
}
