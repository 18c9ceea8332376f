package main

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/node"
)

// ackBeforeCommit acknowledges a turn before it is committed.
type ackBeforeCommit struct{ node.Store }

func (s ackBeforeCommit) Turn(ctx context.Context, m chat.Message, step bot.StepFunc) (bot.TurnResult, error) {
	out, err := step(ctx, new(bot.Session))
	if err != nil {
		return bot.TurnResult{}, err
	}
	go func() {
		time.Sleep(20 * time.Millisecond)
		_, _ = s.Store.Turn(context.WithoutCancel(ctx), m, step)
	}()
	return bot.TurnResult{
		Message: chat.Entry{Seq: 1, ID: m.ExternalID, From: chat.FromCustomer, Text: m.Text, At: m.At},
		Replies: []chat.Entry{{Seq: 2, ID: m.ExternalID, From: chat.FromBot, Text: out.Reply.Text, At: m.At, Reply: &out.Reply}},
	}, nil
}

// panics ends every turn with a panic.
type panics struct{ node.Store }

func (panics) Turn(context.Context, chat.Message, bot.StepFunc) (bot.TurnResult, error) {
	panic("a planted bug")
}

// neverRepeats takes every message for a new one.
type neverRepeats struct{ node.Store }

func (s neverRepeats) Turn(ctx context.Context, m chat.Message, step bot.StepFunc) (bot.TurnResult, error) {
	m.ExternalID = rand.Text()
	return s.Store.Turn(ctx, m, step)
}

// slow delays every turn: no bug, but a database that is in trouble.
type slow struct {
	node.Store
	delay time.Duration
}

func (s slow) Turn(ctx context.Context, m chat.Message, step bot.StepFunc) (bot.TurnResult, error) {
	select {
	case <-time.After(s.delay):
	case <-ctx.Done():
		return bot.TurnResult{}, ctx.Err()
	}
	return s.Store.Turn(ctx, m, step)
}
