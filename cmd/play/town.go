package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// town is where customers and agents are: the stand-ins, with people in them.
type town struct {
	telegram, wechat place
	bot              telegram.Demo
	people           *telegram.Server
	accounts         wechat.Practice
	followers        *wechat.Server
	who              wechat.People
}

// place is one server of the town.
type place struct {
	address string
	server  *http.Server
}

// openTown starts the stand-ins. Yingda is told where they are, and they where it will be.
func openTown(ctx context.Context, o options) (t *town, err error) {
	t = &town{people: telegram.New(telegram.Config{}), followers: wechat.New(wechat.Config{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	if t.telegram, err = serve(ctx, o.telegram, t.people); err != nil {
		return t, err
	}
	if t.wechat, err = serve(ctx, o.wechat, t.followers); err != nil {
		return t, err
	}
	if t.bot, err = t.people.Populate(telegram.Demo{}); err != nil {
		return t, err
	}
	hooks := "http://" + o.listen + "/hooks/"
	t.accounts = wechat.DefaultPractice("http://"+t.wechat.address, hooks+"wechat/default", hooks+"wechat-kf/default")
	t.who, err = t.followers.Practise(t.accounts)
	return t, err
}

// serve opens one server.
func serve(ctx context.Context, address string, h http.Handler) (place, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return place{}, fmt.Errorf("open a stand-in: %w", err)
	}
	p := place{l.Addr().String(), &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}}
	go func() { _ = p.server.Serve(l) }() // its only error is that it was closed
	return p, nil
}

// close ends the stand-ins and their connections.
func (t *town) close() error {
	t.people.Close()
	t.followers.Close()
	var errs []error
	for _, p := range []place{t.telegram, t.wechat} {
		if p.server != nil {
			errs = append(errs, p.server.Close())
		}
	}
	return errors.Join(errs...)
}

// settings tell Yingda of the town, as environment variables.
func (t *town) settings() []string {
	wechatAPI := "http://" + t.wechat.address
	return []string{
		"YINGDA_TELEGRAM_TOKEN=" + t.bot.Token,
		"YINGDA_TELEGRAM_API=http://" + t.telegram.address,
		fmt.Sprintf("YINGDA_TELEGRAM_GROUP=%d", t.bot.Group),
		"YINGDA_WECHAT_APPID=" + t.accounts.Account.AppID,
		"YINGDA_WECHAT_SECRET=" + t.accounts.Account.Secret,
		"YINGDA_WECHAT_TOKEN=" + t.accounts.Account.Token,
		"YINGDA_WECHAT_AESKEY=" + t.accounts.Account.AESKey,
		"YINGDA_WECHAT_API=" + wechatAPI,
		"YINGDA_WECHAT_KF_CORPID=" + t.accounts.Corp.ID,
		"YINGDA_WECHAT_KF_SECRET=" + t.accounts.Corp.Secret,
		"YINGDA_WECHAT_KF_TOKEN=" + t.accounts.Corp.Token,
		"YINGDA_WECHAT_KF_AESKEY=" + t.accounts.Corp.AESKey,
		"YINGDA_WECHAT_KF_API=" + wechatAPI,
		"YINGDA_ROBOT_KEY=" + t.accounts.RobotKey,
		"YINGDA_ROBOT_API=" + wechatAPI,
	}
}
