package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long the folder must be quiet: editors write a file in several steps.
const settle = 80 * time.Millisecond

// watch puts the folder's guide whenever it changes, until stop is called.
func (f *folder) watch() (stop func(), err error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch the guide: %w", err)
	}
	if err := watchTree(w, f.dir); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.follow(ctx, w)
	}()
	return func() {
		cancel()
		if err := w.Close(); err != nil {
			f.log.WarnContext(ctx, "the watcher did not close", "error", err)
		}
		<-done
	}, nil
}

// follow reloads once the events of a change have settled.
func (f *folder) follow(ctx context.Context, w *fsnotify.Watcher) {
	quiet := time.NewTimer(settle) // once at first: what was saved between loading and watching
	for {
		select {
		case ev, ok := <-w.Events:
			if !ok {
				return
			}
			if ev.Has(fsnotify.Create) { // perhaps a new folder
				if err := watchTree(w, ev.Name); err != nil {
					f.log.WarnContext(ctx, "a new folder is not watched", "error", err)
				}
			}
			quiet.Reset(settle)
		case err, ok := <-w.Errors:
			if !ok {
				return
			}
			f.log.WarnContext(ctx, "the watcher lost something; reading everything", "error", err)
			quiet.Reset(settle)
		case <-quiet.C:
			if f.reload(ctx) {
				quiet.Reset(retry)
			}
		case <-ctx.Done():
			return
		}
	}
}

// watchTree watches root and every folder below it; a file or nothing at all is no error.
func watchTree(w *fsnotify.Watcher, root string) error {
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
