package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/yingda/yingda/chat"
)

// do commits what change does, and wakes those who wait for keys.
func (s *Store) do(ctx context.Context, what string, change func(context.Context, *tx) error, keys ...string) error {
	if err := s.commit(ctx, &writeJob{do: change, wake: keys}); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// fault is the error of a read.
func (s *Store) fault(what string, err error) error {
	if unavailable(err) && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w: %w", what, chat.ErrBusy, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
