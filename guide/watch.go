package guide

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	settleDelay = 80 * time.Millisecond // how long a folder must be quiet: editors write a file in several steps
	retryDelay  = time.Second           // how long what failed is left alone
)

// watch calls changed once, for what was saved before it watched, and whenever the events of a change in dir
// have settled, and again later when changed says so, until ctx ends.
func watch(ctx context.Context, dir string, log *slog.Logger, changed func(context.Context) (again bool)) (err error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch the guide: %w", err)
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := addTree(w, dir); err != nil {
		return err
	}
	quiet := time.NewTimer(settleDelay)
	for {
		select {
		case ev := <-w.Events:
			if ev.Has(fsnotify.Create) { // perhaps a new folder
				if err := addTree(w, ev.Name); err != nil {
					log.WarnContext(ctx, "a new folder is not watched", "error", err)
				}
			}
			quiet.Reset(settleDelay)
		case err := <-w.Errors:
			log.WarnContext(ctx, "the watcher lost something; reading everything", "error", err)
			quiet.Reset(settleDelay)
		case <-quiet.C:
			if changed(ctx) {
				quiet.Reset(retryDelay)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// addTree watches root and every folder below it; a file or nothing at all is no error.
func addTree(w *fsnotify.Watcher, root string) error {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return w.Add(path)
		}
		return nil
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("watch the guide: %w", err)
	}
	return nil
}
