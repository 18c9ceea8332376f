package main

import (
	"context"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/chat/wechat"
	"github.com/yingda/yingda/chat/wechat/kf"
	"github.com/yingda/yingda/desk/forum"
	"github.com/yingda/yingda/desk/robot"
	"github.com/yingda/yingda/kb"
)

// pushed tells the channels whose customers are sent what is said to them. Those of others come and read.
func pushed(channel string) bool {
	return slices.Contains([]string{"telegram", "wechat", "wechat-kf"}, channel)
}

// checkAccounts finds accounts that cannot be served, without a call to anybody.
func (c config) checkAccounts() error {
	_, err := c.channels(channelTools{})
	if err != nil {
		return usageError{err.Error()}
	}
	return nil
}

// channelTools is what the channels work with. To be looked at they need nothing of it.
type channelTools struct {
	inbox    chat.Inbox
	store    channelStore
	pictures chat.Pictures
	desk     forum.Desk
	guide    func() forum.Guide
	log      *slog.Logger
}

// channelStore is what channels keep and read.
type channelStore interface {
	chat.Conversations
	chat.Outbox
	chat.KVStore
	kf.Outbox
	telegram.Conversations
}

// channels are those that have an account, for the courier to send through. What one can do besides, it has a
// method for: see hooked, chat.Runner, chat.Limited and chat.Checker.
type channels []chat.Channel

// hooked is a channel whose host calls us.
type hooked interface {
	Hook(account string) (http.Handler, bool)
}

// channels makes every channel that has an account.
func (c config) channels(t channelTools) (all channels, err error) {
	for _, open := range []func() (channels, error){
		func() (channels, error) { return c.telegramChannels(t, &all) },
		func() (channels, error) { return c.officialChannel(t) },
		func() (channels, error) { return c.kfChannel(t) },
		func() (channels, error) { return c.robotChannel(t) },
		c.webhookChannel,
	} {
		opened, err := open()
		if err != nil {
			return nil, err
		}
		all = append(all, opened...)
	}
	return all, nil
}

// telegramChannels are the customers' side of Telegram, and the agents' groups. all are the channels as they will be.
func (c config) telegramChannels(t channelTools, all *channels) (channels, error) {
	bots, err := c.bots()
	if err != nil || len(bots) == 0 {
		return nil, err
	}
	client := &http.Client{}
	customers := telegram.Config{
		Accounts: bots, Inbox: t.inbox, KV: t.store, Pictures: t.pictures, Traditional: traditional(),
		Client: client, Log: t.log, Now: time.Now, Random: mathrand.Float64,
	}
	if t.store == nil { // to be looked at only
		one, err := telegram.New(customers)
		return channels{one}, err
	}
	agents, err := forum.New(forum.Config{
		Clients: clientsOf(bots, client), Desk: t.desk, Conversations: t.store, KV: t.store, Pictures: t.pictures,
		Guide: t.guide, Log: t.log, Now: time.Now,
		SendQuota: func(ctx context.Context, c chat.Conversation) (chat.SendQuota, bool, error) {
			return all.allowance(ctx, c)
		},
	})
	if err != nil {
		return nil, err
	}
	customers.Conversations, customers.Group = t.store, agents
	one, err := telegram.New(customers)
	return channels{one, agents}, err
}

// officialChannel is that of WeChat's official accounts.
func (c config) officialChannel(t channelTools) (channels, error) {
	accounts, err := c.officialAccounts()
	if err != nil || len(accounts) == 0 {
		return nil, err
	}
	one, err := wechat.New(wechat.Config{
		Accounts: accounts, Inbox: t.inbox, Outbox: t.store, KV: t.store, Conversations: t.store, Pictures: t.pictures, Title: t.title, Log: t.log, Now: time.Now,
	})
	return channels{one}, err
}

// kfChannel is that of WeChat's customer service.
func (c config) kfChannel(t channelTools) (channels, error) {
	accounts, err := c.customerServices()
	if err != nil || len(accounts) == 0 {
		return nil, err
	}
	one, err := kf.New(kf.Config{Accounts: accounts, Inbox: t.inbox, Outbox: t.store, KV: t.store, Conversations: t.store, Pictures: t.pictures, Log: t.log, Now: time.Now})
	return channels{one}, err
}

// robotChannel is that of the robots of WeChat's groups.
func (c config) robotChannel(t channelTools) (channels, error) {
	accounts, err := c.robots()
	if err != nil || len(accounts) == 0 {
		return nil, err
	}
	one, err := robot.New(robot.Config{Accounts: accounts, Categories: t.categories(), Now: time.Now})
	return channels{one}, err
}

// webhookChannel tells other systems.
func (c config) webhookChannel() (channels, error) {
	if *c.webhook == "" {
		return nil, nil
	}
	one, err := c.channel()
	return channels{one}, err
}

func clientsOf(bots []telegram.Account, client *http.Client) (clients []*telegram.Client) {
	for _, a := range bots {
		clients = append(clients, telegram.NewClient(a, client))
	}
	return clients
}

// title is an article's title; "" for none.
func (t channelTools) title(article string) string {
	a, _ := t.guide().Library.Article(article)
	return a.Title
}

// categories are the names of the guide's shelves.
func (t channelTools) categories() map[string]string {
	names := map[string]string{}
	if t.guide == nil {
		return names
	}
	for _, c := range t.guide().Library.Phrases.Categories {
		names[c.ID] = c.Name
	}
	return names
}

// allowance is what may still be sent to the customer of a conversation.
func (all channels) allowance(ctx context.Context, c chat.Conversation) (a chat.SendQuota, ok bool, err error) {
	for _, one := range all {
		if limited, may := one.(chat.QuotaReporter); may && one.Name() == c.Channel {
			return limited.SendQuota(ctx, c)
		}
	}
	return a, false, nil
}

// hook is what takes the calls of a channel's host for an account.
func (all channels) hook(channel, account string) (http.Handler, bool) {
	for _, one := range all {
		if h, may := one.(hooked); may && one.Name() == channel {
			return h.Hook(account)
		}
	}
	return nil, false
}

// run lets every channel do what it has to do besides sending, until ctx ends.
func (all channels) run(ctx context.Context) {
	var runs sync.WaitGroup
	for _, one := range all {
		if r, may := one.(chat.Runner); may {
			runs.Go(func() { r.Run(ctx) })
		}
	}
	runs.Wait()
}

// forumGuide is the guide that agents look things up in.
func (n *node) forumGuide() forum.Guide {
	g := n.live.guide()
	return forum.Guide{Library: g.library, Searcher: kb.Searcher(g.index)}
}
