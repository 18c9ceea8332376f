package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/kb"
)

// importBundle takes into the repository what is newer in the bundled guide, or only tells what there is.
func importBundle(ctx context.Context, w io.Writer, repository kb.Repository, force, keep []string, dry bool) error {
	d, err := guide.CompareBundle(ctx, repository)
	if err != nil {
		return err
	}
	for _, c := range d.Changes {
		fmt.Fprintln(w, changeText(c))
		if dry && (c.Kind == guide.ChangeConflict || c.Kind == guide.ChangeUpdated) {
			fmt.Fprintf(w, "%s", diff.Diff("yours/"+pathIn(c.Yours), c.Yours.Data, "bundled/"+pathIn(c.Bundled), c.Bundled.Data))
		}
	}
	if d.Offered() == 0 && len(force)+len(keep) == 0 {
		fmt.Fprintf(w, "nothing to do: %s\n", d)
		return nil
	}
	conflicts := d.Count(guide.ChangeConflict)
	if dry {
		fmt.Fprintf(w, "%d to take, %d in conflict, %d changed here alone; nothing was changed\n", d.Offered()-conflicts, conflicts, d.Count(guide.ChangeKept))
		return nil
	}
	edit, err := d.Edit(force, keep)
	none, isNone := errors.AsType[*guide.ConflictError](err)
	switch {
	case isNone:
		return usagef("%v; `yingda import -bundled -dry` lists those that are", none)
	case errors.Is(err, guide.ErrMerge) && conflicts > 0:
		return fmt.Errorf("%w\nperhaps it needs what is in conflict: -force ID takes it", err)
	case err != nil:
		return err
	}
	revision, err := repository.EditGuide(ctx, edit)
	switch {
	case errors.Is(err, kb.ErrStaleEdit):
		return errEdited
	case err != nil:
		return err
	}
	fmt.Fprintf(w, "revision %d: %d files put, %d deleted, %d conflicts left\n", revision, len(edit.Put), len(edit.Delete), conflicts-len(force)-len(keep))
	return nil
}

// changeText says of one article who changed it, and what follows.
func changeText(c guide.Change) string {
	switch c.Kind {
	case guide.ChangeNew:
		return "+ " + c.ID + ": new"
	case guide.ChangeUpdated:
		return "~ " + c.ID + ": changed in the bundled guide alone"
	case guide.ChangeRemoved:
		return "- " + c.ID + ": no longer in the bundled guide"
	case guide.ChangeKept:
		return "= " + c.ID + ": changed here alone, stays"
	case guide.ChangeConflict:
		text := "! " + c.ID + ": changed here and in the bundled guide"
		switch "" {
		case c.Yours.Path:
			text = "! " + c.ID + ": deleted here, changed in the bundled guide"
		case c.Bundled.Path:
			text = "! " + c.ID + ": changed here, no longer in the bundled guide"
		}
		return text + fmt.Sprintf("; -force %s takes the bundled one, -keep %s yours", c.ID, c.ID)
	}
	return c.ID
}

// pathIn is where a file stands, for a diff.
func pathIn(f guide.File) string {
	if f.Path == "" {
		return os.DevNull
	}
	return f.Path
}
