package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/yingda/yingda/desk"
)

// The agent's newest words, the newest line between the rows, and the ticket's card.
const (
	agentsRow = `[...document.querySelectorAll('#log > .row.agent')].at(-1)`
	lastNote  = `[...document.querySelectorAll('#log > .row-note')].at(-1)`
	card      = `#log .ticket`
)

// testTicket is the way from 没到账 to a person and back: registered step by step, answered by an
// agent within a second, closed, and found again after a reload.
func testTicket(t *testing.T, b *browser) {
	agent := b.agent(t, "前台")
	for _, size := range []struct {
		name        string
		wide, high  int64
		registering func(*testing.T, *tab)
	}{
		{"step by step on a phone", phoneWide, phoneHigh, register},
		{"straight to a person", wide, high, straight},
	} {
		t.Run(size.name, func(t *testing.T) {
			p := b.open(t, "/", size.wide, size.high)
			p.keys("#question", "刷卡没到账"+kb.Enter) // an answer and an offer
			p.wantIn(lastRow+" .text", "登记")
			p.tap("好，帮我登记")
			p.wantIn(lastRow+" .text", "什么时候")
			size.registering(t, p)

			p.wantIn(card+" .state", "等待客服")
			number := p.text(fmt.Sprintf(`document.querySelector(%s).textContent`, quoted(card+" strong")))
			agent.act(t, number, "claim", "")
			p.want(lastNote + `?.textContent.includes('接手')`)
			p.wantIn(card+" .state", "客服处理中")
			const words = `查到了：<script>window.hit=1</script><img src=x onerror="window.hit=1">`
			agent.act(t, number, "reply", words)
			p.want(agentsRow + `?.querySelector('.text').textContent === ` + quoted(words))
			p.wantIn(card+" .state", "客服处理中")
			p.want(`question.placeholder === '给客服留言'`)
			p.keys("#question", "好的"+kb.Enter)
			p.want(`[...document.querySelectorAll('.row.mine:not(.unsent) .text')].at(-1).textContent === '好的'`)

			p.do(chromedp.Reload())
			p.want(agentsRow + ` && question.placeholder === '给客服留言'`)
			p.wantIn(card+" .state", "客服处理中")
			agent.act(t, number, "close", "")
			p.wantIn(card+" .state", "已结束")
			p.say("打印机不出纸怎么办")
			p.wantIn(lastRow+" .source", "缺纸")
			p.want(`!window.hit && !document.querySelector('#log :is(script, img[src="x"])')`)
		})
	}
}

// register tells details one by one, skips one, shows a photo, and confirms the summary.
func register(t *testing.T, p *tab) {
	t.Helper()
	p.say("昨天下午两点，1280元")
	p.photograph()
	for range 12 {
		if p.text(`String([...document.querySelectorAll('`+lastRow+` .quick button')].some((b) => b.textContent === '确认'))`) == "true" {
			break
		}
		p.tap("跳过")
	}
	p.wantIn(lastRow+" .text", "1280元")
	p.want(`document.documentElement.scrollWidth <= innerWidth && log.scrollWidth <= log.clientWidth`)
	p.tap("确认")
}

func straight(t *testing.T, p *tab) {
	t.Helper()
	p.tap("直接转人工")
}

// tap picks one of the short answers under the newest row.
func (p *tab) tap(title string) {
	p.t.Helper()
	at := fmt.Sprintf(`[...document.querySelectorAll('%s .quick button')].find((b) => b.textContent === %s)`, lastRow, quoted(title))
	p.want(at)
	p.more(func() { p.js(at + ".click()") })
}

// more does something that is answered, in one row or several.
func (p *tab) more(act func()) {
	p.t.Helper()
	before := p.text("String(" + answers + ")")
	act()
	p.want(answers + " > " + before)
}

// photograph sends a picture, as if it had been chosen from the album.
func (p *tab) photograph() {
	p.t.Helper()
	p.js(`new Promise((done) => {
		const canvas = Object.assign(document.createElement('canvas'), {width: 300, height: 400})
		canvas.getContext('2d').fillRect(20, 20, 200, 100)
		canvas.toBlob((blob) => {
			const list = new DataTransfer()
			list.items.add(new File([blob], '<b>receipt.png', {type: 'image/png'}))
			file.files = list.files
			file.dispatchEvent(new Event('change'))
			done()
		})
	})`)
	p.want(`!preview.hidden && !document.querySelector('.send').disabled`)
	p.more(func() { p.click(".send") })
	p.want(`[...document.querySelectorAll('.row.mine:not(.unsent) .picture img')].at(-1)?.naturalWidth === 300`)
}

// agent works at the desk of a server with a key.
type agent struct{ url, key string }

func (b *browser) agent(t *testing.T, name string) agent {
	t.Helper()
	key := strings.TrimSpace(b.server.command(t, "key add", "-data", b.data, "-role", string(desk.RoleAgent), name))
	return agent{b.server.url, key}
}

// act does something to a ticket through the desk's API; text is what is said, "" for nothing.
func (a agent) act(t *testing.T, number, what, text string) {
	t.Helper()
	body := ""
	if text != "" {
		data, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			t.Fatal(err)
		}
		body = string(data)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.url+"/api/v1/desk/tickets/"+number+"/"+what, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+a.key)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s, %v", what, number, res.Status, err)
	}
}

// testReconnection: when the server goes away the page says so, and when it is back the conversation
// goes on: what an agent said meanwhile, what could not be sent, and no word twice.
func testReconnection(t *testing.T, b *browser) {
	data := t.TempDir()
	first := start(t, "-data", data)
	at := &browser{b.ctx, first, first.url, data}
	p := at.open(t, "/", phoneWide, phoneHigh)
	p.excuse("Failed to load resource") // the browser's own notes of the requests that fail
	p.say("转人工")
	p.wantIn(card+" .state", "等待客服")
	number := p.text(fmt.Sprintf(`document.querySelector(%s).textContent`, quoted(card+" strong")))
	p.wantNone("#lost:not([hidden])")

	first.stop()
	p.wantIn("#lost:not([hidden])", "正在重连")
	p.keys("#question", "还在吗"+kb.Enter)
	p.wantIn(".row.mine.unsent .text", "还在吗")
	first.command(t, "ticket claim", "-data", data, "-as", "后台", number)
	first.command(t, "ticket reply", "-data", data, "-as", "后台", number, "您好，我来帮您。")

	start(t, "-data", data, "-listen", strings.TrimPrefix(first.url, "http://"))
	p.want(agentsRow + `?.querySelector('.text').textContent === '您好，我来帮您。'`)
	p.wantNone("#lost:not([hidden])")
	p.js(`document.querySelector('.retry')?.click()`) // it was given up when the server was away for long
	p.wantNone(".row.mine.unsent")
	p.want(`[...document.querySelectorAll('.row.mine .text')].filter((text) => text.textContent === '还在吗').length === 1`)
	p.want(`document.querySelectorAll('.row.agent').length === 1`)
}

// testPolling: a page that is refused a stream polls, and sees what an agent says all the same.
func testPolling(t *testing.T, b *browser) {
	agent := b.agent(t, "后台")
	p := b.open(t, "/", phoneWide, phoneHigh)
	p.js(`{
		const real = window.fetch
		window.refused = 0
		window.fetch = (url, options) => {
			if (!String(url).includes('/events')) return real(url, options)
			window.refused += 1
			return Promise.resolve(new Response('{}', {status: 429}))
		}
	}`)
	p.say("转人工")
	p.wantIn(card+" .state", "等待客服")
	number := p.text(fmt.Sprintf(`document.querySelector(%s).textContent`, quoted(card+" strong")))
	agent.act(t, number, "claim", "")
	agent.act(t, number, "reply", "您好，我来帮您。")
	p.want(agentsRow + `?.querySelector('.text').textContent === '您好，我来帮您。'`)
	p.wantNone("#lost:not([hidden])")
	p.want(`window.refused === 1 && document.querySelectorAll('.row.agent').length === 1`)
}
