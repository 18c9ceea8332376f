package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
	"github.com/yingda/yingda/search/rank"
)

// guide is one revision of a guide with its index and its bot.
type guide struct {
	library *kb.Library
	index   *search.Index
	bot     *bot.Bot
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

// openGuide loads and indexes a guide; data is where a large index is kept, "" for a temporary
// folder. prior is what an earlier index has learnt; nil for what was learnt from the bundled guide.
func openGuide(dir, data string, prior *rank.Learned, progress io.Writer) (*guide, error) {
	lib, err := loadLibrary(dir, progress)
	if err != nil {
		return nil, err
	}
	return indexGuide(lib, data, prior, progress)
}

// loadLibrary reads a guide that has no errors.
func loadLibrary(dir string, progress io.Writer) (*kb.Library, error) {
	fsys, err := guideFS(dir)
	if err != nil {
		return nil, err
	}
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

func indexGuide(lib *kb.Library, data string, prior *rank.Learned, progress io.Writer) (*guide, error) {
	if prior == nil {
		prior = new(rank.Learned)
		if err := prior.UnmarshalBinary(content.Learned()); err != nil {
			return nil, err
		}
	}
	index, err := search.New(lib, search.Options{Dir: data, Learned: prior, Progress: bar(progress, "indexing")})
	if err != nil {
		return nil, err
	}
	return &guide{lib, index, bot.New(lib, index, bot.DefaultPolicy(), time.Now)}, nil
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
