package node

import (
	"context"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/chat/wechat"
	"github.com/yingda/yingda/chat/wechat/kf"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/desk/forum"
	"github.com/yingda/yingda/desk/robot"
	"github.com/yingda/yingda/desk/webhook"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/panics"
	"github.com/yingda/yingda/zh"
)

// ChannelKind is all that the program knows of one kind of channel. What its channels can do besides sending, they
// have methods for: see hooked, chat.Runner, chat.QuotaReporter and chat.Checker.
type ChannelKind struct {
	Name    string  // the channel's, for ever: it stands in the database
	Setting string  // what its settings begin with: the flags -SETTING-FIELD, in the file a list under SETTING
	Fields  []Field // of an account
	Single  bool    // there is one account, and no list in the file

	Pushes bool // customers are sent what is said to them; those of other channels come and read
	// Announce is the channel by which agents hear of tickets, and Follow that by which they follow conversations, for each
	// account that has AgentsField; "" for none.
	Announce, Follow, AgentsField string
	// Open makes the kind's channels, of one account at least.
	Open func(Tools, []Account) ([]chat.Channel, error)
}

// ForAgents tells whether agents work by these channels, or hear of tickets.
func (k ChannelKind) ForAgents() bool { return k.Announce != "" || k.Follow != "" }

// FieldMain is the name of the field whose setting is named as the settings of its kind begin.
const FieldMain = ""

// Account is one account of a channel: its settings by the names of their fields, and its own under "name".
type Account map[string]string

// Field is one setting of a channel's account.
type Field struct {
	Name   string
	Usage  string
	Secret bool // may stand in a file of its own, named by NAME-file
}

// Tools is what channels work with. The zero Tools is for channels that are checked and never run.
type Tools struct {
	Inbox      chat.Inbox
	Store      Store
	Pictures   chat.Pictures
	Desk       forum.Desk
	Guide      func() *guide.Guide // that is served now
	Hours      desk.Hours          // and the zone in which agents are told of times
	Quota      func(ctx context.Context, c chat.Conversation) (q chat.SendQuota, ok bool, err error)
	Log        *slog.Logger
	Panics     *panics.Handler
	Rejections *chat.Rejections // of calls of hooks
}

// deskNow is the clock of a desk, in its zone.
func deskNow(h desk.Hours) func() time.Time {
	return func() time.Time { return h.In(time.Now()) }
}

// ChannelKinds is every kind of channel that there is.
func ChannelKinds() []ChannelKind {
	return []ChannelKind{telegramKind(), wechatKind(), kfKind(), robotKind(), webhookKind()}
}

// telegramKind is customers on Telegram, and agents in a group there.
func telegramKind() ChannelKind {
	return ChannelKind{
		Name: telegram.Name, Setting: telegram.Name, Pushes: true, Follow: forum.Name, AgentsField: "group", Open: openTelegram,
		Fields: []Field{
			{"token", "`TOKEN` of a Telegram bot, from @BotFather", true},
			{"api", "base `URL` of the Bot API; without it Telegram's own", false},
			{"files", "`FOLDER` in which a Bot API server of our own keeps files, where it runs with --local", false},
			{"webhook", "our public base `URL`, to which Telegram pushes; without it we ask Telegram, which works behind any router", false},
			{"secret", "`SECRET` that every push of Telegram's must bring", true},
			{"group", "`ID` of the agents' group, with topics: -100…", false},
		},
	}
}

func openTelegram(t Tools, accounts []Account) ([]chat.Channel, error) {
	client := &http.Client{}
	var bots []telegram.Account
	var clients []*telegram.Client
	for _, a := range accounts {
		bot := telegram.Account{Name: a["name"], Token: a["token"], API: a["api"], Files: a["files"], Webhook: a["webhook"], Secret: a["secret"]}
		if group := a["group"]; group != "" {
			var err error
			if bot.Group, err = strconv.ParseInt(group, 10, 64); err != nil {
				return nil, fmt.Errorf("%s account %q: invalid group ID %q: want a number such as -1001234567890", telegram.Name, bot.Name, group)
			}
		}
		bots, clients = append(bots, bot), append(clients, telegram.NewClient(bot, client))
	}
	customers := telegram.Config{
		Accounts: bots, Inbox: t.Inbox, KV: t.Store, Pictures: t.Pictures, Traditional: zh.ToTraditional(),
		Client: client, Log: t.Log, Panics: t.Panics, Rejections: t.Rejections, Now: time.Now, Random: mathrand.Float64,
	}
	if t.Store == nil { // to be checked only
		channel, err := telegram.New(customers)
		return []chat.Channel{channel}, err
	}
	agents, err := forum.New(forum.Config{
		Clients: clients, Desk: t.Desk, Conversations: t.Store, KV: t.Store, Pictures: t.Pictures,
		Guide: t.forumGuide, Log: t.Log, Panics: t.Panics, Now: deskNow(t.Hours), SendQuota: t.Quota,
	})
	if err != nil {
		return nil, err
	}
	customers.Conversations, customers.Group = t.Store, agents
	channel, err := telegram.New(customers)
	return []chat.Channel{channel, agents}, err
}

// forumGuide is the guide that agents look things up in.
func (t Tools) forumGuide() forum.Guide {
	g := t.Guide()
	return forum.Guide{Library: g.Library, Searcher: kb.Searcher(g.Index)}
}

// wechatKind is WeChat's official accounts.
func wechatKind() ChannelKind {
	return ChannelKind{
		Name: wechat.Name, Setting: wechat.Name, Pushes: true, Open: openWechat,
		Fields: []Field{
			{"appid", "`ID` of a WeChat official account: wx…", false},
			{"secret", "its `SECRET`, with which tokens are fetched", true},
			{"token", "the `TOKEN` that signs what WeChat pushes", true},
			{"aeskey", "the `KEY` of 43 characters that enciphers it; without it plain mode", true},
			{"api", "base `URL` of WeChat's API; without it WeChat's own", false},
		},
	}
}

func openWechat(t Tools, accounts []Account) ([]chat.Channel, error) {
	var official []wechat.Account
	for _, a := range accounts {
		official = append(official, wechat.Account{
			Name: a["name"], AppID: a["appid"], Secret: a["secret"], Token: a["token"], AESKey: a["aeskey"], API: a["api"],
		})
	}
	channel, err := wechat.New(wechat.Config{
		Accounts: official, Inbox: t.Inbox, Outbox: t.Store, KV: t.Store, Conversations: t.Store, Pictures: t.Pictures,
		Title: t.title, Log: t.Log, Panics: t.Panics, Rejections: t.Rejections, Now: time.Now,
	})
	return []chat.Channel{channel}, err
}

// title is an article's title; "" for none, such as one that was renamed, or that never was.
func (t Tools) title(article string) string {
	if a, ok := t.Guide().Library.Article(article); ok {
		return a.Title
	}
	return ""
}

// kfKind is WeChat's customer services, one for each company.
func kfKind() ChannelKind {
	return ChannelKind{
		Name: kf.Name, Setting: kf.Name, Pushes: true, Open: openKF,
		Fields: []Field{
			{"corpid", "`ID` of the company whose WeChat customer service it is: ww…", false},
			{"secret", "the `SECRET` of its customer service", true},
			{"token", "the `TOKEN` that signs what WeChat pushes", true},
			{"aeskey", "the `KEY` of 43 characters that enciphers it", true},
			{"desks", "`IDS` (open_kfid) of the desks that are read, separated by commas; without it all that the secret may manage", false},
			{"api", "base `URL` of WeChat's API for companies; without it WeChat's own", false},
		},
	}
}

func openKF(t Tools, accounts []Account) ([]chat.Channel, error) {
	var companies []kf.Account
	for _, a := range accounts {
		companies = append(companies, kf.Account{
			Name: a["name"], CorpID: a["corpid"], Secret: a["secret"], Token: a["token"], AESKey: a["aeskey"],
			API: a["api"], OpenKfs: SplitList(a["desks"]),
		})
	}
	channel, err := kf.New(kf.Config{
		Accounts: companies, Inbox: t.Inbox, Outbox: t.Store, KV: t.Store, Conversations: t.Store, Pictures: t.Pictures,
		Log: t.Log, Panics: t.Panics, Rejections: t.Rejections, Now: time.Now,
	})
	return []chat.Channel{channel}, err
}

// robotKind is the robots of enterprise WeChat's groups.
func robotKind() ChannelKind {
	return ChannelKind{
		Name: robot.Name, Setting: "robot", Announce: robot.Name, AgentsField: "name", Open: openRobot,
		Fields: []Field{
			{"key", "`KEY` of the robot of a group of enterprise WeChat, from its address", true},
			{"api", "base `URL` of its host; without it WeChat's own", false},
			{"mobiles", "telephone `NUMBERS` of members who are called by name when a ticket is urgent, separated by commas", false},
			{"link", "`URL` where agents work on a ticket, with {number} for its number; without it no link is told", false},
		},
	}
}

func openRobot(t Tools, accounts []Account) ([]chat.Channel, error) {
	var robots []robot.Account
	for _, a := range accounts {
		robots = append(robots, robot.Account{Name: a["name"], Key: a["key"], API: a["api"], Mobiles: SplitList(a["mobiles"]), Link: a["link"]})
	}
	categories := map[string]string{}
	if t.Guide != nil {
		for _, c := range t.Guide().Library.Phrases.Categories {
			categories[c.ID] = c.Name
		}
	}
	channel, err := robot.New(robot.Config{Accounts: robots, Categories: categories, Now: deskNow(t.Hours)})
	return []chat.Channel{channel}, err
}

// webhookKind tells other systems of tickets.
func webhookKind() ChannelKind {
	return ChannelKind{
		Name: webhook.Name, Setting: webhook.Name, Single: true, Announce: webhook.Name, AgentsField: FieldMain, Open: openWebhook,
		Fields: []Field{
			{FieldMain, "`URL` that is told of every ticket, signed", false},
			{"secret", "`SECRET` that signs what the webhook is told", true},
		},
	}
}

func openWebhook(_ Tools, accounts []Account) ([]chat.Channel, error) {
	var receivers []webhook.Account
	for _, a := range accounts {
		switch {
		case a[FieldMain] == "":
			continue // a secret alone
		case a["secret"] == "":
			return nil, fmt.Errorf("-webhook needs -webhook-secret: without it the receiver cannot tell us from others")
		}
		receivers = append(receivers, webhook.Account{Name: a["name"], URL: a[FieldMain], Secret: []byte(a["secret"])})
	}
	if len(receivers) == 0 {
		return nil, nil
	}
	channel, err := webhook.New(receivers, nil, time.Now)
	return []chat.Channel{channel}, err
}

// SplitList is the values of a setting that are separated by commas.
func SplitList(text string) (values []string) {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			values = append(values, part)
		}
	}
	return values
}
