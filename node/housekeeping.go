package node

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/yingda/yingda/media"
)

const (
	houseInterval = time.Hour      // how often old messages and ownerless pictures are looked for
	orphanAge     = 24 * time.Hour // of a picture without an entry that is deleted: the turn of a younger one may still be under way
)

// housekeeper deletes what is over.
type housekeeper struct {
	store  Store
	media  *media.Store
	retain time.Duration // how long conversations are kept; 0: for ever
	log    *slog.Logger
}

// run deletes, every hour, what is older than retain, pictures that no entry has and values whose time is
// over, until ctx ends.
func (h housekeeper) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := errors.Join(h.sweepMedia(ctx, time.Now().Add(-orphanAge)), h.store.DropMarks(ctx))
		if h.retain > 0 {
			err = errors.Join(err, h.deleteOld(ctx, time.Now().Add(-h.retain)))
		}
		if err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "not everything that is old was deleted; trying again in an hour", "error", err)
		}
		_ = sleep(ctx, houseInterval) // its only error is the end of ctx
	}
}

// deleteOld deletes what was said before a time, with its pictures. The store does it in small steps,
// so that customers do not wait for it.
func (h housekeeper) deleteOld(ctx context.Context, before time.Time) error {
	removed, err := h.store.Retain(ctx, before)
	// The pictures of what is gone go, even when something else was in the way.
	err = errors.Join(err, h.media.Delete(removed.Attachments...))
	if removed.Messages+removed.Conversations > 0 {
		h.log.InfoContext(ctx, "old messages were deleted", "messages", removed.Messages, "conversations", removed.Conversations, "pictures", len(removed.Attachments))
	}
	return err
}

// sweepMedia deletes pictures that were written before a time and belong to nothing: those of turns that failed.
func (h housekeeper) sweepMedia(ctx context.Context, before time.Time) error {
	deleted, err := h.media.Sweep(ctx, before, func(id string) (bool, error) { return h.store.KeepsPicture(ctx, id) })
	if deleted > 0 {
		h.log.InfoContext(ctx, "pictures without a message were deleted", "pictures", deleted)
	}
	return err
}
