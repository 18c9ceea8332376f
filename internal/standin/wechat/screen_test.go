package wechat_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// screen is one tab of Chromium. It must see no error on its console.
type screen struct {
	t   *testing.T
	ctx context.Context
}

func openScreen(t *testing.T, address string, width, height int64) *screen {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("this test drives a real browser: run `make test`, which installs one, or set CHROMIUM: %v", err)
	}
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-networking", true))
	t.Cleanup(stop)
	p := &screen{t: t}
	p.ctx, stop = chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}), chromedp.WithListener(p.watch)) // commands return their errors
	t.Cleanup(func() {
		if err := chromedp.Cancel(p.ctx); err != nil { // and waits: its folder is removed next
			t.Error(err)
		}
		stop()
	})
	if err := chromedp.Do(p.ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate(address)); err != nil { // its context must outlive this
		t.Fatal(err)
	}
	return p
}

func (p *screen) watch(ev any) {
	switch ev := ev.(type) {
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.EntryLevelError || ev.Entry.Level == log.EntryLevelWarning {
			p.t.Errorf("console: %s %s", ev.Entry.Text, ev.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		p.t.Errorf("exception: %s", ev.ExceptionDetails.Text)
	}
}

// patience is how long a busy machine may take.
const patience = 2 * time.Minute

func (p *screen) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// click clicks an element, again where the page was drawn anew between finding it and clicking.
func (p *screen) click(selector string) {
	p.t.Helper()
	for limit := time.Now().Add(patience); ; {
		err := chromedp.Do(p.ctx, chromedp.Click(chromedp.CSS(selector)))
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "Could not find node") || time.Now().After(limit) {
			p.t.Fatal(err)
		}
	}
}

// press presses the mouse on an element. A page that is drawn anew until the release must not lose the click.
func (p *screen) press(selector string) (release func()) {
	p.t.Helper()
	rect := fmt.Sprintf("document.querySelector(%q).getBoundingClientRect()", selector)
	at, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]float64](fmt.Sprintf("(({x, y, width, height}) => [x + width / 2, y + height / 2])(%s)", rect)))
	if err != nil {
		p.t.Fatal(err)
	}
	mouse := func(does input.DispatchMouseEventType) {
		p.do(chromedp.MouseEvent(does, at[0], at[1], chromedp.ButtonLeft, chromedp.ClickCount(1)))
	}
	mouse(chromedp.MousePressed)
	return func() { mouse(chromedp.MouseReleased) }
}

func (p *screen) keys(selector, text string) {
	p.t.Helper()
	p.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// want waits until the element shows the text.
func (p *screen) want(selector, text string) {
	p.t.Helper()
	var shown string
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		shown, _ = chromedp.Run(p.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector)))
		if strings.Contains(shown, text) {
			return
		}
	}
	p.t.Fatalf("%s does not show %q, but:\n%.1500s", selector, text, shown)
}

// until waits until a condition holds on the page.
func (p *screen) until(condition string) {
	p.t.Helper()
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](condition)); err == nil && ok {
			return
		}
	}
	p.t.Fatalf("not so: %s", condition)
}

// picture keeps a picture of the page for who wants to look: STANDIN_SHOTS names the folder.
func (p *screen) picture(name string) {
	p.t.Helper()
	folder := os.Getenv("STANDIN_SHOTS")
	if folder == "" {
		return
	}
	shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), shot, 0o600); err != nil {
		p.t.Fatal(err)
	}
}
