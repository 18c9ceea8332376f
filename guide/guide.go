// Package guide is the life of a guide: where its files come from (the bundle, a folder, the database's
// revisions), how they are loaded and indexed, and how a running server follows every edit.
package guide

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/zh"
)

// Guide is one revision of a guide with its index and its bots.
type Guide struct {
	Library *kb.Library
	Index   *search.Index
	Bot     *bot.Bot // keeps nothing, and hands nobody over
	DeskBot *bot.Bot // hands over to the desk; nil where there is none
}

// Close frees the index. No request may be using it.
func (g *Guide) Close() error { return g.Index.Close() }

// Progress returns what is told how much of a stage of the work is done; a nil Progress tells nobody.
type Progress func(stage string) func(done, total int)

// Stage is the progress of one stage; nil for nobody's.
func (p Progress) Stage(stage string) func(done, total int) {
	if p == nil {
		return nil
	}
	return p(stage)
}

// DirError says that a folder that was named cannot be that of a guide. Nothing was tried.
type DirError struct{ text string }

func (e *DirError) Error() string { return e.text }

// FS is the folder of a guide; "" means the bundled one. The error is a *DirError.
func FS(dir string) (fs.FS, error) {
	if dir == "" {
		return content.FS(), nil
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return nil, &DirError{fmt.Sprintf("cannot read the guide: %v", err)}
	case !info.IsDir():
		return nil, &DirError{dir + " is no folder; name the one that holds the guide"}
	}
	return os.DirFS(dir), nil
}

// Check loads a guide and reports everything that is wrong with it, at the time now. The error is for files
// that cannot be read at all.
func Check(fsys fs.FS, now time.Time, progress Progress) (*kb.Library, finding.List, error) {
	lib, found, err := kb.Load(fsys, content.FS(), progress.Stage("reading"))
	if err != nil {
		return nil, nil, err
	}
	return lib, append(found, kb.Validate(lib, now)...), nil
}

// Load loads a guide, which must have no errors.
func Load(fsys fs.FS, progress Progress) (*kb.Library, error) {
	lib, found, err := Check(fsys, time.Now(), progress)
	if err != nil {
		return nil, err
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("the guide has errors; `yingda check` shows them with the warnings:\n%w", err)
	}
	return lib, nil
}

// Index indexes a library. Close ends the guide.
func Index(lib *kb.Library, o search.Options) (*Guide, error) {
	index, err := search.New(lib, o)
	if err != nil {
		return nil, err
	}
	return &Guide{Library: lib, Index: index, Bot: bot.New(lib, index, bot.DefaultPolicy(), time.Now)}, nil
}

// Open loads and indexes the guide of a folder, the bundled one for "", with an index in a temporary folder
// where it is large. Close ends the guide.
func Open(dir string, progress Progress) (*Guide, error) {
	resources := LoadResources()
	fsys, err := FS(dir)
	var lib *kb.Library
	if err == nil {
		lib, err = Load(fsys, progress)
	}
	options, loadErr := resources.Wait(progress)
	if err := errors.Join(err, loadErr); err != nil {
		return nil, err
	}
	return Index(lib, options)
}

// Resources are what indexing needs besides a guide. They are loaded while something else is done.
type Resources struct {
	loading sync.WaitGroup
	options search.Options
	err     error
}

// LoadResources begins to load them.
func LoadResources() *Resources {
	r := &Resources{options: search.Options{Learned: new(rank.Learned)}}
	r.loading.Go(func() { r.options.Tables = zh.NewTables() })
	r.loading.Go(func() { r.err = r.options.Learned.UnmarshalBinary(content.Learned()) })
	return r
}

// Wait returns them as an index takes them, once they are loaded.
func (r *Resources) Wait(progress Progress) (search.Options, error) {
	r.loading.Wait()
	o := r.options
	o.Progress = progress.Stage("indexing")
	return o, r.err
}
