// Package kf is the channel of WeChat customer service (微信客服). Its host only says that there is something
// new; what it is, is read from the host's log, from a place that is kept in one commit with what was read.
package kf

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat/envelope"
	"github.com/yingda/yingda/chat/wechat/host"
)

// Name is the Channel's.
const Name = "wechat-kf"

var (
	_ chat.Channel       = (*Channel)(nil)
	_ chat.QuotaReporter = (*Channel)(nil)
	_ chat.Checker       = (*Channel)(nil)
)

// Account is one corporation's customer service, which may have many desks (客服帐号), each with an open_kfid.
type Account struct {
	Name   string   // the Sending.Account
	CorpID string   // 企业ID
	Secret string   // of the application that may call the API of 微信客服
	Token  string   // of the callback: signs what the host sends
	AESKey string   // the callback's EncodingAESKey
	API    string   // base URL; "" for the host's own
	Desks  []string // the open_kfid of those that are read; none: every one that the application may manage
}

// Outbox is what the channel needs of the queue that its Courier empties.
type Outbox interface {
	// ReleaseLane makes due at once whatever is queued in a lane.
	ReleaseLane(ctx context.Context, lane string) error
	// MarkUndelivered makes a sending dead that the host took and could not deliver, as it says later; chat.ErrConflict
	// where it is dead already, or not known.
	MarkUndelivered(ctx context.Context, id int64, reason string) error
}

// Config is what a Channel works with. Everything but Transport is needed.
type Config struct {
	Accounts  []Account
	Inbox     chat.Inbox
	Marks     chat.KVStore
	Outbox    Outbox
	Pictures  chat.Pictures
	Transport http.RoundTripper // http.DefaultTransport when nil
	Log       *slog.Logger
	Now       func() time.Time
}

// Channel is a chat.Channel, a chat.Limited and a chat.Checker. Run reads what customers say.
type Channel struct {
	c        Config
	accounts map[string]*account

	mu    sync.Mutex
	lanes map[string]*lane // by account and open_kfid
	start func(*lane)      // runs a lane; nil while Run does not
}

// account is an Account at work.
type account struct {
	Account
	client   *host.Client
	envelope *envelope.Envelope
	names    *names
}

// New makes a channel.
func New(c Config) (*Channel, error) {
	ch := &Channel{c: c, accounts: map[string]*account{}, lanes: map[string]*lane{}}
	for _, a := range c.Accounts {
		if _, ok := ch.accounts[a.Name]; ok {
			return nil, fmt.Errorf("wechat-kf %q: the name stands twice", a.Name)
		}
		made, err := a.open(c)
		if err != nil {
			return nil, fmt.Errorf("wechat-kf %q: %w", a.Name, err)
		}
		ch.accounts[a.Name] = made
		for _, desk := range a.Desks {
			ch.lane(made, desk)
		}
	}
	return ch, nil
}

// open checks an account. Its errors hold no secret.
func (a Account) open(c Config) (*account, error) {
	switch {
	case a.Name == "" || strings.ContainsAny(a.Name, "/ "):
		return nil, errors.New("its name is empty, or has a blank or a slash in it")
	case a.CorpID == "":
		return nil, errors.New("it has no corporation's id (corpid): copy 企业ID from the page 我的企业")
	case a.Secret == "":
		return nil, errors.New("it has no secret: copy the one (Secret) of the application that may call the API of 微信客服")
	case a.Token == "":
		return nil, errors.New("it has no token: copy it from the page where the callback (接收消息服务器) is set up")
	case a.AESKey == "":
		return nil, errors.New("it has no EncodingAESKey: copy it from the page where the callback (接收消息服务器) is set up")
	}
	for _, desk := range a.Desks {
		if !isID(desk) {
			return nil, fmt.Errorf("the desk %q is no open_kfid, such as wkAJ2GCAAAZSfhHCt7IFSvLKtMPxyJTw", desk)
		}
	}
	e, err := envelope.New(a.Token, a.AESKey, a.CorpID)
	if err != nil {
		return nil, err
	}
	client, err := host.New(host.Config{
		Grant: host.Enterprise, ID: a.CorpID, Secret: a.Secret, Base: a.API, Transport: c.Transport, Now: c.Now, Codes: codes(),
	})
	if err != nil {
		return nil, err
	}
	return &account{Account: a, client: client, envelope: e, names: newNames()}, nil
}

// Name is "wechat-kf".
func (c *Channel) Name() string { return Name }

// Run reads what customers say until ctx ends: at once, whenever the host calls Hook, and now and then
// besides.
func (c *Channel) Run(ctx context.Context) {
	var readers sync.WaitGroup
	c.mu.Lock()
	c.start = func(l *lane) { readers.Go(func() { l.run(ctx) }) }
	for _, l := range c.lanes {
		c.start(l)
	}
	for _, a := range c.accounts {
		if len(a.Desks) == 0 {
			readers.Go(func() { c.discover(ctx, a) })
		}
	}
	c.mu.Unlock()
	<-ctx.Done()
	c.mu.Lock()
	c.start = nil
	c.mu.Unlock()
	readers.Wait()
}

// lane is the one of a desk, made and started where there is none.
func (c *Channel) lane(a *account, desk string) *lane {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := a.Name + "/" + desk
	l, ok := c.lanes[key]
	if !ok {
		l = newLane(c, a, desk)
		c.lanes[key] = l
		if c.start != nil {
			c.start(l)
		}
	}
	return l
}

// discover finds the desks that the application may manage, and starts to read them.
func (c *Channel) discover(ctx context.Context, a *account) {
	for failures := 0; ; failures++ {
		desks, err := a.desks(ctx)
		for _, d := range desks {
			c.lane(a, d.ID)
		}
		if err == nil || ctx.Err() != nil {
			return
		}
		c.c.Log.WarnContext(ctx, "cannot list the desks; those that the host calls about are read nevertheless",
			"channel", Name, "account", a.Name, "error", err)
		if pause(ctx, backoff(failures, maxPoll)) != nil {
			return
		}
	}
}

// address is where a customer is reached: open_kfid and external_userid.
type address struct{ desk, customer string }

func (a address) String() string { return a.desk + "/" + a.customer }

// parseAddress reads a Sending's or a Conversation's address.
func parseAddress(s string) (address, bool) {
	desk, customer, ok := strings.Cut(s, "/")
	return address{desk, customer}, ok && isID(desk) && isID(customer)
}

// maxID is how many bytes an id of the host's may have.
const maxID = 128

// isID tells whether something may be an id of the host's, so that it can stand in keys.
func isID(s string) bool {
	return s != "" && len(s) <= maxID && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == '/' || r >= 0x7f
	})
}
