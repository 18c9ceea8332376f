package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
)

// waitingRetryAfter is when to ask again for a stream or a poll that waits; meanwhile one may ask without waiting.
const waitingRetryAfter = 10 * time.Second

// acquireWaiting takes a place for a stream or a poll that waits.
func (s *server) acquireWaiting(c echo.Context) (release func(), err error) {
	release, busy, ok := s.waiting.acquire(conversationID(c), clientShares(c))
	switch {
	case ok:
		return release, nil
	case busy:
		return nil, fmt.Errorf("more than %d streams and polls: %w", maxWaiting, chat.ErrBusy)
	}
	return nil, retryLater(http.StatusTooManyRequests, waitingRetryAfter, "同一个网络打开的对话连接太多了，请稍后再试。")
}

// readEntries are the next entries of a conversation behind after; chat.ErrNotFound where a reader who was woken finds none
// because it is gone.
func readEntries(ctx context.Context, all chat.Conversations, id string, after int64, woken bool) ([]chat.Entry, error) {
	entries, err := all.ListEntries(ctx, id, after, pageSize)
	if err == nil && len(entries) == 0 && woken {
		_, err = all.FindConversation(ctx, id)
	}
	return entries, err
}
