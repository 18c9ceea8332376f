package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/yingda/yingda/store/schema"
)

// migrate brings the schema up to date. Nodes that start at once wait for each other: on PostgreSQL
// by a lock, on SQLite by trying again, for there each migration is a transaction of its own.
func (d dialect) migrate(ctx context.Context, db *sql.DB) error {
	p, err := d.migrations(db)
	if err != nil {
		return err
	}
	for range 5 {
		if _, err = p.Up(ctx); err == nil || d.listens || ctx.Err() != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

// migrations are the schema's steps on one database.
func (d dialect) migrations(db *sql.DB) (*goose.Provider, error) {
	opts := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if d.listens {
		opts = append(opts, goose.WithSessionLocker(advisory(0x79696e676461))) // "yingda"
	}
	p, err := goose.NewProvider(d.goose, db, schema.Files, opts...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}

// advisory is a PostgreSQL lock by its key: whoever comes second waits, without polling.
type advisory int64

// SessionLock waits for the lock.
func (a advisory) SessionLock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(a))
	return err
}

// SessionUnlock gives it back.
func (a advisory) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, int64(a))
	return err
}
