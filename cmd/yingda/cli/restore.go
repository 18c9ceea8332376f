package cli

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store"
)

func restoreCommand() command {
	return command{
		name: "restore", args: "FILE.tar", short: "put a backup's database and pictures into the data folder, while no serve runs there",
		examples: `
			yingda restore -data /var/lib/yingda-new /backup/yingda-2026-11-24.tar
			yingda restore -force /backup/yingda-2026-11-24.tar   # what is there is kept beside it, under another name
			cp -p /backup/elsewhere/key /var/lib/yingda-new/key   # then the key, which a backup does not hold`,
		run: runRestore,
	}
}

func runRestore(ctx context.Context, t terminal, s *settings, args []string) (err error) {
	flags := s.declareStorage()
	force := s.bool("force", "also where there is a database: it stays beside, as yingda.db.replaced-TIME, with its pictures and its key")
	file, err := s.parseOne(t, args, "file")
	switch {
	case err != nil:
		return err
	case flags.node.Database != "":
		return usagef("PostgreSQL is restored by its own tools, while serve is stopped: pg_restore --clean --if-exists --dbname=\"$YINGDA_DATABASE\" yingda.dump; besides it put back the folder %s", flags.node.File(node.AttachmentsDir))
	}
	backup, err := os.Open(file)
	if err != nil {
		return usagef("cannot read the backup: %v", err)
	}
	defer func() { err = errors.Join(err, backup.Close()) }()
	if err := os.MkdirAll(flags.node.Data, 0o700); err != nil {
		return usagef("cannot make the data folder: %v", err)
	}
	r := restorer{Config: flags.node, force: *force, aside: time.Now().UTC().Format(".replaced-20060102-150405.000")}
	err = store.WithoutServing(r.Data, func() error { return r.restore(ctx, backup) })
	switch {
	case errors.Is(err, store.ErrServed):
		return fmt.Errorf("stop serve first: %w", err)
	case err != nil:
		return err
	}
	return r.report(t.out)
}

// restorer puts a backup into a data folder.
type restorer struct {
	node.Config
	force    bool
	aside    string // what is behind the names of what was there
	pictures int
}

// restore unpacks the backup beside its place, checks it, and moves it there.
func (r *restorer) restore(ctx context.Context, backup io.Reader) (err error) {
	if there := !isEmpty(r.File(node.DatabaseFile)) || !isEmpty(r.File(node.AttachmentsDir)); there && !r.force {
		return usagef("there is a database, or pictures, in %s already: name an empty folder, or keep them beside the restored ones with -force", r.Data)
	}
	dir, err := os.MkdirTemp(r.Data, ".restore-")
	if err != nil {
		return fmt.Errorf("make room for the backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := r.unpack(ctx, backup, dir); err != nil {
		return err
	}
	database := filepath.Join(dir, node.DatabaseFile)
	if isEmpty(database) {
		return errors.New("the file holds no database: is it one of `yingda backup`?")
	}
	if err := store.CheckBackup(ctx, database); err != nil {
		return err
	}
	for _, name := range []string{node.KeyFile, node.AttachmentsDir} {
		if err := r.replace(dir, name); err != nil {
			return err
		}
	}
	return store.Replace(r.Data, database, r.aside)
}

// isEmpty tells whether there is nothing at a path: no file, or a folder without any.
func isEmpty(path string) bool {
	entries, err := os.ReadDir(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0
}

// replace moves what the backup holds under a name into its place, and what was there aside. A key that the backup does not
// hold stays.
func (r *restorer) replace(dir, name string) error {
	unpacked, there := filepath.Join(dir, name), r.File(name)
	if _, err := os.Stat(unpacked); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if name == node.KeyFile && !r.force && !isEmpty(there) {
		return usagef("the backup holds a key, and there is one at %s already: move one of them away, or keep it beside with -force", there)
	}
	keep := func() error { return os.Rename(there, there+r.aside) }
	if isEmpty(there) {
		keep = func() error { return os.Remove(there) }
	}
	if err := keep(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keep what was there: %w", err)
	}
	if err := os.Rename(unpacked, there); err != nil {
		return fmt.Errorf("put the backup in place: %w", err)
	}
	return nil
}

// unpack writes what a backup holds into dir; the pictures' folder is there even where it holds none.
func (r *restorer) unpack(ctx context.Context, backup io.Reader, dir string) error {
	if err := os.Mkdir(filepath.Join(dir, node.AttachmentsDir), 0o700); err != nil {
		return err
	}
	var last tail
	for files := tar.NewReader(io.TeeReader(backup, &last)); ; {
		head, err := files.Next()
		switch {
		case errors.Is(err, io.EOF):
			return last.check()
		case err != nil:
			return fmt.Errorf("read the backup: %w", err)
		case ctx.Err() != nil:
			return ctx.Err()
		case head.Typeflag == tar.TypeDir:
			continue
		case head.Typeflag != tar.TypeReg || !isBackedUp(head.Name):
			return fmt.Errorf("the file holds %q, which no backup does: is it one of `yingda backup`?", head.Name)
		}
		if path.Dir(path.Clean(head.Name)) == node.AttachmentsDir {
			r.pictures++
		}
		if err := unpackFile(files, filepath.Join(dir, filepath.FromSlash(path.Clean(head.Name)))); err != nil {
			return fmt.Errorf("unpack %s: %w", head.Name, err)
		}
	}
}

// tail is the end of what was read of a backup. A tar.Reader takes a file that was cut off between two files for whole.
type tail struct{ bytes []byte }

// tarEnd is how many zero bytes a tar file ends with.
const tarEnd = 2 * 512

// Write keeps the last tarEnd bytes.
func (t *tail) Write(b []byte) (int, error) {
	t.bytes = append(t.bytes, b[max(0, len(b)-tarEnd):]...)
	t.bytes = append([]byte(nil), t.bytes[max(0, len(t.bytes)-tarEnd):]...)
	return len(b), nil
}

// check tells that the file was cut off.
func (t *tail) check() error {
	if len(t.bytes) < tarEnd || len(bytes.Trim(t.bytes, "\x00")) > 0 {
		return errors.New("read the backup: its end is missing: it was cut off, copy it again")
	}
	return nil
}

// isBackedUp tells whether a backup may hold a file of that name. The operator may have put the key in.
func isBackedUp(name string) bool {
	name = path.Clean(name)
	return name == node.DatabaseFile || name == node.KeyFile || fs.ValidPath(name) && path.Dir(name) == node.AttachmentsDir
}

// unpackFile writes a file that is on disk when it returns.
func unpackFile(r io.Reader, to string) (err error) {
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

// report says what is there now, and what is left to do.
func (r *restorer) report(w io.Writer) error {
	text := fmt.Sprintf("%s: the database and %d pictures\n", r.Data, r.pictures)
	kept, err := filepath.Glob(r.File("*" + r.aside + "*"))
	if err != nil {
		return err
	}
	for _, name := range kept {
		text += fmt.Sprintf("what was there is kept as %s\n", name)
	}
	if _, err := os.Stat(r.File(node.KeyFile)); r.Key == "" && err != nil {
		text += fmt.Sprintf("the key is not there: put your copy at %s, or name it with -key-file, before you start serve\n", r.File(node.KeyFile))
	}
	_, err = io.WriteString(w, text+"look at it with `yingda doctor`, then start serve\n")
	return err
}
