package guide

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

// ByBundle is who puts the guide that comes with the program into the repository.
const ByBundle = "bundled"

// importBundle puts the bundled guide into an empty repository, and into one that holds an older
// bundled guide that nobody has edited. It returns what the repository holds then.
func importBundle(ctx context.Context, r kb.Repository, log *slog.Logger) (kb.Files, int64, error) {
	bundle, err := kb.ReadFiles(content.FS())
	if err != nil {
		return nil, 0, err
	}
	for {
		files, revision, err := r.GuideFiles(ctx)
		if err != nil {
			return nil, 0, err
		}
		state, err := compareBundle(ctx, r, files, revision, bundle)
		switch {
		case err != nil:
			return nil, 0, err
		case state != bundleNew:
			if state != bundleSame {
				log.InfoContext(ctx, "the bundled guide is not imported", "because", state.text(), "revision", revision)
			}
			return files, revision, nil
		}
		put, deleted := files.Changes(bundle)
		imported, err := r.EditGuide(ctx, kb.Edit{Base: revision, By: ByBundle, Put: put, Delete: deleted})
		switch {
		case err == nil:
			log.InfoContext(ctx, "the bundled guide was imported", "revision", imported)
			return bundle, imported, nil
		case !errors.Is(err, kb.ErrStaleEdit): // another node was faster: look again
			return nil, 0, err
		}
	}
}

// DescribeBundle says how the bundled guide stands to files, the newest revision of a repository.
func DescribeBundle(ctx context.Context, r kb.Repository, files kb.Files, revision int64) (string, error) {
	bundle, err := kb.ReadFiles(content.FS())
	if err != nil {
		return "", err
	}
	state, err := compareBundle(ctx, r, files, revision, bundle)
	if err != nil {
		return "", err
	}
	return state.text(), nil
}

// bundleState is how the bundled guide stands to the repository.
type bundleState int

const (
	bundleSame   bundleState = iota // it is what the repository holds
	bundleNew                       // the repository is empty, or holds an older one that nobody has edited
	bundleEdited                    // the repository holds a guide of the owner's
	bundleOld                       // the repository holds a newer one, of a newer program
)

// text is the state as the log and doctor tell it.
func (s bundleState) text() string {
	return [...]string{
		"the guide is the bundled one",
		"the bundled guide was imported",
		"the guide is your own; the bundled one is left out: `yingda export` shows yours, `yingda import` replaces it",
		"the guide is the bundled one of a newer program; it stays",
	}[s]
}

// compareBundle finds the state of the bundle for files, the repository's newest revision.
func compareBundle(ctx context.Context, r kb.Repository, files kb.Files, revision int64, bundle kb.Files) (bundleState, error) {
	put, deleted := files.Changes(bundle)
	switch {
	case len(put)+len(deleted) == 0:
		return bundleSame, nil
	case revision == 0:
		return bundleNew, nil
	}
	paths := maps.Clone(files)
	maps.Copy(paths, bundle)
	older := true // the repository had everything of ours before
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		const maxRevisions = 200
		history, err := r.GuideHistory(ctx, path, maxRevisions)
		if err != nil {
			return 0, fmt.Errorf("read the guide's history: %w", err)
		}
		if len(history) > 0 && history[0].By != ByBundle {
			return bundleEdited, nil
		}
		if ours, differs := put[path]; differs && !slices.ContainsFunc(history, func(r kb.FileRevision) bool { return bytes.Equal(r.Data, ours) }) {
			older = false
		}
	}
	if older {
		return bundleOld, nil
	}
	return bundleNew, nil
}
