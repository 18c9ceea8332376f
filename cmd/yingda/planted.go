//go:build planted

package main

import (
	"context"
	"crypto/rand"
	"os"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
)

// durable plants a bug that the harness in faults must find. No program that ships has it: the build
// tag is the harness's own.
func durable(s bot.Store) bot.Store {
	switch os.Getenv("YINGDA_PLANTED") {
	case "early":
		return early{s}
	case "twice":
		return twice{s}
	case "slow": // no bug, but a database that is in trouble
		d, err := time.ParseDuration(os.Getenv("YINGDA_SLOW"))
		if err != nil {
			panic(err)
		}
		return slow{s, d}
	}
	return s
}

// posted plants a bug into what empties the outbox.
func posted(o chat.Outbox) chat.Outbox {
	if os.Getenv("YINGDA_PLANTED") == "blind" {
		return blind{o}
	}
	return o
}

// early acknowledges before the commit.
type early struct{ bot.Store }

func (s early) Turn(ctx context.Context, m chat.Message, think bot.Think) (bot.Turned, error) {
	out, err := think(ctx, new(bot.Session))
	if err != nil {
		return bot.Turned{}, err
	}
	go func() {
		time.Sleep(20 * time.Millisecond)
		_, _ = s.Store.Turn(context.WithoutCancel(ctx), m, think)
	}()
	return bot.Turned{
		Message: chat.Entry{Seq: 1, ID: m.External, From: chat.FromCustomer, Text: m.Text, At: m.At},
		Replies: []chat.Entry{{Seq: 2, ID: m.External, From: chat.FromBot, Text: out.Reply.Text, At: m.At, Reply: &out.Reply}},
	}, nil
}

// twice takes every message for a new one.
type twice struct{ bot.Store }

func (s twice) Turn(ctx context.Context, m chat.Message, think bot.Think) (bot.Turned, error) {
	m.External = rand.Text()
	return s.Store.Turn(ctx, m, think)
}

// slow takes its time for every turn.
type slow struct {
	bot.Store
	takes time.Duration
}

func (s slow) Turn(ctx context.Context, m chat.Message, think bot.Think) (bot.Turned, error) {
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return bot.Turned{}, ctx.Err()
	}
	return s.Store.Turn(ctx, m, think)
}

// blind sends again whatever it does not know the end of.
type blind struct{ chat.Outbox }

func (o blind) Take(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	taken, err := o.Outbox.Take(ctx, now, lease, limit)
	for _, s := range taken { // as if no lease had been kept
		if err := o.Outbox.Settle(ctx, s.ID, chat.Settlement{State: chat.SendingQueued, NotBefore: now.Add(time.Second)}); err != nil {
			return nil, err
		}
	}
	return taken, err
}
