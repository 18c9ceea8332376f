package store

import (
	"context"
	"fmt"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// keyRow is a row of keys.
type keyRow struct {
	Name      string
	Role      desk.Role
	Hash      []byte // SHA-256
	CreatedAt int64
}

func (*keyRow) table() string { return "keys" }

// Key is an agent's way in, without the secret.
type Key struct {
	Name      string
	Role      desk.Role
	CreatedAt time.Time
}

// AddKey makes a key for a new agent; it is shown once and only its hash is kept. chat.ErrConflict
// when the name has one.
func (s *Store) AddKey(ctx context.Context, name string, role desk.Role) (string, error) {
	key := "yd_" + s.newSecret()
	return transactValue(ctx, s, "add a key", func(ctx context.Context, t *tx) (string, error) {
		n, err := insert(ctx, t, keyRow{Name: name, Role: role, Hash: hashSecret(key), CreatedAt: s.now()})
		if err == nil && n == 0 {
			err = rejection{fmt.Errorf("%w: %q has a key already", chat.ErrConflict, name)}
		}
		if err == nil {
			_, err = insert(ctx, t, s.newAudit("", "key.added", "", name+" "+string(role)))
		}
		return key, err
	})
}

// Agent is whose key it is; chat.ErrForbidden for any other.
func (s *Store) Agent(ctx context.Context, key string) (desk.Agent, error) {
	r, found, err := selectOne[keyRow](ctx, s.reading("find a key"), `WHERE hash = $1`, hashSecret(key))
	if err == nil && !found {
		err = fmt.Errorf("key: %w", chat.ErrForbidden)
	}
	return desk.Agent{Name: r.Name, Role: r.Role}, err
}

// ListKeys lists all keys by name.
func (s *Store) ListKeys(ctx context.Context) ([]Key, error) {
	rows, err := selectRows[keyRow](ctx, s.reading("list the keys"), `ORDER BY name`)
	return convert(rows, func(r *keyRow) Key { return Key{r.Name, r.Role, timeOf(r.CreatedAt)} }), err
}

// RevokeKey ends a key at once; chat.ErrNotFound.
func (s *Store) RevokeKey(ctx context.Context, name string) error {
	return s.transact(ctx, "revoke a key", func(ctx context.Context, t *tx) error {
		err := t.execOne(ctx, fmt.Errorf("key %q: %w", name, chat.ErrNotFound), `DELETE FROM keys WHERE name = $1`, name)
		if err == nil {
			_, err = insert(ctx, t, s.newAudit("", "key.revoked", "", name))
		}
		return err
	})
}
