package kb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"testing/fstest"
)

// Files are a guide's files by their path relative to its folder: guide/fees/fee-surcharge.md, lexicon.txt.
type Files map[string][]byte

// ReadFiles reads from a guide's folder the files that Load reads, or refuses for their names, and no others.
func ReadFiles(fsys fs.FS) (Files, error) {
	found, err := listFolder(fsys)
	if err != nil {
		return nil, err
	}
	files := Files{}
	for _, name := range slices.Concat(found.articles, found.misnamed, besides()) {
		data, err := fs.ReadFile(fsys, name)
		switch {
		case err == nil:
			files[name] = data
		case !errors.Is(err, fs.ErrNotExist): // the files beside the articles may be missing
			return nil, fmt.Errorf("read the guide: %w", err)
		}
	}
	return files, nil
}

// FS shows the files as the folder that they came from, as Load reads it.
func (f Files) FS() fs.FS {
	m := make(fstest.MapFS, len(f))
	for name, data := range f {
		m[name] = &fstest.MapFile{Data: data}
	}
	return m
}

// Changes tells what makes to out of f: the files to put, and the paths to delete in order.
func (f Files) Changes(to Files) (put Files, gone []string) {
	put = Files{}
	maps.Copy(put, to)
	maps.DeleteFunc(put, func(name string, data []byte) bool {
		had, ok := f[name]
		return ok && bytes.Equal(had, data)
	})
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if _, ok := to[name]; !ok {
			gone = append(gone, name)
		}
	}
	return put, gone
}

// Repository keeps the files of the guide that is served, by revisions that rise by one with every edit.
// Revision 0 holds no files. It is safe for concurrent use, also by several nodes.
type Repository interface {
	// GuideFiles are all files of the newest revision.
	GuideFiles(ctx context.Context) (Files, int64, error)
	// GuideRevision is the newest revision.
	GuideRevision(ctx context.Context) (int64, error)
	// BundledFiles are the bundled files that the guide was last reconciled with, as Edit.Bundled named them.
	BundledFiles(ctx context.Context) (Files, error)
	// EditGuide makes a new revision; ErrStaleEdit when the newest one is not e.Base any more. An edit that
	// changes no file makes none and returns Base.
	EditGuide(ctx context.Context, e Edit) (revision int64, err error)
	// WaitGuide returns once there may be a revision newer than after, made on whatever node, or when ctx ends. It may return early: read GuideRevision again.
	WaitGuide(ctx context.Context, after int64) error
	// GuideHistory are the revisions of one file, newest first, at most limit.
	GuideHistory(ctx context.Context, path string, limit int) ([]FileRevision, error)
}

// Edit is one change of the guide, made as a whole.
type Edit struct {
	Base   int64    // the revision that was edited
	By     string   // who: "import", an agent's name
	Put    Files    // new or changed files
	Delete []string // paths

	// Bundled are the bundled files that the edit reconciles the guide with, whether it takes them or not; the
	// data is nil where the bundle has the file no more.
	Bundled Files
}

// FileRevision is one state of one file.
type FileRevision struct {
	Revision int64
	By       string
	Data     []byte // nil where the file was deleted
}

// ErrStaleEdit says that somebody else edited the guide meanwhile: read it again.
var ErrStaleEdit = errors.New("the guide was edited meanwhile")
