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

// Name is the channel's.
const Name = "telegram"

// Config is what a Channel works with. Accounts, Inbox, Marks, Pictures and Entries are needed.
type Config struct {
	Accounts []Account
	Inbox    chat.Inbox
	Marks    chat.KVStore
	Pictures chat.Pictures
	// Entries are those of a conversation behind a number, in order: whoever taps a button says what stood on it.
	Entries     func(ctx context.Context, conversation string, after int64, limit int) ([]chat.Entry, error)
	Group       Group                    // nil: what happens in an agents' group is nobody's business
	Traditional func(text string) string // puts a text into traditional script; nil: everybody reads simplified

	Client *http.Client // whose transport counts alone; nil, or none: one that keeps enough connections
	Log    *slog.Logger // nowhere when nil; never told what was said, by whom, or a token
	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) error // ctx.Err() when ctx ends first
	Random func() float64                                   // in [0,1), for jitter; safe for concurrent use
	Poll   time.Duration                                    // how long one poll waits: MaxWait when 0
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
func (c *Channel) Name() string { return Name }

// Run sets every account up and takes what customers say until ctx ends. It returns when nothing is
// under way any more.
func (c *Channel) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, a := range c.accounts {
		all.Go(func() { c.serve(ctx, a) })
	}
	all.Wait()
}

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
