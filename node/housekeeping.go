package node

import (
	"context"
	"errors"
	"time"
)

const (
	houseInterval = time.Hour      // how often old messages and ownerless pictures are looked for
	orphanAge     = 24 * time.Hour // of a picture without an entry that is deleted: the turn of a younger one may still be under way
)

// keepHouse deletes, every hour, what is older than Retain, pictures that no entry has and values whose time is
// over, until ctx ends.
func (n *Node) keepHouse(ctx context.Context) {
	for ctx.Err() == nil {
		err := errors.Join(n.sweepMedia(ctx, time.Now().Add(-orphanAge)), n.store.DropMarks(ctx))
		if n.Retain > 0 {
			err = errors.Join(err, n.deleteOld(ctx, time.Now().Add(-n.Retain)))
		}
		if err != nil && ctx.Err() == nil {
			n.Log.ErrorContext(ctx, "not everything that is old was deleted; trying again in an hour", "error", err)
		}
		_ = sleep(ctx, houseInterval) // its only error is the end of ctx
	}
}

// deleteOld deletes what was said before a time, with its pictures. The store does it in small steps,
// so that customers do not wait for it.
func (n *Node) deleteOld(ctx context.Context, before time.Time) error {
	removed, err := n.store.Retain(ctx, before)
	// The pictures of what is gone go, even when something else was in the way.
	err = errors.Join(err, n.media.Delete(removed.Attachments...))
	if removed.Messages+removed.Conversations > 0 {
		n.Log.InfoContext(ctx, "old messages were deleted", "messages", removed.Messages, "conversations", removed.Conversations, "pictures", len(removed.Attachments))
	}
	return err
}

// sweepMedia deletes pictures that were written before a time and belong to nothing: those of turns that failed.
func (n *Node) sweepMedia(ctx context.Context, before time.Time) error {
	deleted, err := n.media.Sweep(ctx, before, func(id string) (bool, error) { return n.store.KeepsPicture(ctx, id) })
	if deleted > 0 {
		n.Log.InfoContext(ctx, "pictures without a message were deleted", "pictures", deleted)
	}
	return err
}

// erase deletes a conversation and its pictures, and what agents' groups show of it, as far as that can be done now.
func (n *Node) erase(ctx context.Context, conversation string) error {
	for _, channel := range n.channels {
		if e, ok := channel.(eraser); ok {
			if err := e.Forget(ctx, conversation); err != nil {
				n.Log.ErrorContext(ctx, "an erased conversation is left in the agents' group: delete its topic by hand", "error", err)
			}
		}
	}
	removed, err := n.store.Forget(ctx, conversation)
	return errors.Join(err, n.media.Delete(removed.Attachments...))
}
