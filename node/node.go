// Package node is what a serving process is made of: store, guide, bot, inbox, channels, courier, desk, pages and
// housekeeping, opened, run and stopped as one. Any number of nodes may share a PostgreSQL database.
package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/media"
	"github.com/yingda/yingda/panics"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/web"
)

// Environment is what a node is given besides its configuration.
type Environment struct {
	Log       *slog.Logger
	Registry  *prometheus.Registry
	Progress  guide.Progress                                      // of indexing; nil for nobody
	OpenStore func(context.Context, store.Options) (Store, error) // OpenStore of this package, or one that wraps it
}

// Node is one running Yingda.
type Node struct {
	Config
	Environment
	store    Store
	panics   *panics.Handler
	guide    *guide.Reloader
	media    *media.Store
	inbox    *bot.Inbox
	desk     *desk.Desk
	prover   *desk.Prover
	channels channels
	courier  *chat.Courier
	watchman *watchman
	accepts  *acceptWatch
	wrongKey *atomic.Bool // contacts were found that our keys do not open
	streams  sync.WaitGroup
}

// Open opens the database and loads the guide. Nothing runs yet. Close ends the node. The error is a
// *guide.DirError where Content is no folder.
func Open(ctx context.Context, c Config, e Environment) (n *Node, err error) {
	n = &Node{Config: c, Environment: e, panics: panics.NewHandler(e.Log, countPanics(e.Registry)), wrongKey: new(atomic.Bool)}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	if _, err := c.Sealer(); err != nil && !errors.Is(err, fs.ErrNotExist) { // before the database is touched
		return n, err
	}
	registerBuildInfo(e.Registry)
	n.accepts = newAcceptWatch(e.Registry, e.Log, time.Now)
	options := c.StoreOptions()
	options.Log, options.Panics, options.Committed, options.Serving = e.Log, n.panics, api.ObserveCommits(e.Registry), true
	if n.store, err = e.OpenStore(ctx, options); err != nil {
		return n, err
	}
	sealer, err := n.openSealer(ctx)
	if err != nil {
		return n, err
	}
	n.prover = desk.NewProver(n.store, n.store, time.Now)
	n.guide, err = guide.OpenReloader(ctx, guide.Config{
		Repository: n.store, Dir: c.Content, CompileDir: c.Data, WithDesk: n.withDesk,
		Progress: e.Progress, Log: e.Log, Panics: n.panics,
	})
	if err != nil {
		return n, err
	}
	if n.media, err = media.New(c.File(AttachmentsDir), rand.Text); err != nil {
		return n, err
	}
	masker := privacy.NewMasker()
	n.inbox = bot.NewInbox(bot.InboxConfig{
		Store: n.store, Bot: func() bot.Stepper { return n.guide.Current().DeskBot }, Masker: masker, Sealer: sealer, Log: e.Log,
		Observe: api.ObserveTurns(e.Registry), Conversations: n.store, Pictures: pictures{n.media}, Erase: n.erase,
	})
	n.desk = NewDesk(n.store, func() (*privacy.Sealer, error) { return sealer, nil }, masker)
	if n.channels, err = openChannels(n.tools(), c.Accounts); err != nil {
		return n, err
	}
	n.courier = chat.NewCourier(chat.CourierConfig{
		Outbox: n.store, Channels: n.channels, Log: e.Log, Now: time.Now, Sleep: chat.Sleep, Random: mathrand.Float64,
		Observe: observeCourier(e.Registry), Panics: n.panics,
	})
	n.watchman = &watchman{
		accounts: n.channels.checked(c.Accounts), store: n.store, log: e.Log, panics: n.panics, now: time.Now,
		node: rand.Text(), down: newDownGauge(e.Registry),
	}
	return n, nil
}

// tools are what the node's channels work with.
func (n *Node) tools() Tools {
	return Tools{
		Inbox: n.inbox, Store: n.store, Pictures: pictures{n.media}, Desk: n.desk, Guide: n.guide.Current, Log: n.Log, Panics: n.panics,
		Hours:      n.Hours,
		Rejections: chat.NewRejections(n.Log, time.Now, countRejections(n.Registry)),
		Quota: func(ctx context.Context, c chat.Conversation) (chat.SendQuota, bool, error) {
			return n.channels.quota(ctx, c)
		},
	}
}

// withDesk has a bot hand over to the desk.
func (n *Node) withDesk(b *bot.Bot) *bot.Bot {
	return b.WithHandover(bot.Handover{Hours: &n.Hours, Number: bot.Numbers(deskNow(n.Hours), rand.Reader), Prover: n.prover})
}

// erase deletes a conversation and its pictures, and what agents' groups show of it, as far as that can be done now.
func (n *Node) erase(ctx context.Context, conversation string) error {
	for _, channel := range n.channels {
		if e, ok := channel.(eraser); ok {
			if err := e.Forget(ctx, conversation); err != nil {
				n.Log.ErrorContext(ctx, "an erased conversation is left in the agents' group: delete its topic by hand", "error", err)
			}
		}
	}
	deleted, err := n.store.Forget(ctx, conversation)
	return errors.Join(err, n.media.Delete(deleted.Attachments...))
}

// handler serves everything over HTTP. Streams end with stopping.
func (n *Node) handler(stopping context.Context) http.Handler {
	e := api.New(api.Config{
		Guide: func() api.Guide {
			g := n.guide.Current()
			return api.Guide{Library: g.Library, Searcher: g.Index, Bot: g.Bot}
		},
		Problems:      n.problems,
		Log:           n.Log,
		Registry:      n.Registry,
		Panics:        n.panics,
		Conversations: n.store,
		Inbox:         n.inbox,
		Media:         n.media,
		Desk:          n.desk,
		Prover:        n.prover,
		Agents:        n.store,
		Database:      n.store,
		Stats:         stats{n.store, time.Now},
		Hook:          n.channels.hook,
		Base:          n.Base,
		Origin:        n.origin,
		Identity:      []byte(n.Identity),
		Limits:        n.Limits,
		Proxies:       n.Proxies,
		Stopping:      stopping,
		Streaming:     &n.streams,
	})
	web.Register(e, n.Base, func() *kb.Library { return n.guide.Current().Library })
	return e
}

// origin is a word for a network that tells it from others on this day of the desk's, and from nothing else.
func (n *Node) origin(network string) string {
	return n.inbox.Sealer.Fingerprint(fmt.Sprint("network ", n.Hours.Day(time.Now()), " ", network))
}

// problems are what is wrong while questions are answered.
func (n *Node) problems() []string {
	found := n.guide.Problems()
	if n.media.Full() {
		found = append(found, "the disk is almost full: pictures are refused, messages go on; make room")
	}
	for _, problem := range []string{n.keyProblem(), n.accepts.problem()} {
		if problem != "" {
			found = append(found, problem)
		}
	}
	return found
}

// Serve answers on the listener, which it closes, until ctx ends; then it lets running requests finish.
func (n *Node) Serve(ctx context.Context, l net.Listener) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	streams, endStreams := context.WithCancel(background)
	failed := make(chan error, 2)
	server := newServer(n.handler(streams), n.Log)
	l = watchedListener{l, n.accepts}
	house := housekeeper{n.store, n.media, n.Retain, n.Log, n.panics}
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	defer n.streams.Wait()
	defer endStreams()
	running.Go(func() { n.courier.Run(background) })
	running.Go(func() { n.channels.run(background, n.panics) })
	running.Go(func() { house.run(background) })
	running.Go(func() { house.attend(background, n.desk, &n.Hours, n.ReturnAfter) })
	running.Go(func() { n.watchman.run(background) })
	running.Go(func() { n.wrongKey.Store(house.reseal(background, n.inbox.Sealer)) })
	running.Go(func() {
		if err := n.guide.Run(background); err != nil {
			failed <- err
		}
	})
	running.Go(func() { failed <- server.Serve(l) })
	for _, w := range n.Warnings() {
		n.Log.WarnContext(ctx, "a setting should be looked at", "problem", w.Text, "fix", w.Fix)
	}
	n.Log.InfoContext(ctx, "serving", "url", "http://"+l.Addr().String()+n.Base+"/", "articles", len(n.guide.Current().Library.Articles))
	select {
	case err := <-failed:
		return errors.Join(fmt.Errorf("serve: %w", err), server.Close())
	case <-ctx.Done():
	}
	n.Log.InfoContext(ctx, "stopping")
	endStreams()
	grace, cancel := context.WithTimeout(background, writeTimeout)
	defer cancel()
	return server.Shutdown(grace)
}

// Close frees everything; nothing may run any more. Writes that wait are finished.
func (n *Node) Close() error {
	if n.store == nil {
		return nil
	}
	return n.store.Close()
}
