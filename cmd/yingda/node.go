package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/desk/forum"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/media"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/web"
)

// node is one running Yingda: everything that serve wires together. Any number of nodes may share a
// PostgreSQL database.
type node struct {
	cfg     config
	log     *slog.Logger
	store   *store.Store
	live    *live
	media   *media.Store
	inbox   *bot.Inbox
	desk    *desk.Desk
	courier *chat.Courier

	channels channels
}

// openNode opens the database and loads the guide. Nothing runs yet.
func openNode(ctx context.Context, cfg config, progress io.Writer, log *slog.Logger, registry *prometheus.Registry) (n *node, err error) {
	defer hurried()()
	n = &node{cfg: cfg, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.close())
		}
	}()
	made := makeTools()
	sealer, err := cfg.sealer()
	if err != nil {
		return n, errors.Join(err, made.wait())
	}
	hours, err := cfg.form().Parse()
	if err != nil {
		return n, errors.Join(err, made.wait())
	}
	o := store.Options{Dir: *cfg.data, DSN: *cfg.database, Log: log, Committed: api.ObserveCommits(registry)}
	if err = errors.Join(err, cfg.tell(&o)); err != nil {
		return n, errors.Join(err, made.wait())
	}
	if n.store, err = store.Open(ctx, o); err != nil {
		return n, errors.Join(err, made.wait())
	}
	withDesk := func(b *bot.Bot) *bot.Bot {
		return b.WithHandover(bot.Handover{Hours: &hours, Number: bot.Numbers(time.Now, rand.Reader)})
	}
	if n.live, err = openLive(ctx, liveConfig{n.store, *cfg.content, *cfg.data, withDesk, progress, log}, made); err != nil {
		return n, err
	}
	if n.media, err = media.New(cfg.file(attachments), rand.Text); err != nil {
		return n, err
	}
	masker := privacy.NewMasker()
	n.inbox = bot.NewInbox(bot.InboxConfig{
		Store: durable(n.store), Bot: n.live.bot, Masker: masker, Sealer: sealer, Log: log, Observe: api.ObserveTurns(registry),
		Conversations: n.store, Pictures: pictures{n.media}, Erase: n.erase,
	})
	n.desk = newDesk(n.store, func() (*privacy.Sealer, error) { return sealer, nil }, masker)
	outbox := posted(n.store)
	n.channels, err = cfg.channels(channelTools{n.inbox, outbox, pictures{n.media}, n.desk, n.forumGuide, log})
	n.courier = chat.NewCourier(chat.CourierConfig{
		Outbox: outbox, Channels: n.channels, Log: log, Now: time.Now, Sleep: sleep, Random: mathrand.Float64,
		Observe: newCourierMetrics(registry).observer(),
	})
	return n, err
}

// erase deletes a conversation and its pictures, and what agents' groups show of it, as far as that can be done now.
func (n *node) erase(ctx context.Context, conversation string) error {
	for _, one := range n.channels {
		f, shows := one.(*forum.Forum)
		if !shows {
			continue
		}
		if err := f.Forget(ctx, conversation); err != nil {
			n.log.ErrorContext(ctx, "an erased conversation is left in the agents' group: delete its topic by hand", "error", err)
		}
	}
	gone, err := n.store.Forget(ctx, conversation)
	return errors.Join(err, n.media.Delete(gone.Attachments...))
}

// newDesk is where agents work; sealer is asked for when a contact is to be opened.
func newDesk(s *store.Store, sealer func() (*privacy.Sealer, error), masker *privacy.Masker) *desk.Desk {
	return desk.New(desk.Config{
		Store:    s,
		Unsealer: opener(sealer),
		Agents:   agents{s},
		Mask:     func(text string) string { return masker.Mask(text).Text },
		Notices:  desk.DefaultNotices(),
	})
}

// opener opens what the inbox sealed.
type opener func() (*privacy.Sealer, error)

// UnsealContact opens the contact of a conversation.
func (o opener) UnsealContact(conversation string, sealed []byte) (string, error) {
	sealer, err := o()
	if err != nil {
		return "", err
	}
	return sealer.UnsealContact(conversation, sealed)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// routes serves everything over HTTP. Streams end with stopping.
func (n *node) routes(stopping context.Context, registry *prometheus.Registry) http.Handler {
	networks, _ := n.cfg.networks() // serve has checked them
	e := api.New(api.Config{
		Guide: func() api.Guide {
			g := n.live.guide()
			return api.Guide{Library: g.library, Searcher: g.index, Bot: g.bot}
		},
		Problems:      n.live.problems,
		Log:           n.log,
		Registry:      registry,
		Conversations: n.store,
		Inbox:         n.inbox,
		Media:         n.media,
		Desk:          n.desk,
		Agents:        n.store,
		Database:      n.store,
		Stats:         stats{n.store, time.Now},
		Hook:          n.channels.hook,
		Identity:      []byte(*n.cfg.identity),
		Limits:        api.Limits{Messages: *n.cfg.limits.messages, Conversations: *n.cfg.limits.conversations},
		Proxies:       networks,
		Stopping:      stopping,
	})
	web.Register(e, func() *kb.Library { return n.live.guide().library })
	return e
}

// run starts what goes on besides answering, until stop is called.
func (n *node) run() (stop func(), err error) {
	unfollow, err := n.live.follow()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { n.courier.Run(ctx) })
	running.Go(func() { n.keepHouse(ctx) })
	running.Go(func() { n.resealContacts(ctx) })
	running.Go(func() { n.channels.run(ctx) })
	return func() {
		cancel()
		running.Wait()
		unfollow()
	}, nil
}

// close frees everything; nothing may run any more. Writes that wait are finished.
func (n *node) close() error {
	var errs []error
	if n.store != nil {
		errs = append(errs, n.store.Close())
	}
	if n.live != nil {
		errs = append(errs, n.live.close())
	}
	return errors.Join(errs...)
}
