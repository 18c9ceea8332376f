package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/chat/wechat"
	"github.com/yingda/yingda/chat/wechat/kf"
	"github.com/yingda/yingda/desk/forum"
	"github.com/yingda/yingda/desk/robot"
	"github.com/yingda/yingda/store"
)

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
			API: one["api"], OpenKfs: listed(one["desks"]),
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
