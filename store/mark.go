package store

import (
	"context"
	"fmt"

	"github.com/yingda/yingda/chat"
)

// markRows keeps marks over what was there.
func markRows() bulk {
	b := insert("marks", "name", "value", "conversation", "until")
	b.tail = ` ON CONFLICT (name) DO UPDATE SET value = excluded.value, conversation = excluded.conversation, until = excluded.until`
	return b
}

// checkMarks finds marks that cannot be kept.
func checkMarks(marks []chat.KV) error {
	for _, m := range marks {
		if m.Key == "" || len(m.Value) > chat.MaxKVValue {
			return fmt.Errorf("a mark named %q of %d bytes cannot be kept", m.Key, len(m.Value))
		}
	}
	return nil
}

// markValues is a mark's row.
func markValues(m chat.KV) []any {
	until := int64(0)
	if !m.ExpiresAt.IsZero() {
		until = m.ExpiresAt.UnixMilli()
	}
	return []any{m.Key, m.Value, m.Conversation, until}
}

// mark keeps checked marks, one statement each, for a key may come twice. A nil value is deleted.
func (t *tx) mark(ctx context.Context, marks []chat.KV) error {
	for _, m := range marks {
		if m.Value == nil {
			if _, err := t.exec(ctx, `DELETE FROM marks WHERE name = $1`, m.Key); err != nil {
				return err
			}
			continue
		}
		if _, err := t.bulk(ctx, markRows(), [][]any{markValues(m)}); err != nil {
			return err
		}
	}
	return nil
}

// GetKV is what is kept under a key.
func (s *Store) GetKV(ctx context.Context, key string) ([]byte, error) {
	value, found, err := findMark(ctx, s.read, key, s.now())
	if err != nil {
		return nil, s.fault("read a mark", err)
	}
	if !found {
		return nil, fmt.Errorf("mark %q: %w", key, chat.ErrNotFound)
	}
	return value, nil
}

func findMark(ctx context.Context, q querier, key string, now int64) (value []byte, found bool, err error) {
	found, err = first(ctx, q, []any{&value}, `SELECT value FROM marks WHERE name = $1 AND (until = 0 OR until > $2)`, key, now)
	return value, found, err
}

// SetKV keeps values, all or none.
func (s *Store) SetKV(ctx context.Context, marks ...chat.KV) error {
	if err := checkMarks(marks); err != nil {
		return err
	}
	return s.do(ctx, "keep marks", func(ctx context.Context, t *tx) error { return t.mark(ctx, marks) })
}

// ClaimKV keeps a mark where there is none of its key.
func (s *Store) ClaimKV(ctx context.Context, m chat.KV) (kept []byte, err error) {
	if err := checkMarks([]chat.KV{m}); err != nil {
		return nil, err
	}
	err = s.do(ctx, "claim a mark", func(ctx context.Context, t *tx) error {
		now := s.now()
		if _, err := t.exec(ctx, `DELETE FROM marks WHERE name = $1 AND until <> 0 AND until <= $2`, m.Key, now); err != nil {
			return err
		}
		if _, err := t.bulk(ctx, insert("marks", "name", "value", "conversation", "until"), [][]any{markValues(m)}); err != nil {
			return err
		}
		found := false
		kept, found, err = findMark(ctx, t, m.Key, now)
		if err == nil && !found { // its time is over already
			kept = m.Value
		}
		return err
	})
	return kept, err
}

// DropMarks deletes the marks whose time is over.
func (s *Store) DropMarks(ctx context.Context) error {
	return s.do(ctx, "delete old marks", func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, `DELETE FROM marks WHERE until <> 0 AND until <= $1`, s.now())
		return err
	})
}
