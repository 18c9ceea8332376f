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
	backup, err := sql.Open("sqlite", fileURL(path)+"?mode=ro")
	if err != nil {
		return err
	}
	var found string
	_, err = queryOne(ctx, newPreparer(backup, false), []any{&found}, `PRAGMA integrity_check`)
	if err := errors.Join(err, backup.Close()); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("the copy is damaged: %s", found)
	}
	return f.Sync()
}
