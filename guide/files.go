package guide

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

// ReadDir collects a folder's guide, which must have no errors.
func ReadDir(dir string) (kb.Files, error) {
	fsys, err := FS(dir)
	if err != nil {
		return nil, err
	}
	files, err := kb.ReadFiles(fsys)
	if err != nil {
		return nil, err
	}
	_, err = Load(files.FS(), nil)
	return files, err
}

// ReadRepository is the newest guide of a repository and its revision: of an empty one, the bundled guide and 0.
func ReadRepository(ctx context.Context, r kb.Repository) (kb.Files, int64, error) {
	files, revision, err := r.GuideFiles(ctx)
	if err == nil && revision == 0 {
		files, err = kb.ReadFiles(content.FS())
	}
	return files, revision, err
}

// ReadTarget is the guide that stands already in a folder that is to be written. The folder must be empty,
// or missing, unless it may be overwritten. The error is a *DirError where the folder is no target.
func ReadTarget(dir string, overwrite bool) (kb.Files, error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && len(entries) == 0:
		return kb.Files{}, nil
	case err != nil:
		return nil, &DirError{fmt.Sprintf("cannot export: %v", err)}
	case !overwrite:
		return nil, &DirError{dir + " is not empty; -dry shows what would change in it, -force does it"}
	}
	files, err := kb.ReadFiles(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	for name := range files {
		if isArticle(name) && !strings.HasPrefix(name, "guide/") {
			return nil, &DirError{fmt.Sprintf("%s has Markdown, such as %s, but no folder guide: is it the folder of a guide? export into an empty one", dir, name)}
		}
	}
	return files, nil
}

// WriteDir writes and deletes files below dir, and none outside of it whatever the paths are.
func WriteDir(dir string, put kb.Files, deleted []string) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the folder: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for name, data := range put {
		file := filepath.FromSlash(name)
		if err := root.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := root.WriteFile(file, data, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	for _, name := range deleted {
		if err := root.Remove(filepath.FromSlash(name)); err != nil {
			return fmt.Errorf("delete %s: %w", name, err)
		}
		removeEmpty(root, path.Dir(name))
	}
	return nil
}

// removeEmpty removes folders that a deleted file has left empty.
func removeEmpty(root *os.Root, dir string) {
	for ; dir != "."; dir = path.Dir(dir) {
		if root.Remove(filepath.FromSlash(dir)) != nil { // not empty: it stays, as do those above
			return
		}
	}
}
