package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/yingda/yingda/chat"
)

// lostPicture is the error for a picture that nobody will ever have. Its reason is in English.
type lostPicture struct{ reason string }

// Error is the reason.
func (e *lostPicture) Error() string { return e.reason }

// picture brings a message's picture here and keeps it. The error is a *lostPicture where trying again
// would not help.
func (c *Channel) picture(ctx context.Context, h *hearing) (chat.Attachment, error) {
	if h.said.tooLarge {
		return chat.Attachment{}, &lostPicture{"the picture is larger than a bot may download"}
	}
	select {
	case c.files <- struct{}{}:
		defer func() { <-c.files }()
	case <-ctx.Done():
		return chat.Attachment{}, ctx.Err()
	}
	data, err := h.account.Download(ctx, h.said.picture)
	if err != nil {
		refused, ok := errors.AsType[*Error](err)
		gone := ok && refused.Code == 400
		if gone || errors.Is(err, ErrTooBig) {
			return chat.Attachment{}, &lostPicture{err.Error()}
		}
		return chat.Attachment{}, fmt.Errorf("download a picture: %w", err)
	}
	kept, err := c.c.Pictures.Save(ctx, bytes.NewReader(data))
	if told, ok := errors.AsType[interface {
		error
		Text() string
	}](err); ok {
		return chat.Attachment{}, &lostPicture{told.Error()}
	}
	if err != nil {
		return chat.Attachment{}, fmt.Errorf("keep a picture: %w", err)
	}
	return kept, nil
}

// unsuitable tells that Telegram does not take a picture as a photo, because of its shape.
func unsuitable(err error) bool {
	return says(err, "photo_invalid_dimensions", "image_process_failed", "photo_ext_invalid")
}

// fileName is how a picture is called that is sent as a file.
func fileName(a chat.Attachment) string {
	if strings.HasSuffix(a.Type, "png") {
		return "photo.png"
	}
	return "photo.jpg"
}
