package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/store"
)

func importCommand() command {
	return command{
		name: "import", args: "DIR", short: "put a folder's guide, or what the bundled one has newer, into the database; a running serve answers from it at once",
		examples: `
			yingda import -dry ./guide     # shows what would change, and changes nothing
			yingda import ./guide
			yingda import -bundled -dry    # shows what the bundled guide has that yours lacks
			yingda import -bundled         # takes what nobody edited here, and leaves conflicts
			yingda import -bundled -force fee-rate -keep fee-late,lexicon.txt   # decides conflicts`,
		run: runImport,
	}
}

func runImport(ctx context.Context, t terminal, s *settings, args []string) error {
	flags := s.declareStorage()
	dry := s.bool("dry", "show what would change, and change nothing")
	bundled := s.bool("bundled", "take what is newer in the guide that comes with the program, instead of a folder")
	force := s.flags.String("force", "", "`IDS`, split by commas, of articles changed here and in the bundled guide: take the bundled ones")
	keep := s.flags.String("keep", "", "`IDS` of such articles: keep yours, and call them settled")
	dirs, err := s.parseMixed(t, args)
	decided := *force != "" || *keep != ""
	switch {
	case err != nil:
		return err
	case *bundled && len(dirs) > 0:
		return usagef("-bundled takes no folder, but %q is named", dirs[0])
	case decided && (!*bundled || *dry):
		return usagef("-force and -keep decide conflicts of -bundled, without -dry")
	case !*bundled && len(dirs) != 1:
		return usagef("name one folder, not %d", len(dirs))
	}
	if *bundled {
		return withStore(ctx, t, flags.node, store.MigrateSchema, func(db *store.Store) error {
			return importBundle(ctx, t.out, db, listed(*force), listed(*keep), *dry)
		})
	}
	files, err := guide.ReadDir(dirs[0])
	if err != nil {
		return err
	}
	return withStore(ctx, t, flags.node, store.MigrateSchema, func(db *store.Store) error { return importGuide(ctx, t.out, db, files, *dry) })
}

// listed are the words between commas.
func listed(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// errEdited says that what was compared is the newest revision no more.
var errEdited = errors.New("somebody edited the guide meanwhile; look at it again with -dry, then import once more")

// importGuide makes files the newest revision, or only tells what would change.
func importGuide(ctx context.Context, w io.Writer, repository kb.Repository, files kb.Files, dry bool) error {
	before, edit, err := guide.ImportEdit(ctx, repository, guide.ByImport, files)
	if err != nil {
		return err
	}
	switch {
	case len(edit.Put)+len(edit.Delete) == 0:
		fmt.Fprintf(w, "nothing to do: revision %d is the same guide\n", edit.Base)
		return nil
	case dry:
		printDiff(w, before, edit.Put, edit.Delete)
		fmt.Fprintf(w, "%d files to put, %d to delete; nothing was changed\n", len(edit.Put), len(edit.Delete))
		return nil
	}
	revision, err := repository.EditGuide(ctx, edit)
	switch {
	case errors.Is(err, kb.ErrStaleEdit):
		return errEdited
	case err != nil:
		return err
	}
	printPaths(w, before, edit.Put, edit.Delete)
	fmt.Fprintf(w, "revision %d: %d files put, %d deleted\n", revision, len(edit.Put), len(edit.Delete))
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
