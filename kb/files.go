package kb

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing/fstest"
)

// ReadFiles reads from a guide's folder the files that Load reads, and no others.
func ReadFiles(fsys fs.FS) (Files, error) {
	names, err := listArticles(fsys)
	if err != nil {
		return nil, err
	}
	files := Files{}
	for _, name := range append(names, lexiconFile, codesFile, phrasesFile, hostsFile, outsideFile) {
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
	for name, data := range to {
		if had, ok := f[name]; !ok || !bytes.Equal(had, data) {
			put[name] = data
		}
	}
	for name := range f {
		if _, ok := to[name]; !ok {
			gone = append(gone, name)
		}
	}
	slices.Sort(gone)
	return put, gone
}
