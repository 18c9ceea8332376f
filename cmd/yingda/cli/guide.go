package cli

import (
	"runtime/debug"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/yingda/yingda/guide"
)

// withGuide loads and indexes a folder's guide, or the bundled one for "", for as long as do works with it.
func withGuide(dir string, t terminal, do func(*guide.Guide) error) error {
	restoreGC := deferGC()
	g, err := guide.Open(dir, t.progress())
	restoreGC()
	if err != nil {
		return err
	}
	return do(g)
}

// deferGC lets garbage be until the returned function is called: starting makes much of it, and a
// shop owner waits.
func deferGC() (restore func()) {
	const meanwhile = 400 // percent
	before := debug.SetGCPercent(meanwhile)
	return func() { debug.SetGCPercent(before) }
}

// minProgress is how many things there must be for a bar to be worth drawing.
const minProgress = 500

// progress draws bars where that can be seen and there is much to do.
func (t terminal) progress() guide.Progress {
	w, ok := t.canvas()
	if !ok {
		return nil
	}
	return func(stage string) func(done, total int) {
		var b *progressbar.ProgressBar
		return func(done, total int) {
			if total < minProgress {
				return
			}
			if b == nil {
				b = progressbar.NewOptions(total, progressbar.OptionSetDescription(stage), progressbar.OptionSetWriter(w), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(50*time.Millisecond))
			}
			// The bar is a courtesy: an error drawing it is none of the command's.
			_ = b.Set(done)
		}
	}
}
