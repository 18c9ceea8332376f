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
			tar -xf /backup/yingda-2026-11-24.tar -C /var/lib/yingda   # restores it into an empty data folder
			cp key /backup/elsewhere/   # the key is not in it: keep it apart, without it telephone numbers stay sealed`,
		run: runBackup,
	}
}

func runBackup(ctx context.Context, t terminal, c command, args []string) (err error) {
	s := newSettings(c)
	flags := s.declareStorage()
	files, err := s.parseMixed(t, args)
	switch {
	case err != nil:
		return err
	case len(files) != 1:
		return usagef("name one file, not %d", len(files))
	case flags.node.Database != "":
		return usagef("%v; besides it keep the folder %s", store.ErrNoBackup, flags.node.File(node.AttachmentsDir))
	}
	if _, err := os.Lstat(files[0]); err == nil {
		return usagef("%s is there already; name a new file", files[0])
	}
	if _, err := os.Stat(flags.node.File(node.DatabaseFile)); err != nil {
		return usagef("nothing to back up: %v", err)
	}
	db, err := openStore(ctx, t, flags.node, store.AnySchema)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// The copy is made beside the target, where there is room for it.
	dir, err := os.MkdirTemp(filepath.Dir(files[0]), ".yingda-backup-")
	if err != nil {
		return fmt.Errorf("make room for the copy: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copied := filepath.Join(dir, node.DatabaseFile)
	if err := db.Backup(ctx, copied); err != nil { // checked by it
		return err
	}
	packed := filepath.Join(dir, "backup.tar")
	pictures, err := pack(ctx, packed, copied, flags.node.File(node.AttachmentsDir))
	if err != nil {
		return err
	}
	if err := os.Link(packed, files[0]); err != nil { // unlike a rename it never replaces a file
		return fmt.Errorf("put the backup in place: %w", err)
	}
	fmt.Fprintf(t.out, "%s: the database and %d pictures\n", files[0], pictures)
	return nil
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
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("pack %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	head := &tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime(), Format: tar.FormatPAX}
	if err := w.WriteHeader(head); err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	if _, err := io.Copy(w, f); err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	return nil
}
