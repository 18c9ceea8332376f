package guide

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/panics"
	"github.com/yingda/yingda/search"
)

// Config is what a Reloader works with.
type Config struct {
	Repository kb.Repository
	Dir        string                  // of the folder that leads; "" for none
	CompileDir string                  // where the compiled guide is kept
	WithDesk   func(*bot.Bot) *bot.Bot // the same bot, handing over to the desk
	Progress   Progress                // of the first guide
	Log        *slog.Logger
	Panics     *panics.Handler // one that only logs when nil
}

// Reloader holds the guide that is served now. It follows the repository, whoever edits it on whatever node;
// readers never wait.
//
// There is one way in: a folder that leads is imported into the repository, its revision moves,
// every node loads, indexes and swaps. A guide that does not load is not served: the last good one
// goes on, and Problems says why.
type Reloader struct {
	Config
	directory *directory // leads; nil where the repository does
	compiler  compiler

	current  atomic.Pointer[Guide]
	trouble  atomic.Pointer[[]string] // why a newer guide is not served
	revision int64                    // the repository's revision that was looked at last
}

// OpenReloader loads and indexes what the repository holds, after importing the folder that leads, or the bundled
// guide where there is nothing newer. Run follows it from then on. A folder that is none is a *DirError.
func OpenReloader(ctx context.Context, c Config) (*Reloader, error) {
	c.Panics = c.Panics.Or(c.Log)
	r := &Reloader{Config: c}
	r.trouble.Store(new([]string))
	r.compiler = compiler{&shelf{c.CompileDir, c.Log}, c.Progress}
	files, err := r.fill(ctx)
	if err != nil {
		return nil, err
	}
	g, err := r.guide(ctx, files, nil)
	if err != nil {
		return nil, err
	}
	r.compiler.progress = nil
	r.current.Store(g)
	return r, nil
}

// fill brings the repository up to date, and returns what it holds.
func (r *Reloader) fill(ctx context.Context) (files kb.Files, err error) {
	if r.Dir == "" {
		files, r.revision, err = importBundle(ctx, r.Repository, r.Log)
		return files, err
	}
	r.directory = &directory{dir: r.Dir, repository: r.Repository, log: r.Log}
	broken := r.directory.update(ctx)
	if _, ok := errors.AsType[*DirError](broken); ok {
		return nil, broken
	}
	// A folder with errors changes nothing: what the repository has is served, if it has anything.
	files, r.revision, err = r.Repository.GuideFiles(ctx)
	if err == nil && r.revision == 0 {
		err = broken
	}
	if err == nil && broken != nil {
		r.Log.WarnContext(ctx, "the guide in the folder is not served; the last good one goes on", "problem", broken)
	}
	if err == nil {
		err = logBundle(ctx, r.Repository, r.Log)
	}
	return files, err
}

// guide is the guide of files, whose bot hands over to the desk. prior is the one before; nil for none.
func (r *Reloader) guide(ctx context.Context, files kb.Files, prior *search.Index) (*Guide, error) {
	lib, ix, err := r.compiler.guide(ctx, files.FS(), prior)
	if err != nil {
		return nil, err
	}
	g := Of(lib, ix)
	g.DeskBot = r.WithDesk(g.Bot)
	return g, nil
}

// Current is the guide that is served now.
func (r *Reloader) Current() *Guide { return r.current.Load() }

// Problems are why newer guides are not served: the repository's and the folder's.
func (r *Reloader) Problems() []string {
	found := slices.Clone(*r.trouble.Load())
	if r.directory != nil {
		found = append(found, r.directory.problems()...)
	}
	return found
}

// Run serves every new revision, and what a folder that leads becomes, until ctx ends. The error is
// for a folder that cannot be watched.
func (r *Reloader) Run(ctx context.Context) error {
	if r.directory == nil {
		return r.Panics.Keep(ctx, door, func() error { r.follow(ctx); return nil })
	}
	ctx, cancel := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() {
		_ = r.Panics.Keep(ctx, door, func() error { r.follow(ctx); return nil }) // it has no error
	})
	err := r.Panics.Keep(ctx, door, func() error { return watch(ctx, r.Dir, r.Log, r.directory.changed) })
	cancel()
	following.Wait()
	return err
}

// door is what panics of those who follow the guide are counted as.
const door = "guide"

// follow catches up with the repository whenever its revision moves.
func (r *Reloader) follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := r.Repository.WaitGuide(ctx, r.revision)
		if err == nil {
			err = r.catchUp(ctx)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		r.Log.WarnContext(ctx, "the guide's revision cannot be read; trying again", "error", err)
		_ = chat.Sleep(ctx, retryDelay) // its only error is the end of ctx
	}
}

// catchUp serves the newest revision, or keeps the last good guide and says why.
func (r *Reloader) catchUp(ctx context.Context) error {
	start := time.Now()
	if newest, err := r.Repository.GuideRevision(ctx); err != nil || newest == r.revision {
		return err
	}
	files, revision, err := r.Repository.GuideFiles(ctx)
	if err != nil {
		return err
	}
	r.revision = revision
	r.trouble.Store(new([]string))
	if r.directory != nil {
		r.directory.compare(ctx, files, revision)
	}
	old := r.Current()
	var g *Guide
	err = r.Panics.Try(ctx, door, func() (err error) {
		g, err = r.next(ctx, files)
		return err
	}, "revision", revision)
	switch {
	case err != nil:
		lines := strings.Split(err.Error(), "\n")
		lines[0] = fmt.Sprintf("revision %d of the guide is not served: %s", revision, lines[0])
		r.trouble.Store(&lines)
		r.Log.WarnContext(ctx, "the guide's newest revision is not served; the last good one goes on", "revision", revision, "problem", err)
		return nil
	case g == old: // edited and mended back
		return nil
	}
	r.current.Store(g)
	r.Log.InfoContext(ctx, "serving the edited guide", "revision", revision, "guide", g.Library.Revision, "articles", len(g.Library.Articles), "ms", time.Since(start).Milliseconds())
	return nil
}

// next is the guide of files: the one that is served when that is the same.
func (r *Reloader) next(ctx context.Context, files kb.Files) (*Guide, error) {
	g := r.Current()
	revision, err := kb.Revision(files.FS(), content.FS())
	if err != nil || revision == g.Library.Revision {
		return g, err
	}
	return r.guide(ctx, files, g.Index)
}
