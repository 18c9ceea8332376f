package guide

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

// ByBundle is who puts the guide that comes with the program into the repository.
const ByBundle = "bundled"

// BundleDiff is how the bundled guide stands to the newest revision of a repository.
type BundleDiff struct {
	State   BundleState
	Changes []Change // by ID; nil where the guide never was the bundled one

	base, yours, bundle kb.Files
	revision            int64
}

// BundleState is whether a repository's guide is the bundled one, and whose.
type BundleState int

// The states.
const (
	BundleSame   BundleState = iota // it is what the repository holds
	BundleNewer                     // the repository is empty, or holds an older one that nobody has edited
	BundleEdited                    // the repository's guide was made from a bundled one, and edited
	BundleOther                     // the repository's guide is the owner's own, from the start
	BundleOlder                     // the repository has had all of it before: it is that of an older program
)

// CompareBundle compares the bundled guide with the newest revision of a repository.
func CompareBundle(ctx context.Context, r kb.Repository) (*BundleDiff, error) {
	bundle, err := kb.ReadFiles(content.FS())
	if err != nil {
		return nil, err
	}
	return compareBundle(ctx, r, bundle)
}

func compareBundle(ctx context.Context, r kb.Repository, bundle kb.Files) (d *BundleDiff, err error) {
	d = &BundleDiff{bundle: bundle}
	if d.yours, d.revision, err = r.GuideFiles(ctx); err != nil {
		return nil, err
	}
	if d.base, err = r.BundledFiles(ctx); err != nil {
		return nil, err
	}
	if equal(d.yours, bundle) {
		return d, nil
	}
	if d.revision > 0 && !d.derived() {
		d.State = BundleOther
		return d, nil
	}
	d.Changes = merge(d.base, d.yours, bundle)
	switch older, err := d.older(ctx, r); {
	case err != nil:
		return nil, err
	case older:
		d.State, d.Changes = BundleOlder, nil
	case d.revision > 0 && !equal(d.base, d.yours):
		d.State = BundleEdited
	default:
		d.State = BundleNewer
	}
	return d, nil
}

// derived tells whether the guide was made from a bundled one: it has an article yet that is noted as such, or is the
// bundled one. A guide whose articles stand elsewhere is none: a folder guide beside them would hide them.
func (d *BundleDiff) derived() bool {
	noted := hasArticle(identical(d.yours, d.bundle))
	for name := range d.yours {
		if !isArticle(name) {
			continue
		}
		if !strings.HasPrefix(name, "guide/") {
			return false
		}
		_, ok := d.base[name]
		noted = noted || ok
	}
	return noted
}

// older tells whether the repository has had before whatever the bundle has changed.
func (d *BundleDiff) older(ctx context.Context, r kb.Repository) (bool, error) {
	changed, gone := d.base.Changes(d.bundle)
	if d.revision == 0 || len(changed)+len(gone) == 0 {
		return false, nil
	}
	for name, data := range changed {
		const maxRevisions = 200
		history, err := r.GuideHistory(ctx, name, maxRevisions)
		if err != nil {
			return false, fmt.Errorf("read the guide's history: %w", err)
		}
		if !slices.ContainsFunc(history, func(f kb.FileRevision) bool { return bytes.Equal(f.Data, data) }) {
			return false, nil
		}
	}
	return true, nil
}

// Count is how many changes are of the kinds.
func (d *BundleDiff) Count(kinds ...ChangeKind) (n int) {
	for _, c := range d.Changes {
		if slices.Contains(kinds, c.Kind) {
			n++
		}
	}
	return n
}

// Offered is how many articles and other files of the bundled guide are newer than what the guide has of them.
func (d *BundleDiff) Offered() int {
	return d.Count(ChangeNew, ChangeUpdated, ChangeRemoved, ChangeConflict)
}

// String is the state as the log and doctor tell it.
func (d *BundleDiff) String() string {
	switch d.State {
	case BundleSame:
		return "the guide is the bundled one"
	case BundleNewer:
		return "the bundled guide is newer; serve imports it at its next start"
	case BundleEdited:
		if n := d.Offered(); n > 0 {
			return fmt.Sprintf("the guide is the bundled one, edited; %d bundled articles are newer", n)
		}
		return "the guide is the bundled one, edited; no bundled article is newer"
	case BundleOther:
		return "the guide is your own; the bundled one is left out"
	case BundleOlder:
		return "the guide is the bundled one of a newer program; it stays"
	}
	return ""
}

// ShowBundle is what shows the articles that CompareBundle offers.
const ShowBundle = "`yingda import -bundled -dry` shows them, without -dry it takes them"

// ErrMerge says that a guide would have errors after taking what the bundled one offers.
var ErrMerge = errors.New("the guide would have errors with the bundled changes in it, so nothing was changed")

// Edit takes of the bundled guide what is safe: what is new, and what nobody edited here. Of the conflicts it takes
// those of the ids in take; those in keep stay as they are, and are settled. The error is a ConflictError for an id of
// no conflict, and ErrMerge.
func (d *BundleDiff) Edit(take, keep []string) (kb.Edit, error) {
	e := kb.Edit{Base: d.revision, By: ByBundle, Put: kb.Files{}, Bundled: kb.Files{}}
	for _, id := range slices.Concat(take, keep) {
		if !slices.ContainsFunc(d.Changes, func(c Change) bool { return c.Kind == ChangeConflict && c.ID == id }) {
			return e, &ConflictError{id}
		}
	}
	e.Bundled, _ = d.base.Changes(identical(d.yours, d.bundle))
	before := byID(d.base)
	for _, c := range d.Changes {
		taken := c.Kind != ChangeKept && (c.Kind != ChangeConflict || slices.Contains(take, c.ID))
		if taken {
			replace(c.Yours, c.Bundled, e.Put, func(name string) { e.Delete = append(e.Delete, name) })
		}
		if taken || slices.Contains(keep, c.ID) {
			replace(before[c.ID], c.Bundled, e.Bundled, func(name string) { e.Bundled[name] = nil })
		}
	}
	merged := maps.Clone(d.yours)
	for _, name := range e.Delete {
		delete(merged, name)
	}
	maps.Copy(merged, e.Put)
	if equal(merged, d.bundle) {
		return e, nil
	}
	if _, err := Load(merged.FS(), nil); err != nil {
		return e, fmt.Errorf("%w:\n%w", ErrMerge, err)
	}
	return e, nil
}

// ConflictError says that no article of the id is in conflict.
type ConflictError struct{ ID string }

func (e *ConflictError) Error() string { return fmt.Sprintf("no article %q is in conflict", e.ID) }

// replace puts a file in the place of an old one, which is removed where it stood elsewhere.
func replace(old, file File, put kb.Files, remove func(name string)) {
	if old.Path != "" && old.Path != file.Path {
		remove(old.Path)
	}
	if file.Path != "" {
		put[file.Path] = file.Data
	}
}

// importBundle puts the bundled guide into an empty repository, and into one that holds an older bundled guide that
// nobody has edited. It returns what the repository holds then.
func importBundle(ctx context.Context, r kb.Repository, log *slog.Logger) (kb.Files, int64, error) {
	for {
		d, err := CompareBundle(ctx, r)
		if err != nil {
			return nil, 0, err
		}
		if d.State != BundleNewer {
			d.log(ctx, log)
			return d.yours, d.revision, nil
		}
		e, err := d.Edit(nil, nil)
		if err != nil {
			return nil, 0, err
		}
		imported, err := r.EditGuide(ctx, e)
		switch {
		case err == nil:
			log.InfoContext(ctx, "the bundled guide was imported", "revision", imported)
			return d.bundle, imported, nil
		case !errors.Is(err, kb.ErrStaleEdit): // another node was faster: look again
			return nil, 0, err
		}
	}
}

// logBundle tells what of the bundled guide a folder that leads lacks.
func logBundle(ctx context.Context, r kb.Repository, log *slog.Logger) error {
	d, err := CompareBundle(ctx, r)
	if err == nil && d.Offered() > 0 {
		d.log(ctx, log)
	}
	return err
}

// log tells what of the bundled guide is not served.
func (d *BundleDiff) log(ctx context.Context, log *slog.Logger) {
	switch {
	case d.Offered() > 0:
		log.WarnContext(ctx, "bundled articles are newer than the guide's", "articles", d.Offered(), "conflicts", d.Count(ChangeConflict), "help", ShowBundle, "revision", d.revision)
	case d.State != BundleSame:
		log.InfoContext(ctx, "the bundled guide is not imported", "because", d.String(), "revision", d.revision)
	}
}
