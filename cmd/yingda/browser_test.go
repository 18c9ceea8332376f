package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser is one Chromium and the server that its tabs look at.
type browser struct {
	ctx context.Context
	url string
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
	return &browser{ctx, start(t).url}
}

// The sizes of a desktop's and a phone's window.
const (
	wide, high           = 1280, 900
	phoneWide, phoneHigh = 390, 844
)

// tab is one tab or frame. When its test ends, it must have seen no error on the console, which is
// where violations of the content security policy go too, and no request to a foreign host.
type tab struct {
	t     *testing.T
	ctx   context.Context
	hosts []string // begin of the URLs that it may ask for

	mu     sync.Mutex
	faults []string
}

// open shows a page of the server in a tab of its own.
func (b *browser) open(t *testing.T, path string, width, height int64) *tab {
	t.Helper()
	p := b.blank(t, b.url+"/")
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
			t.Error(fault)
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
	for limit := time.Now().Add(10 * time.Second); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
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
		{"errors", testErrors},
		{"guide", testGuide},
		{"lookup", testLookup},
		{"widget", testWidget},
		{"phone", testPhone},
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
		eventually(t, 5*time.Second, func() bool {
			seen = append(seen, p.taken()...)
			return strings.Contains(strings.Join(seen, "\n"), tt.want)
		}, tt.want, new(output))
	}
	time.Sleep(100 * time.Millisecond) // what follows from them
	p.taken()
	p = b.open(t, "/", wide, high)
	p.js(`setTimeout(() => { throw new Error('planted') })`)
	p.js(`console.error('planted')`)
	var seen []string
	eventually(t, 5*time.Second, func() bool { seen = append(seen, p.taken()...); return len(seen) >= 2 }, "exception and console.error", new(output))
}

func testAnswers(t *testing.T, b *browser) {
	p := b.open(t, "/", wide, high)
	for _, tt := range []struct{ in, source, text string }{
		{"跳商户怎么办", "jump-what-to-do", "收单机构"},
		{"费绿多少啊现在", "fee-basic-rates", "费率"},
		{"刷出來的商戶名字不是我的店 正常嗎", "jump-normal-or-not", "正常"},
		{"报05什么意思", "txn-response-code", "不予承兑"},
		{"zhuan rengong", "", "为您转人工"},
		{"今天成都会下雨吗", "", "不敢乱答"},
	} {
		p.say(tt.in)
		p.wantIn(lastRow+" .text", tt.text)
		if tt.source == "" {
			p.wantNone(lastRow + " .source")
			p.wantNone(lastRow + " .feedback")
			continue
		}
		p.want(fmt.Sprintf(`document.querySelector(%s)?.pathname === '/guide/%s'`, quoted(lastRow+" .source"), tt.source))
		p.want(fmt.Sprintf(`document.querySelectorAll(%s).length === 2`, quoted(lastRow+" .feedback button")))
	}
	p.want(`question.value === '' && document.activeElement === question`)
}

// testOptions taps an option, and types the number of one.
func testOptions(t *testing.T, b *browser) {
	p := b.open(t, "/", wide, high)
	p.answered(func() { p.click("#welcome .options button") })
	p.want(`document.querySelector('.row.mine .text').textContent === document.querySelector('#welcome .options button').textContent`)
	p.want(fmt.Sprintf(`document.querySelector(%s)`, quoted(lastRow+" .source")))

	p.say("今天成都会下雨吗")
	p.answered(func() { p.click(lastRow + " .options .person") })
	p.wantIn(lastRow+" .text", "为您转人工")
	p.want(`[...document.querySelectorAll('.row.mine .text')].at(-1).textContent === '转人工'`)

	p.say("今天成都会下雨吗")
	number := p.text(fmt.Sprintf(`String(document.querySelectorAll(%s).length)`, quoted(lastRow+" .options button")))
	p.say(number)
	p.wantIn(lastRow+" .text", "为您转人工")
	p.want(fmt.Sprintf(`[...document.querySelectorAll('.row.mine .text')].at(-1).textContent === '%s'`, number))
}

// testFeedback: 有帮助 is thanked for; 没帮助 offers the next nearest articles and a person.
func testFeedback(t *testing.T, b *browser) {
	p := b.open(t, "/", wide, high)
	p.say("跳商户怎么办")
	p.click(lastRow + " .feedback button:first-of-type")
	p.wantIn(lastRow+" .outcome", "谢谢")
	p.wantNone(lastRow + " .feedback button")

	p.say("跳商户怎么办")
	p.click(lastRow + " .feedback button:last-of-type")
	p.wantIn(lastRow+" .outcome", "抱歉")
	p.want(fmt.Sprintf(`document.querySelector(%s).textContent === '转人工'`, quoted(lastRow+" .options li:last-child button")))
	title := p.text(fmt.Sprintf(`document.querySelector(%s).textContent`, quoted(lastRow+" .options button")))
	p.answered(func() { p.click(lastRow + " .options button") })
	p.wantIn(lastRow+" .source", title)
	yes, no := `yingda_feedback_total{article="jump-what-to-do",helpful="yes"} 1`, `yingda_feedback_total{article="jump-what-to-do",helpful="no"} 1`
	p.js(`fetch('/metrics').then((r) => r.text()).then((text) => { window.metrics = text })`)
	p.want(fmt.Sprintf(`window.metrics?.includes(%s) && window.metrics.includes(%s)`, quoted(yes), quoted(no)))
}

// testComposition: while an input method composes, Enter is its own; afterwards Enter sends.
func testComposition(t *testing.T, b *browser) {
	p := b.open(t, "/", wide, high)
	p.do(chromedp.Focus(chromedp.CSS("#question")))
	compose := func(text string) {
		at := int64(len([]rune(text)))
		if _, err := chromedp.Call(p.ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: at, SelectionEnd: at}); err != nil {
			t.Fatal(err)
		}
	}
	compose("tiaoshanghu")
	p.js(`question.addEventListener('keydown', (event) => { window.composing = event.isComposing })`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.want(`window.composing === true`)
	p.wantNone(".row.mine")

	// Safari ends the composition first and tells by code 229 alone; Shift+Enter is a new line.
	for _, event := range []string{`{key: 'Enter', isComposing: true}`, `{key: 'Enter', keyCode: 229}`, `{key: 'Enter', shiftKey: true}`} {
		p.js(`question.dispatchEvent(new KeyboardEvent('keydown', Object.assign(` + event + `, {bubbles: true, cancelable: true})))`)
		p.wantNone(".row.mine")
	}
	if _, err := chromedp.Call(p.ctx, input.InsertText, input.InsertTextParams{Text: "跳商户"}); err != nil {
		t.Fatal(err)
	}
	p.answered(func() { p.do(chromedp.KeyEvent(kb.Enter)) })
	p.wantIn(".row.mine .text", "跳商户")
}

// testInert: what a customer types is text, in the chat, in its memory and in the look-up.
func testInert(t *testing.T, b *browser) {
	const attack = `<script>window.hit=1</script><img src=x onerror="window.hit=1"><a href="javascript:window.hit=1">x</a>`
	p := b.open(t, "/", wide, high)
	p.say(attack)
	p.wantIn(".row.mine .text", attack)
	p.do(chromedp.Reload())
	p.wantIn(".row.mine .text", attack)
	p.want(`!window.hit && !document.querySelector('#log :is(script, img, a[href^="javascript"])')`)

	p = b.open(t, "/lookup", wide, high)
	p.keys("#search", attack)
	p.wantIn("#state", "<script>")
	p.want(`!window.hit && !document.querySelector('.desk :is(script, img)')`)
}

// testReload: the tab keeps its conversation, another one does not see it, 清空 forgets it.
func testReload(t *testing.T, b *browser) {
	p := b.open(t, "/", wide, high)
	p.say("跳商户怎么办")
	p.click(lastRow + " .feedback button:first-of-type")
	p.wantIn(lastRow+" .outcome", "谢谢")
	p.say("今天成都会下雨吗")
	const told = `[...document.querySelectorAll('#log > .row')].map((row) => row.textContent).join('|')`
	before := p.text(told)
	p.do(chromedp.Reload())
	p.want(answers + " === 2")
	if after := p.text(told); after != before {
		t.Errorf("after the reload:\n%s\nwant\n%s", after, before)
	}
	p.want(`localStorage.length === 0 && document.cookie === ''`)
	b.open(t, "/", wide, high).wantNone(".row.mine")

	p.click("#clear")
	p.wantNone(".row.mine")
	p.do(chromedp.Reload())
	p.wantNone(".row.mine")
}

// testErrors: when no answer comes the bubble says so, and 重试 asks again.
func testErrors(t *testing.T, b *browser) {
	p := b.open(t, "/", wide, high)
	p.js(`window.real = window.fetch; window.fetch = () => Promise.reject(new TypeError('offline'))`)
	p.say("跳商户怎么办")
	p.wantIn(lastRow+".error .text", "网络好像断了")
	p.js(`window.fetch = window.real`)
	p.click(lastRow + " .retry")
	p.want(fmt.Sprintf(`document.querySelector(%s)`, quoted(lastRow+" .source")))
	p.wantNone(".row.error")

	p.js(`window.fetch = () => window.real('/api/v1/ask', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"question":"\\u0000"}'})`)
	p.say("你好")
	p.wantIn(lastRow+".error .text", "空字符")
	if faults := p.taken(); len(faults) != 1 || !strings.Contains(faults[0], "400") { // the browser's own note of it
		t.Errorf("faults %q, want the 400 alone", faults)
	}
}

func testGuide(t *testing.T, b *browser) {
	p := b.open(t, "/guide", wide, high)
	const shown = `document.querySelectorAll('.cards li:not([hidden])').length`
	p.want(shown + ` === document.querySelectorAll('.cards li').length && ` + shown + ` > 50`)
	p.keys("#words", "押金")
	p.want(shown + ` > 0 && ` + shown + ` < 20`)
	p.want(`[...document.querySelectorAll('.cards li:not([hidden])')].every((li) => li.dataset.words.includes('押金'))`)
	p.wantIn("#found", "找到")
	p.js(`words.value = ''`)
	p.keys("#words", "飞机票")
	p.want(shown + ` === 0 && !nothing.hidden && new URL(document.getElementById('nothing-ask').href).searchParams.get('q') === '飞机票'`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.want(shown + ` > 50`)

	p.click(`a[href="/guide/jump-what-to-do"]`)
	p.want(`location.pathname === '/guide/jump-what-to-do' && document.readyState === 'complete'`)
	p.want(`document.querySelector('h1').textContent && document.querySelector('.lead').textContent.length > 20`)
	p.want(`document.querySelectorAll('.prose h2').length > 0 && document.querySelectorAll('.beside li a').length > 0`)
	p.click(`.beside li a`)
	p.want(`location.pathname !== '/guide/jump-what-to-do' && document.querySelector('.lead')`)
}

// testLookup: search while typing, arrows, Enter, copy; all by the keyboard.
func testLookup(t *testing.T, b *browser) {
	p := b.open(t, "/lookup", wide, high)
	const selected = `document.querySelector('[role=option][aria-selected=true]')`
	p.want(`document.querySelectorAll('[role=option]').length > 80 && document.activeElement === search`)
	p.keys("#search", "到账")
	p.want(`document.querySelectorAll('[role=option]').length === 8 && ` + selected + ` === document.querySelectorAll('[role=option]')[0]`)
	p.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowUp))
	p.want(selected + ` === document.querySelectorAll('[role=option]')[1] && search.getAttribute('aria-activedescendant') === ` + selected + `.id`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.want(`document.activeElement === detail && document.querySelector('.say').textContent === ` + selected + `.dataset.text`)
	p.js(`const write = navigator.clipboard.writeText.bind(navigator.clipboard);
		navigator.clipboard.writeText = (text) => { window.copied = text; return write(text) }`)
	p.do(chromedp.KeyEvent("c"))
	p.wantIn(".toast", "已复制")
	p.want(`window.copied === document.querySelector('.say').textContent`)

	// Plain http has no clipboard: the selection is copied.
	p.js(`Object.defineProperty(navigator, 'clipboard', {value: undefined});
		document.addEventListener('copy', () => { window.selection = document.activeElement.value })`)
	p.do(chromedp.KeyEvent("/"))
	p.want(`document.activeElement === search`)
	p.js(`search.value = ''`) // the driver types the slash all the same
	p.keys("#search", "51")
	p.want(selected + `?.dataset.id === '51'`)
	p.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.want(`window.selection === document.querySelector('.say').textContent && window.selection.includes('51')`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.want(`search.value === '' && document.querySelectorAll('[role=option]').length > 80`)
}

// testWidget: one script tag on a page of another site opens the chat in a frame of ours.
func testWidget(t *testing.T, b *browser) {
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNoContent) // the browser asks for an icon
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>小店</title><p>欢迎</p><script src="%s/widget.js"></script>`, b.url)
	}))
	t.Cleanup(shop.Close)
	page := strings.Replace(shop.URL, "127.0.0.1", "localhost", 1) // another site, not just another port
	p := b.blank(t, b.url+"/widget.js", b.url+"/chat", page)
	p.do(chromedp.EmulateViewport(wide, high), chromedp.Navigate(page))
	p.wantNone("#yingda-frame")
	p.click("#yingda-launcher")
	p.want(`document.getElementById('yingda-frame').style.display === 'block'`)

	frame := b.frame(t, p)
	frame.say("跳商户怎么办")
	frame.wantIn(lastRow+" .text", "收单机构")
	frame.want(fmt.Sprintf(`document.querySelector(%s).target === '_blank'`, quoted(lastRow+" .source")))
	frame.want(`document.documentElement.scrollWidth <= innerWidth`)
	frame.click("#close")
	p.want(`document.getElementById('yingda-frame').style.display === 'none' && document.activeElement.id === 'yingda-launcher'`)
	p.click("#yingda-launcher")
	frame.want(`document.querySelectorAll('.row.mine').length === 1`)
	p.do(chromedp.Focus(chromedp.CSS("#yingda-launcher")), chromedp.KeyEvent(kb.Escape))
	p.want(`document.getElementById('yingda-launcher').getAttribute('aria-expanded') === 'false'`)
}

// frame is the chat inside the page of p.
func (b *browser) frame(t *testing.T, p *tab) *tab {
	t.Helper()
	var option chromedp.ContextOption
	eventually(t, 10*time.Second, func() bool {
		targets, err := chromedp.Targets(p.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range targets {
			if target.Type == "iframe" && target.URL == b.url+"/chat" {
				option = chromedp.WithTargetID(target.TargetID)
			}
		}
		return option != nil
	}, "the chat's frame", new(output))
	f := newTab(t, p.ctx, []string{b.url + "/"}, option)
	f.want(`document.readyState === 'complete'`)
	return f
}

// testPhone: nothing scrolls sideways, and the input stays in sight whatever was said.
func testPhone(t *testing.T, b *browser) {
	for _, path := range []string{"/", "/chat", "/guide", "/guide/jump-what-to-do", "/guide/txn-response-code", "/lookup"} {
		t.Run(path, func(t *testing.T) {
			p := b.open(t, path, phoneWide, phoneHigh)
			p.want(`document.readyState === 'complete' && document.documentElement.scrollWidth <= innerWidth`)
		})
	}
	t.Run("talk", func(t *testing.T) {
		const inSight = `(() => { const box = question.getBoundingClientRect(); return box.width > 100 && box.top > 0 && box.bottom <= innerHeight })()`
		p := b.open(t, "/", phoneWide, phoneHigh)
		p.want(inSight)
		for _, question := range []string{"跳商户怎么办", "报05什么意思", "今天成都会下雨吗", strings.Repeat("w", 60)} {
			p.say(question)
			p.want(inSight + ` && document.documentElement.scrollWidth <= innerWidth && log.scrollWidth <= log.clientWidth`)
		}
		p.do(chromedp.EmulateViewport(phoneWide, phoneHigh/2)) // the keyboard is open
		p.want(inSight)
	})
}
