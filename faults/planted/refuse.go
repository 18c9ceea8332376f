package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/media"
	"github.com/yingda/yingda/node"
)

// staysBusy refuses for ever what was refused once.
type staysBusy struct {
	node.Store
	refused atomic.Bool
}

func (s *staysBusy) Turn(ctx context.Context, m chat.Message, step bot.StepFunc) (bot.TurnResult, error) {
	if s.refused.Load() {
		return bot.TurnResult{}, fmt.Errorf("a planted bug: %w", chat.ErrBusy)
	}
	result, err := s.Store.Turn(ctx, m, step)
	if errors.Is(err, chat.ErrBusy) {
		s.refused.Store(true)
	}
	return result, err
}

// refusesAll refuses messages, too, on a disk that is almost full.
type refusesAll struct {
	node.Store
	dir string
}

func (s refusesAll) Turn(ctx context.Context, m chat.Message, step bot.StepFunc) (bot.TurnResult, error) {
	if space, err := media.DiskSpace(s.dir); err == nil && space.Free < space.Floor() {
		return bot.TurnResult{}, fmt.Errorf("a planted bug: %w", chat.ErrBusy)
	}
	return s.Store.Turn(ctx, m, step)
}

// locksOut takes every key for a wrong one once some were wrong.
type locksOut struct {
	node.Store
	wrong atomic.Int64
}

func (s *locksOut) Agent(ctx context.Context, key string) (desk.Agent, error) {
	const most = 10
	if s.wrong.Load() > most {
		return desk.Agent{}, chat.ErrForbidden
	}
	agent, err := s.Store.Agent(ctx, key)
	if err != nil {
		s.wrong.Add(1)
	}
	return agent, err
}
