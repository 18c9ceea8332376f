package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/media"
)

// pictures are the pictures on disk, as channels see them.
type pictures struct{ *media.Store }

// Save keeps one.
func (p pictures) Save(ctx context.Context, r io.Reader) (chat.Attachment, error) {
	info, err := p.Put(ctx, r)
	return chat.Attachment(info), err
}

// Open reads one.
func (p pictures) Open(_ context.Context, id string) (io.ReadCloser, chat.Attachment, error) {
	f, err := p.Store.Open(id)
	if errors.Is(err, media.ErrNotFound) {
		return nil, chat.Attachment{}, fmt.Errorf("picture %q: %w", id, chat.ErrNotFound)
	}
	if err != nil {
		return nil, chat.Attachment{}, err
	}
	a := chat.Attachment{ID: id}
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		a.Type = http.DetectContentType(head[:n])
		a.Size, err = f.Seek(0, io.SeekEnd)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, chat.Attachment{}, errors.Join(fmt.Errorf("read a picture: %w", err), f.Close())
	}
	return f, a, nil
}
