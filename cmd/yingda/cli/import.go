package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/store"
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

func runImport(ctx context.Context, t terminal, s *settings, args []string) error {
	flags := s.declareStorage()
	dry := s.bool("dry", "show what would change, and change nothing")
	dir, err := s.parseOne(t, args, "folder")
	if err != nil {
		return err
	}
	files, err := guide.ReadDir(dir)
	if err != nil {
		return err
	}
	return withStore(ctx, t, flags.node, store.MigrateSchema, func(db *store.Store) error { return importGuide(ctx, t.out, db, files, *dry) })
}

// importGuide makes files the newest revision, or only tells what would change.
func importGuide(ctx context.Context, w io.Writer, repository kb.Repository, files kb.Files, dry bool) error {
	before, base, err := repository.GuideFiles(ctx)
	if err != nil {
		return err
	}
	put, deleted := before.Changes(files)
	switch {
	case len(put)+len(deleted) == 0:
		fmt.Fprintf(w, "nothing to do: revision %d is the same guide\n", base)
		return nil
	case dry:
		printDiff(w, before, put, deleted)
		fmt.Fprintf(w, "%d files to put, %d to delete; nothing was changed\n", len(put), len(deleted))
		return nil
	}
	revision, err := repository.EditGuide(ctx, kb.Edit{Base: base, By: "import", Put: put, Delete: deleted})
	if errors.Is(err, kb.ErrStaleEdit) {
		return errors.New("somebody edited the guide meanwhile; look at `yingda import -dry` again, then import once more")
	}
	if err != nil {
		return err
	}
	printPaths(w, before, put, deleted)
	fmt.Fprintf(w, "revision %d: %d files put, %d deleted\n", revision, len(put), len(deleted))
	return nil
}

// printDiff shows what putting and deleting would change, as a unified diff of each file.
func printDiff(w io.Writer, before, put kb.Files, deleted []string) {
	for _, name := range slices.Sorted(maps.Keys(put)) {
		old := name
		if _, ok := before[name]; !ok {
			old = os.DevNull
		}
		fmt.Fprintf(w, "%s", diff.Diff(old, before[name], name, put[name]))
	}
	for _, name := range deleted {
		fmt.Fprintf(w, "%s", diff.Diff(name, before[name], os.DevNull, nil))
	}
}

// printPaths lists what was changed: + for a new file, ~ for a changed one, - for a deleted one.
func printPaths(w io.Writer, before, put kb.Files, deleted []string) {
	for _, name := range slices.Sorted(maps.Keys(put)) {
		mark := "+"
		if _, ok := before[name]; ok {
			mark = "~"
		}
		fmt.Fprintln(w, mark, name)
	}
	for _, name := range deleted {
		fmt.Fprintln(w, "-", name)
	}
}
