// Package guide is the life of a guide: where its files come from (the bundle, a folder, the database's
// revisions), how they are loaded and indexed, and how a running server follows every edit.
package guide

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
)

// Guide is one revision of a guide with its index and its bots.
type Guide struct {
	Library *kb.Library
	Index   *search.Index
	Bot     *bot.Bot // keeps nothing, and hands nobody over
	DeskBot *bot.Bot // hands over to the desk; nil where there is none
}

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

// New computes the index of a library.
func New(lib *kb.Library) (*Guide, error) {
	ix, err := new(compiler).index(lib, nil)
	if err != nil {
		return nil, err
	}
	return Of(lib, ix), nil
}

// Of is the guide of a library and its index.
func Of(lib *kb.Library, ix *search.Index) *Guide {
	return &Guide{Library: lib, Index: ix, Bot: bot.New(lib, ix, bot.DefaultPolicy(), time.Now)}
}

// Open is the guide of a folder, the bundled one for "".
func Open(dir string, progress Progress) (*Guide, error) {
	fsys, err := FS(dir)
	if err != nil {
		return nil, err
	}
	c := compiler{progress: progress}
	lib, ix, err := c.guide(context.Background(), fsys, nil)
	if err != nil {
		return nil, err
	}
	return Of(lib, ix), nil
}
