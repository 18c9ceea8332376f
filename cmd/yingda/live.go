package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/yingda/yingda/search"
)

// live is the guide that is served now. A watched folder replaces it; readers never wait.
type live struct {
	dir, data string
	progress  io.Writer
	log       *slog.Logger

	now     atomic.Pointer[guide]
	trouble atomic.Pointer[[]string] // why a newer guide is not served

	retired sync.WaitGroup // old guides that requests may still read
	closed  chan struct{}
}

func openLive(dir, data string, progress io.Writer, log *slog.Logger) (*live, error) {
	l := &live{dir: dir, data: data, progress: progress, log: log, closed: make(chan struct{})}
	l.trouble.Store(new([]string))
	g, err := openGuide(dir, data, progress)
	if err != nil {
		return nil, err
	}
	l.now.Store(g)
	return l, nil
}

func (l *live) guide() *guide { return l.now.Load() }

func (l *live) problems() []string { return *l.trouble.Load() }

// close frees everything; no request may be running.
func (l *live) close() error {
	close(l.closed)
	l.retired.Wait()
	return l.guide().close()
}

// reload serves the folder as it is now, or keeps the last good guide and says why.
func (l *live) reload(ctx context.Context) {
	start := time.Now()
	lib, err := loadLibrary(l.dir, io.Discard)
	if err != nil {
		l.keep(ctx, err)
		return
	}
	if lib.Revision == l.guide().library.Revision { // saved as it was, or mended back
		l.trouble.Store(new([]string))
		return
	}
	index := l.guide().index
	g, err := indexGuide(lib, search.Options{Dir: l.data, Tables: index.Tables(), Learned: index.Learned()})
	if err != nil {
		l.keep(ctx, err)
		return
	}
	l.trouble.Store(new([]string))
	old := l.now.Swap(g)
	l.log.InfoContext(ctx, "serving the edited guide", "revision", g.library.Revision, "articles", len(g.library.Articles), "ms", time.Since(start).Milliseconds())
	l.retired.Go(func() { l.retire(ctx, old) })
}

// keep notes why the last good guide goes on.
func (l *live) keep(ctx context.Context, err error) {
	lines := strings.Split(err.Error(), "\n")
	l.trouble.Store(&lines)
	l.log.WarnContext(ctx, "the guide in the folder is not served; the last good one goes on", "problem", err)
}

// retire closes an old guide once no request can be reading it any more.
func (l *live) retire(ctx context.Context, old *guide) {
	select {
	case <-time.After(writeTimeout):
	case <-l.closed:
	}
	if err := old.close(); err != nil {
		l.log.WarnContext(ctx, "an old index was not closed", "error", err)
	}
}

// settle is how long the folder must be quiet: editors write a file in several steps.
const settle = 80 * time.Millisecond

// watch reloads the guide whenever its folder changes, until stop is called.
func (l *live) watch() (stop func(), err error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch the guide: %w", err)
	}
	if err := watchTree(w, l.dir); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.follow(ctx, w)
	}()
	return func() {
		cancel()
		if err := w.Close(); err != nil {
			l.log.WarnContext(ctx, "the watcher did not close", "error", err)
		}
		<-done
	}, nil
}

// follow reloads once the events of a change have settled.
func (l *live) follow(ctx context.Context, w *fsnotify.Watcher) {
	quiet := time.NewTimer(settle) // once at first: what was saved between loading and watching
	for {
		select {
		case ev, ok := <-w.Events:
			if !ok {
				return
			}
			if ev.Has(fsnotify.Create) { // perhaps a new folder
				if err := watchTree(w, ev.Name); err != nil {
					l.log.WarnContext(ctx, "a new folder is not watched", "error", err)
				}
			}
			quiet.Reset(settle)
		case err, ok := <-w.Errors:
			if !ok {
				return
			}
			l.log.WarnContext(ctx, "the watcher lost something; reading everything", "error", err)
			quiet.Reset(settle)
		case <-quiet.C:
			l.reload(ctx)
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
