package node

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/media"
	"github.com/yingda/yingda/panics"
	"github.com/yingda/yingda/privacy"
)

const (
	attendInterval = 30 * time.Second // how often held tickets are looked at: at first too, so that agents can be seen again
	houseInterval  = time.Hour        // how often old messages and ownerless pictures are looked for
	orphanAge      = 24 * time.Hour   // of a picture without an entry that is deleted: the turn of a younger one may still be under way
)

// housekeeper deletes what is over.
type housekeeper struct {
	store  Store
	media  *media.Store
	retain time.Duration // how long conversations are kept; 0: for ever
	log    *slog.Logger
	panics *panics.Handler
}

// run deletes, every hour, what is older than retain, pictures that no entry has and values whose time is
// over, until ctx ends.
func (h housekeeper) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := errors.Join(
			h.try(ctx, func() error { return h.sweepMedia(ctx, time.Now().Add(-orphanAge)) }),
			h.try(ctx, func() error { return h.store.DeleteExpiredKV(ctx) }),
		)
		if h.retain > 0 {
			err = errors.Join(err, h.try(ctx, func() error { return h.deleteOld(ctx, time.Now().Add(-h.retain)) }))
		}
		if err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "not everything that is old was deleted; trying again in an hour", "error", err)
		}
		_ = chat.Sleep(ctx, houseInterval) // its only error is the end of ctx
	}
}

// door is what panics of housekeeping are counted as.
const door = "housekeeping"

func (h housekeeper) try(ctx context.Context, do func() error) error {
	return h.panics.Try(ctx, door, do)
}

// deleteOld deletes what was said before a time, with its pictures. The store does it in small steps,
// so that customers do not wait for it.
func (h housekeeper) deleteOld(ctx context.Context, before time.Time) error {
	deleted, err := h.store.DeleteBefore(ctx, before)
	// The pictures of what is gone go, even when something else was in the way.
	err = errors.Join(err, h.media.Delete(deleted.Attachments...))
	if deleted.Messages+deleted.Conversations > 0 {
		h.log.InfoContext(ctx, "old messages were deleted", "messages", deleted.Messages, "conversations", deleted.Conversations, "pictures", len(deleted.Attachments))
	}
	return err
}

// sweepMedia deletes pictures that were written before a time and belong to nothing: those of turns that failed.
func (h housekeeper) sweepMedia(ctx context.Context, before time.Time) error {
	deleted, err := h.media.Sweep(ctx, before, func(id string) (bool, error) { return h.store.AttachmentInUse(ctx, id) })
	if deleted > 0 {
		h.log.InfoContext(ctx, "pictures without a message were deleted", "pictures", deleted)
	}
	return err
}

// attend puts tickets back into the queue whose holders let customers wait, until ctx ends.
func (h housekeeper) attend(ctx context.Context, d *desk.Desk, hours *desk.Hours, after time.Duration) {
	for after > 0 && chat.Sleep(ctx, attendInterval) == nil {
		var returned int
		err := h.try(ctx, func() (err error) {
			returned, err = d.ReturnUnattended(ctx, hours, after, time.Now())
			return err
		})
		if returned > 0 {
			h.log.InfoContext(ctx, "tickets went back to the queue: their holders did nothing", "tickets", returned)
		}
		if err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "not every ticket that nobody attends to went back to the queue", "error", err)
		}
	}
}

// reseal seals anew the contacts that an older program or an older key sealed, once, until that succeeds
// or ctx ends. Until then they open as they are. It tells whether some are sealed with a key that the sealer does not have.
func (h housekeeper) reseal(ctx context.Context, sealer *privacy.Sealer) (unknownKey bool) {
	for ctx.Err() == nil {
		var resealed int
		err := h.try(ctx, func() (err error) {
			resealed, err = h.store.ResealContacts(ctx, sealer.ResealContact)
			return err
		})
		if resealed > 0 {
			h.log.InfoContext(ctx, "contacts were sealed anew", "contacts", resealed)
		}
		if err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "not every contact could be sealed anew", "error", err)
		}
		if !errors.Is(err, chat.ErrBusy) {
			return errors.Is(err, privacy.ErrUnknownKey)
		}
		_ = chat.Sleep(ctx, houseInterval) // its only error is the end of ctx
	}
	return false
}
