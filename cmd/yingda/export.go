package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

func exportCommand() command {
	return command{
		name: "export", args: "DIR", short: "write the guide of the database into a folder of Markdown, which import reads back",
		examples: `
			yingda export ./guide
			yingda export -dry ./guide     # shows how the folder would change, and changes nothing
			yingda export -force ./guide   # into a folder that is not empty: what the guide lacks is deleted from it`,
		run: runExport,
	}
}

func runExport(ctx context.Context, t terminal, c command, args []string) (err error) {
	s := newSettings(c)
	at := s.place()
	dry := s.bool("dry", "show what would change, and change nothing")
	force := s.bool("force", "write into a folder that is not empty")
	dirs, err := s.parseMixed(t, args)
	switch {
	case err != nil:
		return err
	case len(dirs) != 1:
		return usagef("name one folder, not %d", len(dirs))
	}
	db, err := at.open(ctx, t, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	files, revision, err := db.GuideFiles(ctx)
	if err == nil && revision == 0 { // nothing was ever served from here
		files, err = kb.Collect(content.FS())
	}
	if err != nil {
		return err
	}
	had, err := exportTarget(dirs[0], *force || *dry)
	if err != nil {
		return err
	}
	put, gone := had.Changes(files)
	if *dry {
		printDiff(t.out, had, put, gone)
		fmt.Fprintf(t.out, "%d files to write, %d to delete; nothing was changed\n", len(put), len(gone))
		return nil
	}
	if err := writeGuide(dirs[0], put, gone); err != nil {
		return err
	}
	printPaths(t.out, had, put, gone)
	fmt.Fprintf(t.out, "revision %d: %d files written, %d deleted\n", revision, len(put), len(gone))
	return nil
}

// exportTarget is the guide that stands in dir already.
func exportTarget(dir string, force bool) (kb.Files, error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && len(entries) == 0:
		return kb.Files{}, nil
	case err != nil:
		return nil, usagef("cannot export: %v", err)
	case !force:
		return nil, usagef("%s is not empty; -dry shows what would change in it, -force does it", dir)
	}
	had, err := kb.Collect(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	for name := range had {
		if strings.HasSuffix(name, ".md") && !strings.HasPrefix(name, "guide/") {
			return nil, usagef("%s has Markdown, such as %s, but no folder guide: is it the folder of a guide? export into an empty one", dir, name)
		}
	}
	return had, nil
}

// writeGuide changes files below dir, and none outside of it whatever the paths are.
func writeGuide(dir string, put kb.Files, gone []string) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the folder: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for name, data := range put {
		file := filepath.FromSlash(name)
		if err := root.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := root.WriteFile(file, data, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	for _, name := range gone {
		if err := root.Remove(filepath.FromSlash(name)); err != nil {
			return fmt.Errorf("delete %s: %w", name, err)
		}
		removeEmpty(root, path.Dir(name))
	}
	return nil
}

// removeEmpty removes folders that a deleted file has left empty.
func removeEmpty(root *os.Root, dir string) {
	for ; dir != "."; dir = path.Dir(dir) {
		if root.Remove(filepath.FromSlash(dir)) != nil { // not empty: it stays, as do those above
			return
		}
	}
}
