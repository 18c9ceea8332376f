package cli

import (
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/yingda/yingda/guide"
)

// openGuide loads and indexes a folder's guide, or the bundled one for "".
func openGuide(dir string, t terminal) (*guide.Guide, error) {
	defer deferGC()()
	return guide.Open(dir, progressOn(t.err))
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

// progressOn draws bars on w when w is a terminal and there is much to do.
func progressOn(w io.Writer) guide.Progress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return func(stage string) func(done, total int) {
		var b *progressbar.ProgressBar
		return func(done, total int) {
			if total < minProgress {
				return
			}
			if b == nil {
				b = progressbar.NewOptions(total, progressbar.OptionSetDescription(stage), progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(50*time.Millisecond))
			}
			// The bar is a courtesy: an error drawing it is none of the command's.
			_ = b.Set(done)
		}
	}
}
