package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The cards in sight of the guide's index, and how many there are.
const (
	inSight = `[...document.querySelectorAll('.cards li')].filter((li) => li.checkVisibility())`
	shown   = inSight + `.length`
)

// testGuide: the index finds questions by meaning, by the keyboard alone, and reads on.
func testGuide(t *testing.T, b *browser) {
	p := b.open(t, "/guide", wide, high)
	p.want(shown + ` > 50 && ` + shown + ` === document.querySelectorAll('.cards li').length && trouble.hidden && instead.hidden`)
	p.keys("#words", "yajin")
	p.want(shown + ` > 0 && ` + shown + ` < 10 && ` + inSight + `[0].textContent.includes('押金')`)
	p.wantIn("#state", "找到")
	p.want(`new URL(document.getElementById('instead-ask').href).searchParams.get('q') === 'yajin'`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.want(`document.activeElement === ` + inSight + `[0].querySelector('a') && document.activeElement.pathname === '/guide/fee-deposit-refund'`)
	p.js(`words.value = ''`)
	p.keys("#words", "asdf")
	p.want(shown + ` === 0 && !instead.hidden`)
	p.wantIn("#instead-why", "没有找到“asdf”")
	p.wantIn("#state", "没有找到“asdf”")
	p.do(chromedp.KeyEvent(kb.Escape))
	p.want(shown + ` > 50 && words.value === '' && state.textContent === ''`)

	p.click(`a[href="/guide/jump-what-to-do"]`)
	p.want(`location.pathname === '/guide/jump-what-to-do' && document.readyState === 'complete'`)
	p.want(`document.querySelector('h1').textContent && document.querySelector('.lead').textContent.length > 20`)
	p.want(`document.querySelectorAll('.prose h2').length > 0 && document.querySelectorAll('.beside li a').length > 0`)
	p.click(`.beside li a`)
	p.want(`location.pathname !== '/guide/jump-what-to-do' && document.querySelector('.lead')`)

	p = b.open(t, "/guide", wide, high)
	p.keys("#words", "跳码")
	p.want(shown + ` < 10`)
	p.click(`.anchors a:nth-child(2)`)
	p.want(shown + ` > 50 && words.value === '' && location.hash === '#fees' && document.getElementById('fees').checkVisibility()`)
}

// testGuideAlone: a search that gets no answer says so and leaves every question in sight; so does a page without script.
func testGuideAlone(t *testing.T, b *browser) {
	p := b.open(t, "/guide", wide, high)
	p.want(shown + ` > 50`)
	p.js(`window.real = window.fetch; window.fetch = () => Promise.reject(new TypeError('offline'))`)
	p.keys("#words", "押金")
	p.wantIn("#trouble", "网络好像断了")
	p.want(`!trouble.hidden && trouble.getAttribute('role') === 'alert' && ` + shown + ` > 50`)
	p.js(`window.fetch = () => Promise.resolve(new Response(JSON.stringify({detail: '同一个网络问得太快了，请稍等几秒再试。'}), {status: 429}))`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.wantIn("#trouble", "问得太快了")
	p.want(`!trouble.hidden && ` + shown + ` > 50`)
	p.js(`window.fetch = window.real`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.want(`trouble.hidden && ` + shown + ` > 0 && ` + shown + ` < 10`)

	p = b.blank(t, b.url+"/")
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.EmulateViewport(wide, high), chromedp.Navigate(b.url+"/guide"))
	p.want(shown + ` > 50 && document.getElementById('search').hidden`)
}

// testComposed: words that an input method is still composing are not looked for.
func testComposed(t *testing.T, b *browser) {
	p := b.open(t, "/guide", wide, high)
	p.js(`{
		window.asked = []
		const real = window.fetch
		window.fetch = (url, options) => { window.asked.push(new URL(url, location).searchParams.get('q')); return real(url, options) }
	}`)
	p.want(`!document.getElementById('search').hidden`)
	p.do(chromedp.Focus(chromedp.CSS("#words")))
	if _, err := chromedp.Call(p.ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: "yajin", SelectionStart: 5, SelectionEnd: 5}); err != nil {
		t.Fatal(err)
	}
	p.want(`words.value === 'yajin'`)
	p.js(`setTimeout(() => { window.later = true }, 2000)`) // than any search would begin
	p.want(`window.later`)
	if _, err := chromedp.Call(p.ctx, input.InsertText, input.InsertTextParams{Text: "押金"}); err != nil {
		t.Fatal(err)
	}
	p.want(shown + ` > 0 && ` + shown + ` < 10`)
	if got := p.text(`window.asked.join(' ')`); got != "押金" {
		t.Errorf("asked for %q", got)
	}
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
	p := b.shop(t)
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

// testBase: served below a path, no page asks for anything beside it.
func testBase(t *testing.T, b *browser) {
	server := start(t, "-base", "/kefu")
	below := &browser{b.ctx, server, server.url, ""}
	p := below.open(t, "/", wide, high)
	p.say("跳商户怎么办")
	p.wantIn(lastRow+" .text", "收单机构")
	p.click(lastRow + " .source")
	p.want(`location.pathname === '/kefu/guide/jump-what-to-do' && document.readyState === 'complete'`)
	p.click(`.topbar .button`)
	p.want(`location.pathname === '/kefu/' && document.readyState === 'complete' && document.querySelectorAll('.row.mine').length === 1`)

	p = below.open(t, "/lookup", wide, high)
	p.keys("#search", "到账")
	p.want(`document.querySelectorAll('[role=option]').length === 8`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.want(`document.querySelector('.card-actions a').pathname.startsWith('/kefu/guide/')`)
	p = below.open(t, "/guide", wide, high)
	p.keys("#words", "押金")
	p.want(shown + ` > 0 && ` + shown + ` < 10 && ` + inSight + `[0].querySelector('a').pathname === '/kefu/guide/fee-deposit-refund'`)
	p.want(`document.getElementById('instead-ask').pathname === '/kefu/'`)
	testWidget(t, below)
}

// shop is a page of another site with the widget's tag.
func (b *browser) shop(t *testing.T) *tab {
	t.Helper()
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
	return p
}

// frame is the chat inside the page of p.
func (b *browser) frame(t *testing.T, p *tab) *tab {
	t.Helper()
	var option chromedp.ContextOption
	eventually(t, patience, func() bool {
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
