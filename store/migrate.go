package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/yingda/yingda/store/schema"
)

// SchemaPolicy is what Open does where the database's schema is not this program's. A newer one it always refuses,
// but for AnySchema: this program does not know what to keep in it.
type SchemaPolicy int

// The policies.
const (
	MigrateSchema SchemaPolicy = iota // brings an older one up to date
	RequireSchema                     // refuses it; in an empty database it makes its own
	AnySchema                         // opens it all the same, for Backup and Check
)

// ErrSchema says that the database's schema is not this program's.
var ErrSchema = errors.New("the database's schema is not this program's")

// prepareSchema does as the policy says. Nodes that start at once wait for each other: on PostgreSQL by a lock, on
// SQLite by trying again, for there each migration is a transaction of its own.
func (d database) prepareSchema(ctx context.Context, policy SchemaPolicy) (err error) {
	if policy == AnySchema {
		return nil
	}
	for range 5 {
		if err = d.trySchema(ctx, policy); err == nil || errors.Is(err, ErrSchema) || d.listens || ctx.Err() != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

func (d database) trySchema(ctx context.Context, policy SchemaPolicy) error {
	current, newest, err := d.versions(ctx, d.write)
	switch {
	case err != nil:
		return err
	case current > newest:
		return newerSchema(current, newest)
	case 0 < current && current < newest && policy == RequireSchema:
		return fmt.Errorf("%w: it is at %d, this program's at %d; back it up, then start serve, which brings it up to date", ErrSchema, current, newest)
	case current < newest:
		if err := d.migrate(ctx, d.write); err != nil {
			return fmt.Errorf("bring the database's schema up to date: %w", err)
		}
	}
	return nil
}

func newerSchema(current, newest int64) error {
	return fmt.Errorf("%w: it is at %d, this program knows %d; use a program that is as new as the one that wrote it", ErrSchema, current, newest)
}

// versions are the newest migration that ran, 0 for none, and the newest that this program knows. It writes nothing.
func (d dialect) versions(ctx context.Context, db *sql.DB) (current, newest int64, err error) {
	p, err := d.migrations(db)
	if err != nil {
		return 0, 0, err
	}
	for _, source := range p.ListSources() {
		newest = max(newest, source.Version)
	}
	var migrated int64
	q := newPreparer(db, false)
	if _, err = queryOne(ctx, q, []any{&migrated}, d.migrated); err == nil && migrated != 0 {
		_, err = queryOne(ctx, q, []any{&current}, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return current, newest, nil
}

// migrate brings the schema up to date.
func (d dialect) migrate(ctx context.Context, db *sql.DB) error {
	p, err := d.migrations(db)
	if err == nil {
		_, err = p.Up(ctx)
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
