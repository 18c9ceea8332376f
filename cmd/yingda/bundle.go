package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

// byBundle is who puts the guide that comes with the program onto the shelf.
const byBundle = "bundled"

// fillFromBundle puts the bundled guide onto an empty shelf, and onto one that holds an older
// bundled guide that nobody has edited. It returns what the shelf holds then.
func (l *live) fillFromBundle(ctx context.Context) (kb.Files, int64, error) {
	bundle, err := kb.Collect(content.FS())
	if err != nil {
		return nil, 0, err
	}
	for {
		files, revision, err := l.shelf.GuideFiles(ctx)
		if err != nil {
			return nil, 0, err
		}
		what, err := compareBundle(ctx, l.shelf, files, revision, bundle)
		switch {
		case err != nil:
			return nil, 0, err
		case what != bundleNew:
			if what != bundleSame {
				l.log.InfoContext(ctx, "the bundled guide is not imported", "because", what.text(), "revision", revision)
			}
			return files, revision, nil
		}
		put, gone := files.Changes(bundle)
		made, err := l.shelf.EditGuide(ctx, kb.Edit{Base: revision, By: byBundle, Put: put, Delete: gone})
		switch {
		case err == nil:
			l.log.InfoContext(ctx, "the bundled guide was imported", "revision", made)
			return bundle, made, nil
		case !errors.Is(err, kb.ErrStaleEdit): // another node was faster: look again
			return nil, 0, err
		}
	}
}

// bundleState is how the bundled guide stands to the shelf.
type bundleState int

const (
	bundleSame   bundleState = iota // it is what the shelf holds
	bundleNew                       // the shelf is empty, or holds an older one that nobody has edited
	bundleEdited                    // the shelf holds a guide of the owner's
	bundleOld                       // the shelf holds a newer one, of a newer program
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

// compareBundle finds the state of the bundle for files, the shelf's newest revision.
func compareBundle(ctx context.Context, shelf kb.Repository, files kb.Files, revision int64, bundle kb.Files) (bundleState, error) {
	put, gone := files.Changes(bundle)
	switch {
	case len(put)+len(gone) == 0:
		return bundleSame, nil
	case revision == 0:
		return bundleNew, nil
	}
	paths := maps.Clone(files)
	maps.Copy(paths, bundle)
	older := true // the shelf had everything of ours before
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		const most = 200
		history, err := shelf.GuideHistory(ctx, path, most)
		if err != nil {
			return 0, fmt.Errorf("read the guide's history: %w", err)
		}
		if len(history) > 0 && history[0].By != byBundle {
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
