package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// ErrNoBackup says that the database is not ours to copy.
var ErrNoBackup = errors.New("PostgreSQL is backed up by its own tools: pg_dump --format=custom --file=yingda.dump \"$YINGDA_DATABASE\", and pg_restore")

// Backup copies the SQLite database into a new file while work goes on, and checks the copy. The
// copy is complete up to the moment when Backup began; a broken one is deleted.
func (s *Store) Backup(ctx context.Context, path string) error {
	if s.db.listens {
		return ErrNoBackup
	}
	part := path + ".part"
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("back up to %s: the file exists already; name a new one", path)
	}
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove what an earlier backup left: %w", err)
	}
	if err := s.copyTo(ctx, part); err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", path, err), os.Remove(part))
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("name the backup: %w", err)
	}
	return nil
}

// copyTo writes a checked and synchronised copy.
func (s *Store) copyTo(ctx context.Context, path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // VACUUM INTO takes an empty file as it is
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	db, err := s.db.connect()
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, path)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := withBackup(path, func(db *sql.DB) error { return checkIntegrity(ctx, db) }); err != nil {
		return err
	}
	return f.Sync()
}

// CheckBackup tells why a copy that Backup made cannot be restored: it is damaged, no database of ours, or its schema
// is newer than this program's (ErrSchema). It changes nothing.
func CheckBackup(ctx context.Context, path string) error {
	return withBackup(path, func(db *sql.DB) error {
		if err := checkIntegrity(ctx, db); err != nil {
			return err
		}
		current, newest, err := sqliteDialect().versions(ctx, db)
		switch {
		case err != nil:
			return err
		case current == 0:
			return errors.New("the copy is no database of yingda's")
		case current > newest:
			return newerSchema(current, newest)
		}
		return nil
	})
}

// withBackup reads a copy that nobody writes.
func withBackup(path string, do func(*sql.DB) error) error {
	db, err := sql.Open("sqlite", fileURL(path)+"?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

func checkIntegrity(ctx context.Context, db *sql.DB) error {
	var found string
	_, err := queryOne(ctx, newPreparer(db, false), []any{&found}, `PRAGMA integrity_check`)
	if err == nil && found != "ok" {
		err = errors.New(found)
	}
	if err != nil {
		return fmt.Errorf("the copy is damaged: %w", err)
	}
	return nil
}
