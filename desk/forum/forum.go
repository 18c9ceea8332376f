// Package forum lets agents work in a Telegram group with topics: one topic for each customer, whatever
// the customer's channel. What is said to the customer or by them appears in the topic; what agents write
// there goes to the customer, but for what begins with "//".
package forum

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
)

// Name is the channel that a store sends every desk.Line to; the destination's account is the Telegram account's name.
const Name = "telegram-desk"

// Config is what a Forum works with. All but Allowance, Agents and Log must be set.
type Config struct {
	Clients       []*telegram.Client // of all Telegram accounts; agents work in the groups of those that have one
	Desk          Desk
	Conversations Conversations
	Marks         chat.KVStore
	Pictures      chat.Pictures
	Guide         func() Guide // that is served now
	// Allowance is what may still be sent to a customer; ok is false where there is no limit.
	Allowance func(ctx context.Context, c chat.Conversation) (a chat.SendQuota, ok bool, err error)
	Agents    map[int64]string // names at the desk by Telegram's ids of users, for those who have one there
	Log       *slog.Logger
	Now       func() time.Time
}

// Desk is what is done at the desk; *desk.Desk does it.
type Desk interface {
	ListTickets(ctx context.Context, by desk.Agent, f desk.Filter) ([]desk.Ticket, error)
	Claim(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error)
	Reply(ctx context.Context, by desk.Agent, id string, a desk.ReplyRequest) (desk.Ticket, error)
	Note(ctx context.Context, by desk.Agent, id, text string) (desk.Ticket, error)
	Transfer(ctx context.Context, by desk.Agent, id, to string) (desk.Ticket, error)
	Close(ctx context.Context, by desk.Agent, id string, last desk.ReplyRequest) (desk.Ticket, error)
}

// Conversations are where a new topic's history is read.
type Conversations interface {
	FindConversation(ctx context.Context, id string) (chat.Conversation, error)
	ListEntries(ctx context.Context, id string, after int64, limit int) ([]chat.Entry, error)
}

// Guide is one guide, for the look-up.
type Guide struct {
	Library  *kb.Library
	Searcher kb.Searcher
}

// Forum is a chat.Channel that carries desk.Lines into the group, and a telegram.Group that takes what
// agents write there to the desk. The group is private: whoever is in it is trusted to work on tickets.
type Forum struct {
	c       Config
	clients map[string]*telegram.Client // by account

	board sync.Mutex // one announcement at a time

	mu    sync.Mutex
	names map[string]string // the bots' user names, by account
}

// New makes a forum.
func New(c Config) (*Forum, error) {
	f := &Forum{c: c, clients: map[string]*telegram.Client{}, names: map[string]string{}}
	if c.Desk == nil || c.Conversations == nil || c.Marks == nil || c.Pictures == nil || c.Guide == nil || c.Now == nil {
		return nil, errors.New("a forum needs a desk, conversations, marks, pictures, a guide and a clock")
	}
	if f.c.Log == nil {
		f.c.Log = slog.New(slog.DiscardHandler)
	}
	if f.c.Allowance == nil {
		f.c.Allowance = func(context.Context, chat.Conversation) (a chat.SendQuota, ok bool, err error) { return a, false, nil }
	}
	for _, client := range c.Clients {
		a := client.Account()
		if f.clients[a.Name] != nil {
			return nil, fmt.Errorf("two Telegram accounts are named %q", a.Name)
		}
		f.clients[a.Name] = client
	}
	return f, nil
}

// Name is the channel's.
func (f *Forum) Name() string { return Name }

// Run gives every group the menu of its commands. Without it everything else works.
func (f *Forum) Run(ctx context.Context) {
	for name, client := range f.clients {
		if client.Account().Group == 0 {
			continue
		}
		r, err := f.room(ctx, client)
		if err == nil {
			err = client.SetCommands(ctx, telegram.Scope{Type: "chat", Chat: r.group}, menu())
		}
		if err != nil && ctx.Err() == nil {
			f.c.Log.WarnContext(ctx, "the agents' group has no menu of commands", "account", name, "error", err)
		}
	}
}

// username is how people address the bot in the group.
func (f *Forum) username(ctx context.Context, client *telegram.Client) (string, error) {
	account := client.Account().Name
	f.mu.Lock()
	name, ok := f.names[account]
	f.mu.Unlock()
	if ok {
		return name, nil
	}
	me, err := client.Me(ctx)
	if err != nil {
		return "", err
	}
	f.mu.Lock()
	f.names[account] = me.UserName
	f.mu.Unlock()
	return me.UserName, nil
}
