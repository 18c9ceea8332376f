package cli

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store"
)

func backupCommand() command {
	return command{
		name: "backup", args: "FILE.tar", short: "write the database and the pictures into one file, also while serve runs",
		examples: `
			yingda backup /backup/yingda-2026-11-24.tar
			yingda restore -data /var/lib/yingda-new /backup/yingda-2026-11-24.tar
			cp key /backup/elsewhere/   # the key is not in it: keep it apart, without it telephone numbers stay sealed`,
		run: runBackup,
	}
}

func runBackup(ctx context.Context, t terminal, s *settings, args []string) error {
	flags := s.declareStorage()
	file, err := s.parseOne(t, args, "file")
	switch {
	case err != nil:
		return err
	case flags.node.Database != "":
		return usagef("%v; besides it keep the folder %s", store.ErrNoBackup, flags.node.File(node.AttachmentsDir))
	}
	if _, err := os.Lstat(file); err == nil {
		return usagef("%s is there already; name a new file", file)
	}
	if _, err := os.Stat(flags.node.File(node.DatabaseFile)); err != nil {
		return usagef("nothing to back up: %v", err)
	}
	return withStore(ctx, t, flags.node, store.AnySchema, func(db *store.Store) error {
		pictures, err := writeBackup(ctx, db, flags.node.File(node.AttachmentsDir), file)
		if err == nil {
			fmt.Fprintf(t.out, "%s: the database and %d pictures\n", file, pictures)
		}
		return err
	})
}

// writeBackup writes the database and the pictures into a file, which must not be there.
func writeBackup(ctx context.Context, db *store.Store, folder, file string) (pictures int, err error) {
	// The copy is made beside the target, where there is room for it.
	dir, err := os.MkdirTemp(filepath.Dir(file), ".yingda-backup-")
	if err != nil {
		return 0, fmt.Errorf("make room for the copy: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copied := filepath.Join(dir, node.DatabaseFile)
	if err := db.Backup(ctx, copied); err != nil { // checked by it
		return 0, err
	}
	packed := filepath.Join(dir, "backup.tar")
	if pictures, err = pack(ctx, packed, copied, folder); err != nil {
		return 0, err
	}
	if err := os.Link(packed, file); err != nil { // unlike a rename it never replaces a file
		return 0, fmt.Errorf("put the backup in place: %w", err)
	}
	return pictures, nil
}

// pack writes the database, then the pictures that were there when it was copied and some later
// ones, into one file that is on disk when it returns.
func pack(ctx context.Context, to, database, folder string) (pictures int, err error) {
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, fmt.Errorf("write the backup: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := tar.NewWriter(f)
	if err := packFile(w, database, node.DatabaseFile); err != nil {
		return 0, err
	}
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") { // hidden ones are being written
			return errors.Join(err, ctx.Err())
		}
		name, err := filepath.Rel(filepath.Dir(folder), path)
		if err != nil {
			return err
		}
		pictures++
		return packFile(w, path, filepath.ToSlash(name))
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("pack the pictures: %w", err)
	}
	if err := errors.Join(w.Close(), f.Sync()); err != nil {
		return 0, fmt.Errorf("write the backup: %w", err)
	}
	return pictures, nil
}

// packFile adds a file. One that was deleted meanwhile is left out.
func packFile(w *tar.Writer, path, name string) (err error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("pack %s: %w", name, err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = fmt.Errorf("pack %s: %w", name, err)
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	head := &tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime(), Format: tar.FormatPAX}
	if err := w.WriteHeader(head); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}
