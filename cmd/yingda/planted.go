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

// posted is what channels keep and read, and what the courier empties, with a bug planted, or with leases that run
// out as soon as YINGDA_LEASE says: whoever kills the program need not wait a minute then for what it did not settle.
func posted(s channelStore) channelStore {
	if text := os.Getenv("YINGDA_LEASE"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			panic(err)
		}
		s = hasty{s, d}
	}
	if os.Getenv("YINGDA_PLANTED") == "blind" {
		s = blind{s}
	}
	return s
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

// hasty ends leases early.
type hasty struct {
	channelStore
	lease time.Duration
}

func (o hasty) Take(ctx context.Context, now time.Time, _ time.Duration, limit int) ([]chat.Sending, error) {
	return o.channelStore.Take(ctx, now, o.lease, limit)
}

func (o hasty) TakeLane(ctx context.Context, lane string, behind int64, _ time.Duration) ([]chat.Sending, error) {
	return o.channelStore.TakeLane(ctx, lane, behind, o.lease)
}

// blind sends again whatever it does not know the end of.
type blind struct{ channelStore }

func (o blind) Take(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	taken, err := o.channelStore.Take(ctx, now, lease, limit)
	for _, s := range taken { // as if no lease had been kept
		if err := o.Settle(ctx, s.ID, chat.Settlement{State: chat.SendingQueued, NotBefore: now.Add(time.Second)}); err != nil {
			return nil, err
		}
	}
	return taken, err
}
