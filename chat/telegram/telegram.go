// Package telegram brings customers who write to a Telegram bot to Yingda, and what is said back to them.
// It also has the Client that whoever works in an agents' group calls Telegram with.
//
// An update is decoded (update.go), its message read (content.go) and delivered (intake.go), and acknowledged when that
// is on disk: by the offset of the next poll (poll.go) or the answer to a push (receive.go). What is said leaves by
// Send (send.go), which the courier calls.
package telegram

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/panics"
)

// Config is what a Channel works with. Accounts, Inbox, KV, Pictures and Conversations are needed.
type Config struct {
	Accounts      []Account
	Inbox         chat.Inbox
	KV            chat.KVStore
	Pictures      chat.Pictures
	Conversations Conversations
	Group         Group                    // nil: what happens in an agents' group is nobody's business
	Traditional   func(text string) string // puts a text into traditional script; nil: everybody reads simplified

	Client     *http.Client // whose transport counts alone; nil, or none: one that keeps enough connections
	Log        *slog.Logger // nowhere when nil; never told what was said, by whom, or a token
	Now        func() time.Time
	Sleep      func(ctx context.Context, d time.Duration) error // chat.Sleep when nil
	Panics     *panics.Handler                                  // one that only logs when nil
	Rejections *chat.Rejections                                 // likewise
	Random     func() float64                                   // in [0,1), for jitter; safe for concurrent use
	Poll       time.Duration                                    // how long one poll waits: MaxPollWait when 0
}

// Conversations is what a Channel reads of them.
type Conversations interface {
	// ListEntries are at most limit entries behind seq after, in order: whoever taps a button says what stood on it.
	ListEntries(ctx context.Context, id string, after int64, limit int) ([]chat.Entry, error)
	// FindExternalID is the channel's own id of the customer's message that became the entry; chat.ErrNotFound.
	FindExternalID(ctx context.Context, id string, seq int64) (string, error)
}

// Channel is a chat.Channel, and where customers' messages come from.
type Channel struct {
	Config
	accounts chat.Accounts[*account]
	files    chan struct{} // holds one for each file that is in memory
}

// account is a bot at work.
type account struct {
	Account
	*Client

	me      atomic.Pointer[Bot]   // nil until Telegram was asked
	polling atomic.Pointer[error] // why the last poll failed; nil where it did not

	mu        sync.Mutex
	throttled map[int64]time.Time // by chat, that Telegram has too much from us, and until when
}

// maxFiles is how many files are in memory at once.
const maxFiles = 4

// New makes a channel. Its error names every account that cannot be, and why.
func New(c Config) (*Channel, error) {
	if c.Client == nil || c.Client.Transport == nil {
		c.Client = &http.Client{Transport: transport()}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Sleep == nil {
		c.Sleep = chat.Sleep
	}
	c.Panics = c.Panics.Or(c.Log)
	c.Rejections = c.Rejections.Or(c.Log, c.Now)
	if c.Poll <= 0 || c.Poll > MaxPollWait {
		c.Poll = MaxPollWait
	}
	bots := map[string]string{}
	accounts, err := chat.NewAccounts(Name, c.Accounts, func(a Account) (string, *account, error) {
		err := a.Validate()
		if other, ok := bots[a.BotID()]; ok && err == nil {
			err = fmt.Errorf("bot %s is already that of account %q: two would take each other's messages", a.BotID(), other)
		} else if err == nil {
			bots[a.BotID()] = a.Name
		}
		return a.Name, &account{Account: a, Client: NewClient(a, c.Client), throttled: map[int64]time.Time{}}, err
	})
	if err != nil {
		return nil, err
	}
	return &Channel{Config: c, accounts: accounts, files: make(chan struct{}, maxFiles)}, nil
}

// transport keeps as many connections to Telegram as a courier uses.
func transport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // somebody put another one there
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = 64
	return t
}

// Name is the channel's.
func (c *Channel) Name() string { return Name }

// self is the bot, which Telegram is asked about once.
func (a *account) self(ctx context.Context) (Bot, error) {
	if me := a.me.Load(); me != nil {
		return *me, nil
	}
	u, err := a.Me(ctx)
	if err == nil {
		a.me.Store(&u)
	}
	return u, err
}

// externalID is the id of an update that no other bot has.
func (a *account) externalID(update int) string { return fmt.Sprintf("%s:%d", a.BotID(), update) }

// getKV decodes the value of a key into into, which stays as it is where there is none.
func (c *Channel) getKV(ctx context.Context, key string, into any) error {
	_, err := chat.LoadKV(ctx, c.KV, key, into)
	return err
}

// newKV is one that lasts for kvTTL.
func (c *Channel) newKV(conversation, key string, value any) chat.KV {
	return chat.KV{Key: key, Value: chat.EncodeJSON(value), Conversation: conversation, ExpiresAt: c.Now().Add(kvTTL)}
}

// setMigrated notes that a group became a supergroup.
func (c *Channel) setMigrated(ctx context.Context, a *account, from, to int64) error {
	return c.KV.SetKV(ctx, c.newKV("", MovedKey(a.Name, from), to))
}

// throttle notes that Telegram wants nothing more for a chat for a while, and tells whether that goes for the
// whole bot: when another chat is throttled as well. Telegram does not say which limit it was.
func (a *account) throttle(chatID int64, now time.Time, wait time.Duration) (whole bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.throttled, func(_ int64, until time.Time) bool { return !now.Before(until) })
	a.throttled[chatID] = now.Add(wait)
	return len(a.throttled) > 1
}

// throttledFor is how long Telegram still wants nothing for a chat, which several customers in a group share.
func (a *account) throttledFor(chatID int64, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.throttled[chatID].Sub(now)
}

// retry does something until it succeeds; false when ctx ends before.
func (c *Channel) retry(ctx context.Context, a *account, what string, do func() error) bool {
	for failures := 1; ; failures++ {
		err := do()
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		c.logFailure(ctx, a, what, err)
		if c.backoff(ctx, failures, retryAfter(err)) != nil {
			return false
		}
	}
}

// logFailure logs in words what is wrong with an account.
func (c *Channel) logFailure(ctx context.Context, a *account, what string, err error) {
	c.Log.ErrorContext(ctx, "Telegram does not do what it should", "account", a.Name, "to", what, "problem", diagnose(err), "error", err)
}

// backoff waits after so many failures in a row, at least as long as was asked for. It returns ctx.Err() when ctx ends first.
func (c *Channel) backoff(ctx context.Context, failures int, atLeast time.Duration) error {
	wait := chat.Backoff{First: 500 * time.Millisecond, Max: time.Minute}.Delay(failures, c.Random())
	return c.Sleep(ctx, max(wait, atLeast))
}
