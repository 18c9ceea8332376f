package main

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/desk/webhook"
	"github.com/yingda/yingda/privacy"
)

// place is where everything is kept: what every command that opens the database is told.
type place struct {
	data     *string
	database *string // a PostgreSQL URL; "" is SQLite below data
}

// place declares it, and a file that may hold the settings of serve besides.
func (s *settings) place() place {
	s.foreign = true
	s.file()
	return place{
		data:     s.text("data", "YINGDA_DATA", "data", "`DIR` for what must be kept between runs"),
		database: s.text("database", "YINGDA_DATABASE", "", "`URL` of a PostgreSQL database, postgres://…; without it yingda.db, an SQLite file in -data"),
	}
}

// file is the path of something in the data folder.
func (p place) file(name string) string { return filepath.Join(*p.data, name) }

// The names in the data folder.
const (
	databaseFile = "yingda.db"
	keyFile      = "key"
	attachments  = "attachments" // a folder: customers' pictures
)

// office is what the commands that act on tickets are told besides.
type office struct {
	place
	key     *string // seals contacts; "" is the file key in data
	webhook *string // hears of everything; "" for none

	telegram, robot *accounts // where agents hear of tickets, too
}

// office declares it.
func (s *settings) office() office {
	return office{
		place:   s.place(),
		key:     s.secret("key", "YINGDA_KEY", "`KEY` that seals telephone numbers: 64 hexadecimal digits; without it the file key in -data, made at the first start"),
		webhook: s.text("webhook", "YINGDA_WEBHOOK", "", "`URL` that is told of every ticket, signed"),
		telegram: s.accounts("telegram",
			field{"token", "`TOKEN` of a Telegram bot, from @BotFather", true},
			field{"api", "base `URL` of the Bot API; without it Telegram's own", false},
			field{"webhook", "our public base `URL`, to which Telegram pushes; without it we ask Telegram, which works behind any router", false},
			field{"secret", "`SECRET` that every push of Telegram's must bring", true},
			field{"group", "`ID` of the agents' group, with topics: -100…", false}),
		robot: s.accounts("robot",
			field{"key", "`KEY` of the robot of a group of enterprise WeChat, from its address", true},
			field{"api", "base `URL` of its host; without it WeChat's own", false},
			field{"mobiles", "telephone `NUMBERS` of members who are called by name when a ticket is urgent, separated by commas", false},
			field{"link", "`URL` where agents work on a ticket, with {number} for its number; without it no link is told", false}),
	}
}

// config is everything that serve can be told.
type config struct {
	office
	listen  *string
	content *string
	log     *string
	proxies *string
	limits  limits

	identity      *string // signs the customers that a site names; "" trusts no name
	retain        *time.Duration
	webhookSecret *string

	hours, holidays, workdays, zone *string

	wechat, kf *accounts
}

// limits are how often things may be done, per minute.
type limits struct{ messages, conversations *int }

// serve declares every setting of serve.
func (s *settings) serve() config {
	return config{
		office:  s.office(),
		listen:  s.text("listen", "YINGDA_LISTEN", "127.0.0.1:8080", "`ADDRESS` to listen on"),
		content: s.text("content", "YINGDA_CONTENT", "", "`DIR` of a guide that leads: it is imported now and whenever it changes"),
		log:     s.text("log", "YINGDA_LOG", "info", "least `LEVEL` that is logged: debug, info, warn or error"),
		proxies: s.text("proxies", "YINGDA_PROXIES", "", "`NETWORKS` such as 10.0.0.0/8,::1/128 whose X-Forwarded-For is believed; without it nobody's"),
		limits: limits{
			messages:      s.number("messages-per-minute", "YINGDA_MESSAGES_PER_MINUTE", 30, "`N` messages that one conversation may send in a minute"),
			conversations: s.number("conversations-per-minute", "YINGDA_CONVERSATIONS_PER_MINUTE", 60, "`N` conversations that one address may open in a minute"),
		},
		identity:      s.secret("identity-secret", "YINGDA_IDENTITY_SECRET", "`SECRET` with which your site signs its customers' ids; without it nobody vouches for an id"),
		retain:        s.span("retain", "YINGDA_RETAIN", 0, "delete conversations and their pictures when nothing was said for `TIME`, such as 180d; 0 keeps them"),
		webhookSecret: s.secret("webhook-secret", "YINGDA_WEBHOOK_SECRET", "`SECRET` that signs what the webhook is told"),
		hours:         s.text("hours", "YINGDA_HOURS", "", "`HOURS` when somebody is at the desk, such as Mon-Fri 09:00-12:00,13:30-18:00; without it always"),
		holidays:      s.text("holidays", "YINGDA_HOLIDAYS", "", "`DATES` when nobody is, such as 2026-10-01..2026-10-07, 2027-01-01"),
		workdays:      s.text("workdays", "YINGDA_WORKDAYS", "", "`DATES` of weekends that are worked, such as 2026-10-10"),
		zone:          s.text("zone", "YINGDA_ZONE", "+08:00", "`OFFSET` from UTC of the hours"),
		wechat: s.accounts("wechat",
			field{"appid", "`ID` of a WeChat official account: wx…", false},
			field{"secret", "its `SECRET`, with which tokens are fetched", true},
			field{"token", "the `TOKEN` that signs what WeChat pushes", true},
			field{"aeskey", "the `KEY` of 43 characters that enciphers it; without it plain mode", true},
			field{"api", "base `URL` of WeChat's API; without it WeChat's own", false}),
		kf: s.accounts("wechat-kf",
			field{"corpid", "`ID` of the company whose WeChat customer service it is: ww…", false},
			field{"secret", "the `SECRET` of its customer service", true},
			field{"token", "the `TOKEN` that signs what WeChat pushes", true},
			field{"aeskey", "the `KEY` of 43 characters that enciphers it", true},
			field{"desks", "`IDS` (open_kfid) of the desks that are read, separated by commas; without it all that the secret may manage", false},
			field{"api", "base `URL` of WeChat's API for companies; without it WeChat's own", false}),
	}
}

// serveSetting tells whether serve has a setting of that name.
func serveSetting(name string) bool {
	s := newSettings(command{})
	s.serve()
	return s.env[name] != "" || s.lists[name] != nil
}

// check finds what no node could work with.
func (c config) check() error {
	if err := oneOf("-log", *c.log, "debug", "info", "warn", "error"); err != nil {
		return err
	}
	if _, err := c.form().Parse(); err != nil {
		return usagef("-%v", err)
	}
	if _, err := c.networks(); err != nil {
		return err
	}
	if *c.limits.messages < 1 || *c.limits.conversations < 1 {
		return usagef("-messages-per-minute and -conversations-per-minute must be above 0")
	}
	if *c.key != "" {
		if _, err := privacy.ParseKeys(*c.key); err != nil {
			return usagef("-key: %v", err)
		}
	}
	return errors.Join(c.checkWebhook(), c.checkAccounts())
}

func (c config) checkWebhook() error {
	if *c.webhook == "" {
		return nil
	}
	if *c.webhookSecret == "" {
		return usagef("-webhook needs -webhook-secret: without it the receiver cannot tell us from others")
	}
	if _, err := c.channel(); err != nil {
		return usageError{err.Error()}
	}
	return nil
}

// channel is the webhook.
func (c config) channel() (chat.Channel, error) {
	return webhook.New([]webhook.Account{{Name: webhookAccount, URL: *c.webhook, Secret: []byte(*c.webhookSecret)}}, nil, time.Now)
}

// webhookAccount is the one webhook that can be set.
const webhookAccount = "default"

// form is the desk's hours as they are written.
func (c config) form() desk.HoursSpec {
	return desk.HoursSpec{Hours: *c.hours, Holidays: *c.holidays, Workdays: *c.workdays, Zone: *c.zone}
}

// networks are the trusted proxies.
func (c config) networks() ([]*net.IPNet, error) {
	var out []*net.IPNet
	for _, part := range listed(*c.proxies) {
		_, network, err := net.ParseCIDR(part)
		if err != nil {
			return nil, usagef("-proxies: %q is no network such as 10.0.0.0/8", part)
		}
		out = append(out, network)
	}
	return out, nil
}

// sealer seals contacts and opens them, with the key of the settings, else with that in the data
// folder, which is made when there is none.
func (c office) sealer() (*privacy.Sealer, error) {
	var keys [][]byte
	var err error
	if *c.key != "" {
		keys, err = privacy.ParseKeys(*c.key)
	} else {
		keys, err = privacy.LoadKeys(c.file(keyFile))
	}
	if err != nil {
		return nil, fmt.Errorf("load the key: %w", err)
	}
	return privacy.NewSealer(keys[0], keys[1:]...)
}
