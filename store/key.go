package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// Key is an agent's way in, without the secret.
type Key struct {
	Name      string
	Role      desk.Role
	CreatedAt time.Time
}

// AddKey makes a key for a new agent; it is shown once and only its hash is kept. chat.ErrConflict
// when the name has one.
func (s *Store) AddKey(ctx context.Context, name string, role desk.Role) (key string, err error) {
	key = "yd_" + base64.RawURLEncoding.EncodeToString(s.random(32))
	err = s.do(ctx, "add a key", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `INSERT INTO keys (name, role, hash, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			name, string(role), hashed(key), s.now())
		if err == nil && n == 0 {
			return refusal{fmt.Errorf("%w: %q has a key already", chat.ErrConflict, name)}
		}
		if err == nil {
			_, err = t.bulk(ctx, auditRows(), [][]any{s.auditValues("", "key.added", "", name+" "+string(role))})
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return key, nil
}

// Agent is whose key it is; chat.ErrForbidden for any other.
func (s *Store) Agent(ctx context.Context, key string) (a desk.Agent, err error) {
	found, err := first(ctx, s.read, []any{&a.Name, &a.Role}, `SELECT name, role FROM keys WHERE hash = $1`, hashed(key))
	if err != nil {
		return a, s.fault("read a key", err)
	}
	if !found {
		return a, fmt.Errorf("key: %w", chat.ErrForbidden)
	}
	return a, nil
}

// Keys are all keys by name.
func (s *Store) Keys(ctx context.Context) ([]Key, error) {
	keys, err := all(ctx, s.read, func(r row) (k Key, err error) {
		var at int64
		err = r.Scan(&k.Name, &k.Role, &at)
		k.CreatedAt = moment(at)
		return k, err
	}, `SELECT name, role, created_at FROM keys ORDER BY name`)
	if err != nil {
		return nil, s.fault("list the keys", err)
	}
	return keys, nil
}

// RevokeKey ends a key at once; chat.ErrNotFound.
func (s *Store) RevokeKey(ctx context.Context, name string) error {
	return s.do(ctx, "revoke a key", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM keys WHERE name = $1`, name)
		if err == nil && n == 0 {
			return refusal{fmt.Errorf("key %q: %w", name, chat.ErrNotFound)}
		}
		if err == nil {
			_, err = t.bulk(ctx, auditRows(), [][]any{s.auditValues("", "key.revoked", "", name)})
		}
		return err
	})
}
