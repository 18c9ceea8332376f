//go:build planted

package main

import (
	"context"
	"crypto/rand"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
)

// planted tells whether YINGDA_PLANTED, a list, names a bug.
func planted(bug string) bool {
	return slices.Contains(strings.Split(os.Getenv("YINGDA_PLANTED"), ","), bug)
}

// timed is a setting of the harness's; false where it is not set.
func timed(name string) (time.Duration, bool) {
	text := os.Getenv(name)
	if text == "" {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return d, true
}

// durable plants bugs that the harness in faults must find. No program that ships has them: the build
// tag is the harness's own.
func durable(s bot.Store) bot.Store {
	if planted("early") {
		s = early{s}
	}
	if planted("fragile") {
		s = fragile{s}
	}
	if planted("twice") {
		s = twice{s}
	}
	if takes, ok := timed("YINGDA_SLOW"); ok { // no bug, but a database that is in trouble
		s = slow{s, takes}
	}
	return s
}

// posted is what channels keep and read, and what the courier empties, with bugs planted, or with leases that run
// out as soon as YINGDA_LEASE says: whoever kills the program need not wait a minute then for what it did not settle.
func posted(s channelStore) channelStore {
	if lease, ok := timed("YINGDA_LEASE"); ok {
		s = hasty{s, lease}
	}
	if planted("blind") {
		s = blind{s}
	}
	if planted("again") {
		s = again{s}
	}
	if planted("restless") {
		s = restless{s}
	}
	return s
}

// early acknowledges before the commit.
type early struct{ bot.Store }

func (s early) Turn(ctx context.Context, m chat.Message, think bot.StepFunc) (bot.TurnResult, error) {
	out, err := think(ctx, new(bot.Session))
	if err != nil {
		return bot.TurnResult{}, err
	}
	go func() {
		time.Sleep(20 * time.Millisecond)
		_, _ = s.Store.Turn(context.WithoutCancel(ctx), m, think)
	}()
	return bot.TurnResult{
		Message: chat.Entry{Seq: 1, ID: m.ExternalID, From: chat.FromCustomer, Text: m.Text, At: m.At},
		Replies: []chat.Entry{{Seq: 2, ID: m.ExternalID, From: chat.FromBot, Text: out.Reply.Text, At: m.At, Reply: &out.Reply}},
	}, nil
}

// fragile panics.
type fragile struct{ bot.Store }

func (fragile) Turn(context.Context, chat.Message, bot.StepFunc) (bot.TurnResult, error) {
	panic("a planted bug")
}

// twice takes every message for a new one.
type twice struct{ bot.Store }

func (s twice) Turn(ctx context.Context, m chat.Message, think bot.StepFunc) (bot.TurnResult, error) {
	m.ExternalID = rand.Text()
	return s.Store.Turn(ctx, m, think)
}

// slow takes its time for every turn.
type slow struct {
	bot.Store
	takes time.Duration
}

func (s slow) Turn(ctx context.Context, m chat.Message, think bot.StepFunc) (bot.TurnResult, error) {
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return bot.TurnResult{}, ctx.Err()
	}
	return s.Store.Turn(ctx, m, think)
}

// hasty ends leases early.
type hasty struct {
	channelStore
	lease time.Duration
}

func (o hasty) Lease(ctx context.Context, now time.Time, _ time.Duration, limit int) ([]chat.Sending, error) {
	return o.channelStore.Lease(ctx, now, o.lease, limit)
}

func (o hasty) LeaseLane(ctx context.Context, lane string, behind int64, _ time.Duration) ([]chat.Sending, error) {
	return o.channelStore.LeaseLane(ctx, lane, behind, o.lease)
}

// blind sends again whatever it does not know the end of.
type blind struct{ channelStore }

func (o blind) Lease(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	taken, err := o.channelStore.Lease(ctx, now, lease, limit)
	for _, s := range taken { // as if no lease had been kept
		if err := o.Settle(ctx, s.ID, chat.Settlement{State: chat.SendingQueued, NotBefore: now.Add(time.Second)}); err != nil {
			return nil, err
		}
	}
	return taken, err
}

// again takes what has arrived for what has not.
type again struct{ channelStore }

func (o again) Settle(ctx context.Context, id int64, how chat.Settlement) error {
	if how.State == chat.SendingSent {
		how.State = chat.SendingQueued
	}
	return o.channelStore.Settle(ctx, id, how)
}

// restless waits for nothing longer than a moment.
type restless struct{ channelStore }

func (o restless) Settle(ctx context.Context, id int64, how chat.Settlement) error {
	if soon := time.Now().Add(300 * time.Millisecond); how.NotBefore.After(soon) {
		how.NotBefore = soon
	}
	return o.channelStore.Settle(ctx, id, how)
}
