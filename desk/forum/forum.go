// Package forum lets agents work in a Telegram group with topics: one topic for each customer, whatever
// the customer's channel. The entries of the conversation appear in the topic; what agents write
// there goes to the customer, but for what begins with "//".
package forum

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/panics"
)

// Name is the channel that a store sends every desk.Activity to; the destination's account is the Telegram account's name.
const Name = "telegram-desk"

// Config is what a Forum works with. All but SendQuota and Log must be set.
type Config struct {
	Clients       []*telegram.Client // of all Telegram accounts; agents work in the groups of those that have one
	Desk          Desk
	Conversations Conversations
	KV            chat.KVStore
	Pictures      chat.Pictures
	Guide         func() Guide // that is served now
	// SendQuota is what may still be sent to a customer; ok is false where there is no limit.
	SendQuota func(ctx context.Context, c chat.Conversation) (q chat.SendQuota, ok bool, err error)
	Log       *slog.Logger
	Now       func() time.Time // in the desk's zone
	Panics    *panics.Handler  // one that only logs when nil
}

// Desk is where agents act on tickets; *desk.Desk is one.
type Desk interface {
	ListTickets(ctx context.Context, by desk.Agent, f desk.Filter) ([]desk.Ticket, error)
	NoteSeen(ctx context.Context, by desk.Agent) error
	TakeOver(ctx context.Context, by desk.Agent, id string) (desk.Ticket, error)
	Reply(ctx context.Context, by desk.Agent, id string, r desk.ReplyRequest) (desk.Ticket, error)
	Note(ctx context.Context, by desk.Agent, id, text string) (desk.Ticket, error)
	Transfer(ctx context.Context, by desk.Agent, id, to string) (desk.Ticket, error)
	Close(ctx context.Context, by desk.Agent, id string, last desk.ReplyRequest) (desk.Ticket, error)
	TellUnseen(ctx context.Context, id string, seq int64, text string) error
}

// Conversations are where entries are read.
type Conversations interface {
	FindConversation(ctx context.Context, id string) (chat.Conversation, error)
	ListEntries(ctx context.Context, id string, after int64, limit int) ([]chat.Entry, error)
}

// Guide is one guide, for the look-up.
type Guide struct {
	Library  *kb.Library
	Searcher kb.Searcher
}

// Forum is a chat.Channel that carries every desk.Activity into the group, and a telegram.Group that takes what
// agents write there to the desk. The group is private: whoever is in it is trusted to work on tickets.
type Forum struct {
	Config
	clients chat.Accounts[*telegram.Client] // those that have a group

	announcing sync.Mutex // one announcement at a time
	usernames  sync.Map   // the bots', by account
}

// New makes a forum.
func New(c Config) (*Forum, error) {
	if c.Desk == nil || c.Conversations == nil || c.KV == nil || c.Pictures == nil || c.Guide == nil || c.Now == nil {
		return nil, errors.New("a forum needs Desk, Conversations, KV, Pictures, Guide and Now")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Panics = c.Panics.Or(c.Log)
	if c.SendQuota == nil {
		c.SendQuota = func(context.Context, chat.Conversation) (q chat.SendQuota, ok bool, err error) { return q, false, nil }
	}
	f := &Forum{Config: c, clients: chat.Accounts[*telegram.Client]{}}
	for _, client := range c.Clients {
		if client.Account().Group == 0 {
			continue
		}
		if err := f.clients.Add(client.Account().Name, client); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// Name is the channel's.
func (f *Forum) Name() string { return Name }

// username is how people address the bot in the group.
func (f *Forum) username(ctx context.Context, client *telegram.Client) (string, error) {
	account := client.Account().Name
	if name, ok := f.usernames.Load(account); ok {
		return name.(string), nil
	}
	me, err := client.Me(ctx)
	if err == nil {
		f.usernames.Store(account, me.UserName)
	}
	return me.UserName, err
}
