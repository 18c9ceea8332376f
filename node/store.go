package node

import (
	"context"
	"time"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/telegram"
	"github.com/yingda/yingda/chat/wechat/kf"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/store"
)

// Store is the database as a node uses it; *store.Store is one.
type Store interface {
	bot.Store
	chat.Conversations
	chat.KVStore
	chat.Outbox
	kf.Outbox
	telegram.Conversations
	desk.Store
	kb.Repository
	api.Agents
	api.Database

	AnnounceOutage(ctx context.Context, e desk.OutageEvent, o desk.Outage, kept ...chat.KV) error
	ListKeys(ctx context.Context) ([]store.Key, error)
	Stats(ctx context.Context) (store.Stats, error)
	Forget(ctx context.Context, customer string) (store.Deleted, error)
	DeleteBefore(ctx context.Context, before time.Time) (store.Deleted, error)
	DeleteExpiredKV(ctx context.Context) error
	AttachmentInUse(ctx context.Context, id string) (bool, error)
	HasSealedContacts(ctx context.Context) (bool, error)
	ResealContacts(ctx context.Context, reseal func(conversation string, sealed []byte) ([]byte, error)) (resealed int, err error)
	Close() error
}

// OpenStore opens the database.
func OpenStore(ctx context.Context, o store.Options) (Store, error) {
	s, err := store.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return s, nil
}
