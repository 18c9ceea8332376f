package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser is one Chromium and the server that its tabs look at.
type browser struct {
	ctx    context.Context
	server *running
	url    string // of the server
	data   string // its folder
}

// openBrowser starts both, until the test ends.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("this test drives a real browser: run `make test`, which installs one, or set CHROMIUM: %v", err)
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()),
	}
	for _, name := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage"} {
		options = append(options, chromedp.Flag(name, true))
	}
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {})) // it grumbles at frames; commands return their errors
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // and waits: its folder is removed next
			t.Error(err)
		}
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	server := start(t, "-data", data)
	return &browser{ctx, server, server.url, data}
}

// The sizes of a desktop's and a phone's window.
const (
	wide, high           = 1280, 900
	phoneWide, phoneHigh = 390, 844
)

// tab is one tab or frame. When its test ends, it must have seen no error on the console, which is
// where violations of the content security policy go too, and no request to a foreign host, but those
// that the test excuses.
type tab struct {
	t     *testing.T
	ctx   context.Context
	hosts []string // begin of the URLs that it may ask for

	mu      sync.Mutex
	faults  []string
	excused []string // a fault that holds one of these is none
}

// open shows a page of the server in a tab of its own.
func (b *browser) open(t *testing.T, path string, width, height int64) *tab {
	t.Helper()
	p := b.blank(t, b.url+"/", "blob:"+b.url+"/")
	p.do(chromedp.EmulateViewport(width, height), chromedp.Navigate(b.url+path))
	return p
}

// blank is a new tab that may ask those hosts only.
func (b *browser) blank(t *testing.T, hosts ...string) *tab {
	t.Helper()
	return newTab(t, b.ctx, hosts, chromedp.WithNewBrowserContext())
}

func newTab(t *testing.T, parent context.Context, hosts []string, option chromedp.ContextOption) *tab {
	t.Helper()
	p := &tab{t: t, hosts: append(hosts, "data:", "about:")}
	ctx, stop := chromedp.NewContext(parent, option, chromedp.WithListener(p.watch))
	p.ctx = ctx
	t.Cleanup(func() {
		for _, fault := range p.taken() {
			if !slices.ContainsFunc(p.excused, func(text string) bool { return strings.Contains(fault, text) }) {
				t.Error(fault)
			}
		}
		stop()
	})
	p.do()
	return p
}

// watch notes what no page of ours may do.
func (p *tab) watch(ev any) {
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		for _, host := range p.hosts {
			if strings.HasPrefix(ev.Request.URL, host) {
				return
			}
		}
		p.fault("request to " + ev.Request.URL)
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.EntryLevelError || ev.Entry.Level == log.EntryLevelWarning {
			p.fault(fmt.Sprintf("console: %s %s", ev.Entry.Text, ev.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		p.fault("exception: " + ev.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		p.fault(fmt.Sprintf("console.%s", ev.Type))
	}
}

func (p *tab) fault(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, text)
}

// excuse names faults that the test brings about itself. The browser tells of them when it likes, also
// after the page has gone on.
func (p *tab) excuse(texts ...string) { p.excused = append(p.excused, texts...) }

// taken returns the faults so far and forgets them.
func (p *tab) taken() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	faults := p.faults
	p.faults = nil
	return faults
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// js runs a statement.
func (p *tab) js(statement string) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](statement))
}

// text is the value of an expression.
func (p *tab) text(expression string) string {
	p.t.Helper()
	s, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// want waits until a condition holds.
func (p *tab) want(condition string) {
	p.t.Helper()
	var err error
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		var ok bool
		if ok, err = chromedp.Run(p.ctx, chromedp.Evaluate[bool]("Boolean("+condition+")")); ok {
			return
		}
	}
	p.t.Fatalf("not so: %s (%v)\non the page: %.2000s", condition, err, p.text("document.body.innerText"))
}

// keys types into the element with that selector.
func (p *tab) keys(selector, text string) {
	p.t.Helper()
	p.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

func (p *tab) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// The last row of the chat, and how many answers there are.
const (
	lastRow = `#log > .row:last-of-type`
	answers = `document.querySelectorAll('#log > .row.bot:not(.typing):not(#welcome)').length`
)

// say asks in the chat and waits for the answer.
func (p *tab) say(question string) {
	p.t.Helper()
	p.answered(func() { p.keys("#question", question+kb.Enter) })
}

// answered does something that the bot answers with one more row.
func (p *tab) answered(act func()) {
	p.t.Helper()
	before := p.text("String(" + answers + ")")
	act()
	p.want(answers + " === " + before + " + 1")
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(b)
}

// wantIn waits until the element shows the text.
func (p *tab) wantIn(selector, text string) {
	p.t.Helper()
	p.want(fmt.Sprintf("document.querySelector(%s)?.textContent.includes(%s)", quoted(selector), quoted(text)))
}

func (p *tab) wantNone(selector string) {
	p.t.Helper()
	p.want(fmt.Sprintf("!document.querySelector(%s)", quoted(selector)))
}

func TestBrowser(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	for _, tt := range []struct {
		name string
		test func(*testing.T, *browser)
	}{
		{"the watch sees faults", testWatch},
		{"answers", testAnswers},
		{"options", testOptions},
		{"feedback", testFeedback},
		{"composition", testComposition},
		{"script is inert", testInert},
		{"reload", testReload},
		{"tabs", testTabs},
		{"ticket tomorrow", testTicketTomorrow},
		{"find a ticket", testFind},
		{"public computer", testPublic},
		{"refused storage", testRefusedStorage},
		{"too long", testTooLong},
		{"links", testLinks},
		{"read aloud", testReadAloud},
		{"contrast", testContrast},
		{"errors", testErrors},
		{"guide", testGuide},
		{"guide alone", testGuideAlone},
		{"guide composed", testComposed},
		{"lookup", testLookup},
		{"widget", testWidget},
		{"below a path", testBase},
		{"phone", testPhone},
		{"ticket", testTicket},
		{"reconnection", testReconnection},
		{"polling", testPolling},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, b) })
	}
}

// testWatch plants the faults that the other tests rely on being seen.
func testWatch(t *testing.T, b *browser) {
	p := b.open(t, "/", wide, high)
	for _, tt := range []struct{ script, want string }{
		{`document.head.append(Object.assign(document.createElement('style'), {textContent: 'p{color:red}'}))`, "Content Security Policy"},
		{`document.body.append(Object.assign(new Image(), {src: 'http://foreign.invalid/x.png'}))`, "Content Security Policy"},
		{`fetch('http://foreign.invalid/').catch(() => {})`, "Content Security Policy"},
		{`location.href = 'http://foreign.invalid/page'`, "request to http://foreign.invalid/page"},
	} {
		p.js("void (" + tt.script + ")")
		var seen []string
		eventually(t, patience, func() bool {
			seen = append(seen, p.taken()...)
			return strings.Contains(strings.Join(seen, "\n"), tt.want)
		}, tt.want, new(output))
	}
	p.do(chromedp.Navigate("about:blank")) // else Chromium tries the strange page again and again
	p.excuse("Content Security Policy", "foreign.invalid")
	p = b.open(t, "/", wide, high)
	p.js(`setTimeout(() => { throw new Error('planted') })`)
	p.js(`console.error('planted')`)
	p.excuse("exception", "console.error")
	var seen []string
	eventually(t, patience, func() bool { seen = append(seen, p.taken()...); return len(seen) >= 2 }, "exception and console.error", new(output))
}
