package main

import (
	"context"
	"errors"
	"time"
)

// retainEvery is how often old messages are looked for.
const retainEvery = time.Hour

// retain deletes, every hour, what is older than -retain, until ctx ends.
func (n *node) retain(ctx context.Context) {
	for ctx.Err() == nil {
		if err := n.deleteOld(ctx, time.Now().Add(-*n.cfg.retain)); err != nil && ctx.Err() == nil {
			n.log.ErrorContext(ctx, "old messages were not deleted; trying again in an hour", "error", err)
		}
		_ = sleep(ctx, retainEvery) // its only error is the end of ctx
	}
}

// deleteOld deletes what was said before a time, with its pictures. The store does it in small steps,
// so that customers do not wait for it.
func (n *node) deleteOld(ctx context.Context, before time.Time) error {
	gone, err := n.store.Retain(ctx, before)
	// The pictures of what is gone go, even when something else was in the way.
	err = errors.Join(err, n.media.Delete(gone.Attachments...))
	if gone.Messages+gone.Conversations > 0 {
		n.log.InfoContext(ctx, "old messages were deleted", "messages", gone.Messages, "conversations", gone.Conversations, "pictures", len(gone.Attachments))
	}
	return err
}
