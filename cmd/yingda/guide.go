package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/zh"
)

// guide is one revision of a guide with its index and its bot.
type guide struct {
	library *kb.Library
	index   *search.Index
	bot     *bot.Bot // keeps nothing, and hands nobody over
	handing *bot.Bot // hands over to the desk; nil where there is none
}

// guideFS is the folder of a guide; "" means the bundled one.
func guideFS(dir string) (fs.FS, error) {
	if dir == "" {
		return content.FS(), nil
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return nil, usagef("cannot read the guide: %v", err)
	case !info.IsDir():
		return nil, usagef("%s is no folder; name the one that holds the guide", dir)
	}
	return os.DirFS(dir), nil
}

// openGuide loads and indexes a guide; data is where a large index is kept, "" for a temporary folder.
func openGuide(dir, data string, progress io.Writer) (*guide, error) {
	defer hurried()()
	tools := makeTools()
	lib, err := loadLibrary(dir, progress)
	if err := errors.Join(err, tools.wait()); err != nil {
		return nil, err
	}
	return indexGuide(lib, search.Options{Dir: data, Tables: tools.tables, Learned: tools.learned, Progress: bar(progress, "indexing")})
}

// tools are what indexing needs besides a guide. They are made while the guide is read.
type tools struct {
	tables  *zh.Tables
	learned *rank.Learned

	made       sync.WaitGroup
	learnedErr error
}

func makeTools() *tools {
	t := &tools{learned: new(rank.Learned)}
	t.made.Go(func() { t.tables = zh.NewTables() })
	t.made.Go(func() { t.learnedErr = t.learned.UnmarshalBinary(content.Learned()) })
	return t
}

// wait returns once they may be used.
func (t *tools) wait() error {
	t.made.Wait()
	return t.learnedErr
}

// hurried lets garbage be until the returned function is called: starting makes much of it, and a
// shop owner waits.
func hurried() (done func()) {
	const meanwhile = 400 // percent
	before := debug.SetGCPercent(meanwhile)
	return func() { debug.SetGCPercent(before) }
}

// loadLibrary reads a folder's guide, which must have no errors.
func loadLibrary(dir string, progress io.Writer) (*kb.Library, error) {
	fsys, err := guideFS(dir)
	if err != nil {
		return nil, err
	}
	return loadFS(fsys, progress)
}

func loadFS(fsys fs.FS, progress io.Writer) (*kb.Library, error) {
	lib, faults, err := kb.Load(fsys, content.FS(), bar(progress, "reading"))
	if err != nil {
		return nil, err
	}
	faults = append(faults, kb.Validate(lib, time.Now())...)
	if err := faults.Err(); err != nil {
		return nil, fmt.Errorf("the guide has errors; `yingda check` shows them with the warnings:\n%w", err)
	}
	return lib, nil
}

func indexGuide(lib *kb.Library, o search.Options) (*guide, error) {
	index, err := search.New(lib, o)
	if err != nil {
		return nil, err
	}
	return &guide{library: lib, index: index, bot: bot.New(lib, index, bot.DefaultPolicy(), time.Now)}, nil
}

func (g *guide) close() error { return g.index.Close() }

// progressFrom is how many things there must be for a bar to be worth drawing.
const progressFrom = 500

// bar returns a progress function that draws on w when w is a terminal and there is much to do.
func bar(w io.Writer, what string) func(done, total int) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(int, int) {}
	}
	var b *progressbar.ProgressBar
	return func(done, total int) {
		if total < progressFrom {
			return
		}
		if b == nil {
			b = progressbar.NewOptions(total, progressbar.OptionSetDescription(what), progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(50*time.Millisecond))
		}
		// The bar is a courtesy: an error drawing it is none of the command's.
		_ = b.Set(done)
	}
}
