// Package telegram brings customers who write to a Telegram bot to Yingda, and what is said back to them.
// It also has the Client that whoever works in an agents' group calls Telegram with.
//
// An update is read (read.go), becomes a message (intake.go) and is acknowledged when that is on disk:
// by the offset of the next poll (poll.go) or the answer to a push (webhook.go). What is said leaves by
// Send (deliver.go), which the courier calls.
package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
)

// Config is what a Channel works with. Accounts, Inbox, Marks, Pictures and Conversations are needed.
type Config struct {
	Accounts      []Account
	Inbox         chat.Inbox
	Marks         chat.KVStore
	Pictures      chat.Pictures
	Conversations Conversations
	Group         Group                    // nil: what happens in an agents' group is nobody's business
	Traditional   func(text string) string // puts a text into traditional script; nil: everybody reads simplified

	Client *http.Client // whose transport counts alone; nil, or none: one that keeps enough connections
	Log    *slog.Logger // nowhere when nil; never told what was said, by whom, or a token
	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) error // ctx.Err() when ctx ends first
	Random func() float64                                   // in [0,1), for jitter; safe for concurrent use
	Poll   time.Duration                                    // how long one poll waits: MaxWait when 0
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
	c        Config
	accounts map[string]*account
	files    chan struct{} // holds one for each file that is in memory
}

// account is a bot at work.
type account struct {
	Account
	*Client

	mu    sync.Mutex
	me    *User               // nil until Telegram was asked
	holds map[int64]time.Time // by chat, that Telegram has too much from us, and until when
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
	if c.Poll <= 0 || c.Poll > MaxWait {
		c.Poll = MaxWait
	}
	ch := &Channel{c: c, accounts: map[string]*account{}, files: make(chan struct{}, maxFiles)}
	bots := map[string]string{}
	var errs []error
	for _, a := range c.Accounts {
		err := a.Check()
		if other, ok := bots[a.BotID()]; ok && err == nil {
			err = fmt.Errorf("it is the same bot as account %q: two would take each other's messages", other)
		}
		if _, ok := ch.accounts[a.Name]; ok {
			err = errors.Join(errors.New("the name stands twice"), err)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("telegram account %q: %w", a.Name, err))
			continue
		}
		bots[a.BotID()] = a.Name
		ch.accounts[a.Name] = &account{Account: a, Client: NewClient(a, c.Client), holds: map[int64]time.Time{}}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return ch, nil
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
func (c *Channel) Name() string { return "telegram" }

// self is the bot, which Telegram is asked about once.
func (a *account) self(ctx context.Context) (User, error) {
	a.mu.Lock()
	me := a.me
	a.mu.Unlock()
	if me != nil {
		return *me, nil
	}
	u, err := a.Me(ctx)
	if err != nil {
		return User{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.me = &u
	return u, nil
}

// external is the id of an update that no other bot has.
func (a *account) external(update int) string { return fmt.Sprintf("%s:%d", a.BotID(), update) }

// look reads a mark into into, which stays as it is where there is none.
func (c *Channel) look(ctx context.Context, key string, into any) error {
	value, err := c.c.Marks.GetKV(ctx, key)
	if errors.Is(err, chat.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return decodeKV(value, into)
}

// mark is one that lasts for markLife.
func (c *Channel) mark(conversation, key string, value any) chat.KV {
	return chat.KV{Key: key, Value: []byte(encode(value)), Conversation: conversation, ExpiresAt: c.c.Now().Add(markLife)}
}

// moved notes that a group became a supergroup.
func (c *Channel) moved(ctx context.Context, a *account, from, to int64) error {
	return c.c.Marks.SetKV(ctx, c.mark("", MovedKey(a.Name, from), to))
}

// hold notes that Telegram wants nothing more for a chat for a while, and tells whether that goes for the
// whole bot: when another chat is held as well. Telegram does not say which limit it was.
func (a *account) hold(chat int64, now time.Time, wait time.Duration) (whole bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for other, until := range a.holds {
		if !now.Before(until) {
			delete(a.holds, other)
			continue
		}
		whole = whole || other != chat
	}
	a.holds[chat] = now.Add(wait)
	return whole
}

// held is how long Telegram still wants nothing for a chat, which several customers in a group share.
func (a *account) held(chat int64, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.holds[chat].Sub(now)
}

// insist does something until it succeeds; false when ctx ends before.
func (c *Channel) insist(ctx context.Context, a *account, what string, do func() error) bool {
	for failures := 0; ; failures++ {
		err := do()
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		c.complain(ctx, a, what, err)
		if c.backOff(ctx, failures, retryAfter(err)) != nil {
			return false
		}
	}
}

// complain logs in words what is wrong with an account.
func (c *Channel) complain(ctx context.Context, a *account, what string, err error) {
	c.c.Log.ErrorContext(ctx, "Telegram does not do what it should", "account", a.Name, "to", what, "problem", diagnose(err), "error", err)
}

const (
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = time.Minute
)

// backOff waits, the longer the more failures there were, and at least as long as was asked for.
func (c *Channel) backOff(ctx context.Context, failures int, least time.Duration) error {
	wait := min(firstBackoff<<min(failures, 16), maxBackoff)
	wait = time.Duration(float64(wait) * (0.75 + c.c.Random()/2))
	return c.c.Sleep(ctx, max(wait, least))
}
