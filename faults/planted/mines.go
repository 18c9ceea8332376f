package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store"
)

// minefield is a folder with mines: empty files that are named after an operation. One that is stepped on goes off,
// as a panic, and is gone. Where the name ends in ".bare" it goes off where nothing recovers.
type minefield string

func (f minefield) step(operation string) {
	mine := filepath.Join(string(f), operation)
	if os.Remove(mine) == nil {
		explode()
	}
	if os.Remove(mine+".bare") == nil {
		go explode()
		select {} // the program ends
	}
}

func explode() { panic("a mine with secret words") }

// mined is a store that a minefield lies around.
type mined struct {
	node.Store
	field minefield
}

func (m mined) Turn(ctx context.Context, msg chat.Message, step bot.StepFunc) (bot.TurnResult, error) {
	m.field.step("turn-" + msg.Channel)
	return m.Store.Turn(ctx, msg, step)
}

func (m mined) ListEntries(ctx context.Context, id string, after int64, limit int) ([]chat.Entry, error) {
	m.field.step("entries")
	return m.Store.ListEntries(ctx, id, after, limit)
}

func (m mined) GetKV(ctx context.Context, key string) ([]byte, error) {
	if strings.Contains(key, "/desk") {
		m.field.step("forum")
	}
	return m.Store.GetKV(ctx, key)
}

func (m mined) Lease(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]chat.Sending, error) {
	m.field.step("lease")
	return m.Store.Lease(ctx, now, lease, limit)
}

func (m mined) WaitGuide(ctx context.Context, after int64) error {
	m.field.step("wait-guide")
	return m.Store.WaitGuide(ctx, after)
}

func (m mined) EditGuide(ctx context.Context, e kb.Edit) (int64, error) {
	m.field.step("edit-guide")
	return m.Store.EditGuide(ctx, e)
}

func (m mined) DeleteExpiredKV(ctx context.Context) error {
	m.field.step("sweep")
	return m.Store.DeleteExpiredKV(ctx)
}

func (m mined) ResealContacts(ctx context.Context, reseal func(conversation string, sealed []byte) ([]byte, error)) (int, error) {
	m.field.step("reseal")
	return m.Store.ResealContacts(ctx, reseal)
}

func (m mined) Stats(ctx context.Context) (store.Stats, error) {
	m.field.step("stats")
	return m.Store.Stats(ctx)
}
