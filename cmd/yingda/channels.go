package main

import (
	"context"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/chat/wechat"
	"github.com/yingda/yingda/chat/wechat/kf"
	"github.com/yingda/yingda/desk/forum"
	"github.com/yingda/yingda/desk/robot"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/store"
)

// pushed tells the channels whose customers are sent what is said to them. Those of others come and read.
func pushed(channel string) bool {
	return slices.Contains([]string{"telegram", "wechat", "wechat-kf"}, channel)
}

// tell tells a store what channels there are.
func (c office) tell(o *store.Options) (err error) {
	var followed error
	o.Push = pushed
	o.Announce, err = c.announced()
	o.Follow, followed = c.followed()
	return errors.Join(err, followed)
}

// announced is who hears of tickets.
func (c office) announced() (to []chat.Destination, err error) {
	if *c.webhook != "" {
		to = append(to, chat.Destination{Channel: "webhook", Account: webhookAccount})
	}
	robots, err := c.robot.all()
	for _, one := range robots {
		to = append(to, chat.Destination{Channel: "wecom-robot", Account: one["name"]})
	}
	return to, err
}

// followed is where agents follow conversations.
func (c office) followed() (to []chat.Destination, err error) {
	bots, err := c.telegram.all()
	for _, one := range bots {
		if one["group"] != "" {
			to = append(to, chat.Destination{Channel: forum.Name, Account: one["name"]})
		}
	}
	return to, err
}

// bots are the Telegram accounts.
func (c office) bots() (bots []telegram.Account, err error) {
	all, err := c.telegram.all()
	for _, one := range all {
		a := telegram.Account{Name: one["name"], Token: one["token"], API: one["api"], Webhook: one["webhook"], Secret: one["secret"]}
		if group := one["group"]; group != "" {
			id, wrong := strconv.ParseInt(group, 10, 64)
			if wrong != nil {
				err = errors.Join(err, usagef("the group of the telegram account %q is %q: its id is a number such as -1001234567890", a.Name, group))
			}
			a.Group = id
		}
		bots = append(bots, a)
	}
	return bots, err
}

// officialAccounts are those of WeChat.
func (c config) officialAccounts() (official []wechat.Account, err error) {
	all, err := c.wechat.all()
	for _, one := range all {
		official = append(official, wechat.Account{
			Name: one["name"], AppID: one["appid"], Secret: one["secret"], Token: one["token"], AESKey: one["aeskey"], API: one["api"],
		})
	}
	return official, err
}

// customerServices are those of WeChat, one for each company.
func (c config) customerServices() (desks []kf.Account, err error) {
	all, err := c.kf.all()
	for _, one := range all {
		desks = append(desks, kf.Account{
			Name: one["name"], CorpID: one["corpid"], Secret: one["secret"], Token: one["token"], AESKey: one["aeskey"],
			API: one["api"], Desks: listed(one["desks"]),
		})
	}
	return desks, err
}

// listed are the values of a setting that are separated by commas.
func listed(text string) (values []string) {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			values = append(values, part)
		}
	}
	return values
}

// robots are the robots of groups.
func (c office) robots() (robots []robot.Account, err error) {
	all, err := c.robot.all()
	for _, one := range all {
		robots = append(robots, robot.Account{Name: one["name"], Key: one["key"], API: one["api"], Mobiles: listed(one["mobiles"]), Link: one["link"]})
	}
	return robots, err
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
	chat.Marks
	kf.Outbox
}

// channels are those that have an account, for the courier to send through. What one can do besides, it has a
// method for: see hooked, runner, chat.Limited and checked.
type channels []chat.Channel

// hooked is a channel whose host calls us.
type hooked interface {
	Hook(account string) (http.Handler, bool)
}

// channels makes every channel that has an account.
func (c config) channels(t channelTools) (all channels, err error) {
	if *c.webhook != "" {
		hook, err := c.channel()
		if err != nil {
			return nil, err
		}
		all = append(all, hook)
	}
	robots, err := c.robots()
	if err != nil {
		return nil, err
	}
	if len(robots) > 0 {
		r, err := robot.New(robot.Config{Accounts: robots, Categories: t.categories(), Now: time.Now})
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	bots, err := c.bots()
	if err != nil {
		return nil, err
	}
	official, err := c.officialAccounts()
	if err != nil {
		return nil, err
	}
	if len(official) > 0 {
		w, err := wechat.New(wechat.Config{
			Accounts: official, Inbox: t.inbox, Outbox: t.store, Marks: t.store, Pictures: t.pictures, Title: t.title, Log: t.log, Now: time.Now,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	desks, err := c.customerServices()
	if err != nil {
		return nil, err
	}
	if len(desks) > 0 {
		k, err := kf.New(kf.Config{Accounts: desks, Inbox: t.inbox, Outbox: t.store, Marks: t.store, Pictures: t.pictures, Log: t.log, Now: time.Now})
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	if len(bots) > 0 {
		both, err := telegramChannels(bots, t, func() channels { return all })
		if err != nil {
			return nil, err
		}
		all = append(all, both...)
	}
	return all, nil
}

// telegramChannels are the customers' side of Telegram, and the agents' where a bot has their group. all are the
// channels as they will be.
func telegramChannels(bots []telegram.Account, t channelTools, all func() channels) (both channels, err error) {
	client := &http.Client{}
	c := telegram.Config{
		Accounts: bots, Inbox: t.inbox, Marks: t.store, Pictures: t.pictures, Traditional: traditional(),
		Client: client, Log: t.log, Now: time.Now, Sleep: sleep, Random: mathrand.Float64,
	}
	if t.store != nil {
		c.Entries = t.store.Entries
		agents, err := forum.New(forum.Config{
			Clients: clientsOf(bots, client), Desk: t.desk, Conversations: t.store, Marks: t.store, Pictures: t.pictures,
			Guide: t.guide, Log: t.log, Now: time.Now,
			Allowance: func(ctx context.Context, c chat.Conversation) (chat.Allowance, bool, error) {
				return all().allowance(ctx, c)
			},
		})
		if err != nil {
			return nil, err
		}
		c.Group = agents
		both = append(both, agents)
	}
	customers, err := telegram.New(c)
	return append(both, customers), err
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
func (all channels) allowance(ctx context.Context, c chat.Conversation) (a chat.Allowance, ok bool, err error) {
	for _, one := range all {
		if limited, may := one.(chat.Limited); may && one.Name() == c.Channel {
			return limited.Allowance(ctx, c)
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
func (all channels) run(ctx context.Context, log *slog.Logger) {
	var runs sync.WaitGroup
	for _, one := range all {
		runs.Go(func() {
			var err error
			switch one := one.(type) {
			case interface{ Run(ctx context.Context) }:
				one.Run(ctx)
			case interface {
				Run(ctx context.Context) error
			}:
				err = one.Run(ctx)
			case interface {
				Start(ctx context.Context) error
			}:
				err = one.Start(ctx)
			}
			if err != nil && ctx.Err() == nil {
				log.ErrorContext(ctx, "a channel does not do all that it should", "channel", one.Name(), "error", err)
			}
		})
	}
	runs.Wait()
}

// forumGuide is the guide that agents look things up in.
func (n *node) forumGuide() forum.Guide {
	g := n.live.guide()
	return forum.Guide{Library: g.library, Searcher: kb.Searcher(g.index)}
}
