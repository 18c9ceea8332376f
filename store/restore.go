package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// What SQLite has in its folder: the database, its log and the log's index, and the lock of the store that serves.
const (
	databaseFile = "yingda.db"
	logSuffix    = "-wal"
	indexSuffix  = "-shm"
	lockFile     = "serve.lock"
)

// WithoutServing does something to the folder of a SQLite database while no store may serve it; ErrServed where one does.
func WithoutServing(dir string, do func() error) error {
	lock, err := lockServing(filepath.Join(dir, lockFile))
	if err != nil {
		return err
	}
	return errors.Join(do(), lock.Close())
}

// Replace puts a copy that Backup made, and CheckBackup has checked, in the place of the database in dir. What was
// there stays beside it, as a database of its own: its names get aside behind them. It is for WithoutServing.
func Replace(dir, backup, aside string) error {
	path := filepath.Join(dir, databaseFile)
	moves := [][2]string{
		{path + logSuffix, path + aside + logSuffix}, // first, so that the new database never lies beside the old one's log
		{path, path + aside},
		{backup, path},
	}
	if err := os.Remove(path + indexSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) { // SQLite makes it anew
		return fmt.Errorf("replace the database: %w", err)
	}
	for _, move := range moves {
		if err := os.Rename(move[0], move[1]); err != nil && (move[0] == backup || !errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("replace the database: %w", err)
		}
	}
	return nil
}

// ErrForeignLog says that a database lies beside the log of another one.
var ErrForeignLog = errors.New("the log beside the database is that of another one")

// checkLog refuses a database that was put beside the log of another one, which SQLite would write into it. A copy
// that Backup makes says in its head that it has no log, and a database of ours that it has one.
func checkLog(path string) error {
	info, err := os.Stat(path + logSuffix)
	if err != nil || info.Size() == 0 {
		return nil // there is none
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: there is %s%s and no %s; put the database back, or move the log away", ErrForeignLog, path, logSuffix, path)
	}
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	const writeVersion, legacy = 18, 1 // of the file format: where it stands, and that of a file without a log
	head := make([]byte, writeVersion+1)
	_, err = io.ReadFull(f, head)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%w: %s is no database: %w", ErrForeignLog, path, err)
	}
	if head[writeVersion] == legacy {
		return fmt.Errorf("%w: %s is a backup, put beside what %s%s held back; stop serve, move both away, and use `yingda restore`", ErrForeignLog, path, path, logSuffix)
	}
	return nil
}
