package cli

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// sibling is another tab of the same browser, which has the same storage.
func (p *tab) sibling(t *testing.T, url string) *tab {
	t.Helper()
	other := newTab(t, p.ctx, p.hosts, func(*chromedp.Context) {})
	other.do(chromedp.EmulateViewport(wide, high), chromedp.Navigate(url))
	return other
}

// number is the number of the ticket that the page shows last.
func (p *tab) number() string {
	p.t.Helper()
	p.wantIn(card+" .state", "等待客服")
	return p.text(fmt.Sprintf(`[...document.querySelectorAll(%s)].at(-1).textContent`, quoted(card+" strong")))
}

// withTicket is a page whose customer has left a telephone number and has a ticket, and the ticket's number.
func (b *browser) withTicket(t *testing.T) (p *tab, number string) {
	t.Helper()
	p = b.open(t, "/", wide, high)
	p.say("我的电话13812345678")
	p.say("转人工")
	return p, p.number()
}

const mine = `[...document.querySelectorAll('.row.mine:not(.unsent) .text')].map((text) => text.textContent).join('|')`

// testTabs: all tabs of a browser show one conversation, and tomorrow's too; clearing it clears all of them, and
// taking that back brings it back.
func testTabs(t *testing.T, b *browser) {
	first := b.open(t, "/", wide, high)
	second := first.sibling(t, b.url+"/") // opened before anything was said
	first.say("跳商户怎么办")
	second.want(mine + ` === '跳商户怎么办' && ` + answers + ` === 1`)
	second.say("报05什么意思")
	first.want(mine + ` === '跳商户怎么办|报05什么意思' && ` + answers + ` === 2`)
	tomorrow := first.sibling(t, b.url+"/")
	tomorrow.want(mine + ` === '跳商户怎么办|报05什么意思' && ` + answers + ` === 2`)
	first.want(`!JSON.stringify({...localStorage, ...sessionStorage}).includes('商户') && document.cookie === ''`) // the server has the words

	first.click("#clear")
	first.wantNone(".row.mine")
	second.wantNone(".row.mine")
	first.click(".toast button")
	first.want(mine + ` === '跳商户怎么办|报05什么意思'`)
	second.want(mine + ` === '跳商户怎么办|报05什么意思'`)
}

// testTicketTomorrow: whoever closed the page finds the agent's reply; clearing asks first while a ticket is open.
func testTicketTomorrow(t *testing.T, b *browser) {
	agent := b.agent(t, "明天")
	p, number := b.withTicket(t)
	p.do(chromedp.Navigate("about:blank")) // closed
	agent.act(t, number, "claim", "")
	agent.act(t, number, "reply", "款已到账。")
	next := p.sibling(t, b.url+"/")
	next.want(agentsRow + `?.querySelector('.text').textContent === '款已到账。'`)

	next.click("#clear")
	next.wantIn(".dialog", number)
	next.click(".dialog .button:not(.quiet)") // 先不清
	next.wantNone(".dialog")
	next.want(agentsRow)
	next.click("#clear")
	next.click(".dialog .button.quiet")
	next.wantNone(".row.agent")
}

// testFind: a customer on another device finds the ticket by its number and the end of the telephone number, by the
// link and by saying so; what is wrong is refused.
func testFind(t *testing.T, b *browser) {
	agent := b.agent(t, "查单")
	_, number := b.withTicket(t)
	agent.act(t, number, "claim", "")
	agent.act(t, number, "reply", "款已到账。")
	found := agentsRow + `?.querySelector('.text').textContent === '款已到账。' && ` + mine + ` === '我的电话138****5678|转人工'`

	link := b.open(t, "/", phoneWide, phoneHigh)
	link.click("#find")
	link.keys(".dialog input", number)
	link.keys(".dialog label:nth-of-type(2) input", "0000"+kb.Enter)
	link.wantIn(".dialog .problem", "没有核对上")
	link.excuse("404") // the browser's own note of it
	link.js(`document.querySelector('.dialog label:nth-of-type(2) input').value = ''`)
	link.keys(".dialog label:nth-of-type(2) input", "5678"+kb.Enter)
	link.want(found)
	link.wantNone(".dialog")
	link.do(chromedp.Reload())
	link.want(found)

	words := b.open(t, "/", wide, high)
	words.say("我的工单" + number + "有回复吗")
	words.wantIn(lastRow+" .text", "后四位")
	words.keys("#question", "5678"+kb.Enter)
	words.want(found)
}

// testPublic: a public computer keeps nothing from the moment on when that is said, and this page no longer than it is open.
func testPublic(t *testing.T, b *browser) {
	p := b.open(t, "/", wide, high)
	p.say("跳商户怎么办")
	p.want(`localStorage.length === 1`)
	p.click("#public")
	p.click(".dialog .button:not(.quiet)") // at the end
	p.want(`localStorage.length === 0 && document.getElementById('public').getAttribute('aria-pressed') === 'true'`)
	p.say("报05什么意思") // it goes on
	p.want(`localStorage.length === 0 && !JSON.stringify({...sessionStorage}).includes('token')`)
	p.sibling(t, b.url+"/").wantNone(".row.mine")
	p.do(chromedp.Reload())
	p.want(`document.getElementById('public').getAttribute('aria-pressed') === 'true'`)
	p.wantNone(".row.mine")
	p.say("跳商户怎么办")
	p.want(`localStorage.length === 0`)

	p.click("#public") // it is one's own after all
	p.want(`localStorage.length === 1 && document.getElementById('public').getAttribute('aria-pressed') === 'false'`)
	p.click("#public")
	p.click(".dialog .button.quiet") // at once
	p.wantNone(".row.mine")
	p.want(`localStorage.length === 0`)
}

// testRefusedStorage: where the browser refuses storage to somebody's frame, the chat works all the same, says so, and
// goes on in a window of its own.
func testRefusedStorage(t *testing.T, b *browser) {
	p := b.shop(t)
	p.click("#yingda-launcher")
	frame := b.frame(t, p)
	const refuse = `for (const name of ['localStorage', 'sessionStorage']) {
		Object.defineProperty(window, name, {get() { throw new DOMException('denied', 'SecurityError') }})
	}`
	script := page.AddScriptToEvaluateOnNewDocumentParams{Source: refuse}
	if _, err := chromedp.Call(frame.ctx, page.AddScriptToEvaluateOnNewDocument, script); err != nil {
		t.Fatal(err)
	}
	frame.js(`void (window.old = true, location.reload())`)
	frame.want(`!window.old && document.readyState === 'complete'`)
	frame.wantIn("#tools", "浏览器不让这里记住对话")
	frame.say("跳商户怎么办")
	opened := chromedp.WaitNewTarget(p.ctx, func(i *target.Info) bool { return i.Type == "page" && i.URL == b.url+"/" })
	frame.js(`[...document.querySelectorAll('#tools button')].find((button) => button.textContent === '在新窗口打开').click()`)
	window := newTab(t, p.ctx, []string{b.url + "/", "blob:" + b.url + "/"}, chromedp.WithTargetID(<-opened))
	window.want(mine + ` === '跳商户怎么办' && localStorage.length === 1 && !location.search && !location.hash`)
	window.say("报05什么意思")
	frame.want(mine + ` === '跳商户怎么办|报05什么意思'`)
}
