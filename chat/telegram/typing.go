package telegram

import (
	"context"
	"sync"
	"time"
)

const (
	typingAfter = 400 * time.Millisecond // before, an answer is there sooner than anybody sees the sign
	typingLasts = 4 * time.Second        // Telegram takes the sign away after five
)

// typing shows that somebody is at it, for as long as it takes. stop ends that, and waits for its end.
func (c *Channel) typing(ctx context.Context, a *account, to Address) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var shown sync.WaitGroup
	shown.Go(func() {
		for wait := typingAfter; c.c.Sleep(ctx, wait) == nil; wait = typingLasts {
			_ = a.Typing(ctx, to.Chat, to.Thread) // only a courtesy
		}
	})
	return func() {
		cancel()
		shown.Wait()
	}
}
