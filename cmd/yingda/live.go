package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
)

// live is the guide that is served now. It follows the shelf, whoever edits it on whatever node;
// readers never wait.
//
// There is one way in: a folder that leads is imported into the shelf, the shelf's revision moves,
// every node loads, indexes and swaps. A guide that does not load is not served: the last good one
// goes on, and problems says why.
type live struct {
	liveConfig
	folder *folder // leads; nil where the shelf does

	now     atomic.Pointer[guide]
	trouble atomic.Pointer[[]string] // why a newer guide is not served
	seen    int64                    // the shelf's revision that was looked at last

	following sync.WaitGroup
	retired   sync.WaitGroup // old guides that requests may still read
	closed    chan struct{}
}

// liveConfig is what a live guide is made of.
type liveConfig struct {
	shelf    kb.Repository
	dir      string // of the folder that leads; "" for none
	data     string // where a large index is kept
	withDesk func(*bot.Bot) *bot.Bot
	progress io.Writer
	log      *slog.Logger
}

// openLive loads and indexes what the shelf holds, after filling it.
func openLive(ctx context.Context, c liveConfig, made *tools) (*live, error) {
	l := &live{liveConfig: c, closed: make(chan struct{})}
	l.trouble.Store(new([]string))
	fill := l.fillFromBundle
	if c.dir != "" {
		l.folder = newFolder(c.dir, c.shelf, c.log)
		fill = l.fillFromFolder
	}
	files, revision, err := fill(ctx)
	if err != nil {
		return nil, errors.Join(err, made.wait())
	}
	l.seen = revision
	lib, err := loadFS(files.FS(), c.progress)
	if err := errors.Join(err, made.wait()); err != nil {
		return nil, err
	}
	g, err := l.index(lib, search.Options{Tables: made.tables, Learned: made.learned, Progress: bar(c.progress, "indexing")})
	if err != nil {
		return nil, err
	}
	l.now.Store(g)
	return l, nil
}

// index makes a guide whose bot hands over to the desk.
func (l *live) index(lib *kb.Library, o search.Options) (*guide, error) {
	o.Dir = l.data
	g, err := indexGuide(lib, o)
	if err != nil {
		return nil, err
	}
	g.handing = l.withDesk(g.bot)
	return g, nil
}

// bot is the bot of conversations.
func (l *live) bot() bot.Stepper { return l.guide().handing }

// fillFromFolder imports the folder. One with faults changes nothing: what the shelf has is served,
// if it has anything.
func (l *live) fillFromFolder(ctx context.Context) (kb.Files, int64, error) {
	broken := l.folder.put(ctx)
	if usage, ok := errors.AsType[usageError](broken); ok {
		return nil, 0, usage // no such folder
	}
	files, revision, err := l.shelf.GuideFiles(ctx)
	if err == nil && revision == 0 {
		err = broken
	}
	if err == nil && broken != nil {
		l.log.WarnContext(ctx, "the guide in the folder is not served; the last good one goes on", "problem", broken)
	}
	return files, revision, err
}

func (l *live) guide() *guide { return l.now.Load() }

// problems are why newer guides are not served: the shelf's and the folder's.
func (l *live) problems() []string {
	found := slices.Clone(*l.trouble.Load())
	if l.folder != nil {
		found = append(found, l.folder.problems()...)
	}
	return found
}

// follow serves every new revision, and what a folder that leads becomes, until stop is called.
func (l *live) follow() (stop func(), err error) {
	ctx, cancel := context.WithCancel(context.Background())
	unwatch := func() {}
	if l.folder != nil {
		if unwatch, err = l.folder.watch(); err != nil {
			cancel()
			return nil, err
		}
	}
	l.following.Go(func() { l.run(ctx) })
	return func() {
		unwatch()
		cancel()
		l.following.Wait()
	}, nil
}

// retry is how long a shelf that cannot be read is left alone.
const retry = time.Second

func (l *live) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := l.shelf.WaitGuide(ctx, l.seen)
		if err == nil {
			err = l.catchUp(ctx)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		l.log.WarnContext(ctx, "the guide's revision cannot be read; trying again", "error", err)
		select {
		case <-time.After(retry):
		case <-ctx.Done():
		}
	}
}

// catchUp serves the newest revision, or keeps the last good guide and says why.
func (l *live) catchUp(ctx context.Context) error {
	start := time.Now()
	if newest, err := l.shelf.GuideRevision(ctx); err != nil || newest == l.seen {
		return err
	}
	files, revision, err := l.shelf.GuideFiles(ctx)
	if err != nil {
		return err
	}
	l.seen = revision
	l.trouble.Store(new([]string))
	if l.folder != nil {
		l.folder.compare(ctx, files, revision)
	}
	old := l.guide()
	g, err := l.next(files)
	switch {
	case err != nil:
		lines := strings.Split(err.Error(), "\n")
		lines[0] = fmt.Sprintf("revision %d of the guide is not served: %s", revision, lines[0])
		l.trouble.Store(&lines)
		l.log.WarnContext(ctx, "the guide's newest revision is not served; the last good one goes on", "revision", revision, "problem", err)
		return nil
	case g == old: // edited and mended back
		return nil
	}
	l.now.Store(g)
	l.log.InfoContext(ctx, "serving the edited guide", "revision", revision, "guide", g.library.Revision, "articles", len(g.library.Articles), "ms", time.Since(start).Milliseconds())
	l.retired.Go(func() { l.retire(ctx, old) })
	return nil
}

// next is the guide of files: the one that is served when that is the same. A large one would even
// wait for ever for the files of the index that it has open itself.
func (l *live) next(files kb.Files) (*guide, error) {
	now := l.guide()
	lib, err := loadFS(files.FS(), io.Discard)
	if err != nil || lib.Revision == now.library.Revision {
		return now, err
	}
	return l.index(lib, search.Options{Tables: now.index.Tables(), Learned: now.index.Learned()})
}

// close frees everything; no request may be running.
func (l *live) close() error {
	close(l.closed)
	l.retired.Wait()
	return l.guide().close()
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
