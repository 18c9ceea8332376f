package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/yingda/yingda/kb"
)

func importCommand() command {
	return command{
		name: "import", args: "DIR", short: "put the guide of a folder into the database; a running serve answers from it at once",
		examples: `
			yingda import -dry ./guide   # shows what would change, and changes nothing
			yingda import ./guide`,
		run: runImport,
	}
}

func runImport(ctx context.Context, t terminal, c command, args []string) (err error) {
	s := newSettings(c)
	at := s.place()
	dry := s.bool("dry", "show what would change, and change nothing")
	dirs, err := s.parseMixed(t, args)
	switch {
	case err != nil:
		return err
	case len(dirs) != 1:
		return usagef("name one folder, not %d", len(dirs))
	}
	files, err := readGuide(dirs[0])
	if err != nil {
		return err
	}
	db, err := at.open(ctx, t, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return putGuide(ctx, t.out, db, files, *dry)
}

// readGuide collects a folder's guide, which must have no errors.
func readGuide(dir string) (kb.Files, error) {
	fsys, err := guideFS(dir)
	if err != nil {
		return nil, err
	}
	files, err := kb.Collect(fsys)
	if err != nil {
		return nil, err
	}
	_, err = loadFS(files.FS(), io.Discard)
	return files, err
}

// putGuide makes files the newest revision, or only tells what would change.
func putGuide(ctx context.Context, w io.Writer, shelf kb.Repository, files kb.Files, dry bool) error {
	had, base, err := shelf.GuideFiles(ctx)
	if err != nil {
		return err
	}
	put, gone := had.Changes(files)
	switch {
	case len(put)+len(gone) == 0:
		fmt.Fprintf(w, "nothing to do: revision %d is the same guide\n", base)
		return nil
	case dry:
		printDiff(w, had, put, gone)
		fmt.Fprintf(w, "%d files to put, %d to delete; nothing was changed\n", len(put), len(gone))
		return nil
	}
	revision, err := shelf.EditGuide(ctx, kb.Edit{Base: base, By: "import", Put: put, Delete: gone})
	if errors.Is(err, kb.ErrStaleEdit) {
		return errors.New("somebody edited the guide meanwhile; look at `yingda import -dry` again, then import once more")
	}
	if err != nil {
		return err
	}
	printPaths(w, had, put, gone)
	fmt.Fprintf(w, "revision %d: %d files put, %d deleted\n", revision, len(put), len(gone))
	return nil
}

// printDiff shows what putting and deleting would change, as a unified diff of each file.
func printDiff(w io.Writer, had, put kb.Files, gone []string) {
	for _, name := range slices.Sorted(maps.Keys(put)) {
		before := name
		if _, ok := had[name]; !ok {
			before = os.DevNull
		}
		fmt.Fprintf(w, "%s", diff.Diff(before, had[name], name, put[name]))
	}
	for _, name := range gone {
		fmt.Fprintf(w, "%s", diff.Diff(name, had[name], os.DevNull, nil))
	}
}

// printPaths lists what was changed: + for a new file, ~ for a changed one, - for a deleted one.
func printPaths(w io.Writer, had, put kb.Files, gone []string) {
	for _, name := range slices.Sorted(maps.Keys(put)) {
		mark := "+"
		if _, ok := had[name]; ok {
			mark = "~"
		}
		fmt.Fprintln(w, mark, name)
	}
	for _, name := range gone {
		fmt.Fprintln(w, "-", name)
	}
}
