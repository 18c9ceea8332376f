package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/yingda/yingda/chat"
)

// kvRow is a row of marks, the table of the key-value store.
type kvRow struct {
	Name, Conversation string // conversation: whose it is, for erasing; '' for nobody's
	Value              []byte
	Until              int64 // 0 for ever
}

func (*kvRow) table() string { return "marks" }

func newKV(kv chat.KV) kvRow {
	r := kvRow{Name: kv.Key, Value: kv.Value, Conversation: kv.Conversation}
	if !kv.ExpiresAt.IsZero() {
		r.Until = kv.ExpiresAt.UnixMilli()
	}
	return r
}

// validateKV finds pairs that cannot be kept.
func validateKV(pairs []chat.KV) error {
	for _, kv := range pairs {
		if kv.Key == "" || len(kv.Value) > chat.MaxKVValue {
			return fmt.Errorf("key %q with %d bytes cannot be kept: want a key and at most %d bytes", kv.Key, len(kv.Value), chat.MaxKVValue)
		}
	}
	return nil
}

// putKV keeps valid pairs, of two with one key the later one. A nil value is deleted.
func putKV(ctx context.Context, t *tx, pairs []chat.KV) error {
	last := map[string]chat.KV{}
	for _, kv := range pairs {
		last[kv.Key] = kv
	}
	var rows []kvRow
	var deleted []string
	for _, key := range slices.Sorted(maps.Keys(last)) { // two nodes lock them in the same order
		if last[key].Value == nil {
			deleted = append(deleted, key)
		} else {
			rows = append(rows, newKV(last[key]))
		}
	}
	if len(rows) > 0 {
		if _, err := insertOr(ctx, t, ` ON CONFLICT (name) DO UPDATE SET value = excluded.value, conversation = excluded.conversation, until = excluded.until`, rows...); err != nil {
			return err
		}
	}
	for _, key := range deleted {
		if _, err := t.exec(ctx, `DELETE FROM marks WHERE name = $1`, key); err != nil {
			return err
		}
	}
	return nil
}

// GetKV is what is kept under a key.
func (s *Store) GetKV(ctx context.Context, key string) ([]byte, error) {
	value, found, err := findKV(ctx, s.reading("read a value"), key, s.now())
	return value, orNotFound(found, err, "key %q", key)
}

func findKV(ctx context.Context, q querier, key string, now int64) (value []byte, found bool, err error) {
	found, err = queryOne(ctx, q, []any{&value}, `SELECT value FROM marks WHERE name = $1 AND (until = 0 OR until > $2)`, key, now)
	return value, found, err
}

// SetKV keeps values, all or none.
func (s *Store) SetKV(ctx context.Context, pairs ...chat.KV) error {
	if err := validateKV(pairs); err != nil {
		return err
	}
	return s.transact(ctx, "keep values", func(ctx context.Context, t *tx) error { return putKV(ctx, t, pairs) })
}

// ClaimKV keeps a value where there is none of its key.
func (s *Store) ClaimKV(ctx context.Context, kv chat.KV) ([]byte, error) {
	if err := validateKV([]chat.KV{kv}); err != nil {
		return nil, err
	}
	return transactValue(ctx, s, "claim a key", func(ctx context.Context, t *tx) ([]byte, error) {
		now := s.now()
		if _, err := t.exec(ctx, `DELETE FROM marks WHERE name = $1 AND until <> 0 AND until <= $2`, kv.Key, now); err != nil {
			return nil, err
		}
		if _, err := insert(ctx, t, newKV(kv)); err != nil {
			return nil, err
		}
		kept, found, err := findKV(ctx, t, kv.Key, now)
		if !found { // its time is over already
			kept = kv.Value
		}
		return kept, err
	})
}

// DeleteExpiredKV deletes the values whose time is over.
func (s *Store) DeleteExpiredKV(ctx context.Context) error {
	return s.transact(ctx, "delete expired values", statement(`DELETE FROM marks WHERE until <> 0 AND until <= $1`, s.now()))
}
