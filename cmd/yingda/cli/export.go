package cli

import (
	"context"
	"fmt"

	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/store"
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

func runExport(ctx context.Context, t terminal, s *settings, args []string) error {
	flags := s.declareStorage()
	dry := s.bool("dry", "show what would change, and change nothing")
	force := s.bool("force", "write into a folder that is not empty")
	dir, err := s.parseOne(t, args, "folder")
	if err != nil {
		return err
	}
	return withStore(ctx, t, flags.node, store.RequireSchema, func(db *store.Store) error {
		files, revision, err := guide.ReadRepository(ctx, db)
		if err != nil {
			return err
		}
		before, err := guide.ReadTarget(dir, *force || *dry)
		if err != nil {
			return err
		}
		put, deleted := before.Changes(files)
		if *dry {
			printDiff(t.out, before, put, deleted)
			fmt.Fprintf(t.out, "%d files to write, %d to delete; nothing was changed\n", len(put), len(deleted))
			return nil
		}
		if err := guide.WriteDir(dir, put, deleted); err != nil {
			return err
		}
		printPaths(t.out, before, put, deleted)
		fmt.Fprintf(t.out, "revision %d: %d files written, %d deleted\n", revision, len(put), len(deleted))
		return nil
	})
}
