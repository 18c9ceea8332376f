package main

import (
	"context"
	"errors"
	"time"

	"github.com/yingda/yingda/chat"
)

// houseEvery is how often old messages and ownerless pictures are looked for.
const houseEvery = time.Hour

// orphanAge is how old a picture without an entry must be to be deleted: its turn may still be under way.
const orphanAge = 24 * time.Hour

// keepHouse deletes, every hour, what is older than -retain, pictures that no entry has and values whose time is
// over, until ctx ends.
func (n *node) keepHouse(ctx context.Context) {
	for ctx.Err() == nil {
		err := errors.Join(n.sweep(ctx, time.Now().Add(-orphanAge)), n.store.DeleteExpiredKV(ctx))
		if *n.cfg.retain > 0 {
			err = errors.Join(err, n.deleteOld(ctx, time.Now().Add(-*n.cfg.retain)))
		}
		if err != nil && ctx.Err() == nil {
			n.log.ErrorContext(ctx, "not everything that is old was deleted; trying again in an hour", "error", err)
		}
		_ = sleep(ctx, houseEvery) // its only error is the end of ctx
	}
}

// deleteOld deletes what was said before a time, with its pictures. The store does it in small steps,
// so that customers do not wait for it.
func (n *node) deleteOld(ctx context.Context, before time.Time) error {
	gone, err := n.store.DeleteBefore(ctx, before)
	// The pictures of what is gone go, even when something else was in the way.
	err = errors.Join(err, n.media.Delete(gone.Attachments...))
	if gone.Messages+gone.Conversations > 0 {
		n.log.InfoContext(ctx, "old messages were deleted", "messages", gone.Messages, "conversations", gone.Conversations, "pictures", len(gone.Attachments))
	}
	return err
}

// sweep deletes pictures that were written before a time and belong to nothing: those of turns that failed.
func (n *node) sweep(ctx context.Context, before time.Time) error {
	deleted, err := n.media.Sweep(ctx, before, func(id string) (bool, error) { return n.store.AttachmentInUse(ctx, id) })
	if deleted > 0 {
		n.log.InfoContext(ctx, "pictures without a message were deleted", "pictures", deleted)
	}
	return err
}

// resealContacts seals anew the contacts that an older program or an older key sealed, once, until that succeeds
// or ctx ends. Until then they open as they are.
func (n *node) resealContacts(ctx context.Context) {
	for ctx.Err() == nil {
		resealed, err := n.store.ResealContacts(ctx, n.inbox.Sealer.ResealContact)
		if resealed > 0 {
			n.log.InfoContext(ctx, "contacts were sealed anew", "contacts", resealed)
		}
		if err != nil && ctx.Err() == nil {
			n.log.WarnContext(ctx, "not every contact could be sealed anew", "error", err)
		}
		if !errors.Is(err, chat.ErrBusy) {
			return
		}
		_ = sleep(ctx, houseEvery) // its only error is the end of ctx
	}
}
