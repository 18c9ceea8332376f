package store

import "context"

// Exec runs a statement on the writer's connection, to break it.
func (s *Store) Exec(ctx context.Context, text string) error {
	c := &writeJob{do: func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, text)
		return err
	}}
	return s.commit(ctx, c)
}
