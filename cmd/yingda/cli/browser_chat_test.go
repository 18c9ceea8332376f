package cli

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func testAnswers(t *testing.T, b *browser) {
	p := b.open(t, "/", wide, high)
	for _, tt := range []struct{ in, source, text string }{
		{"跳商户怎么办", "jump-what-to-do", "收单机构"},
		{"费绿多少啊现在", "fee-basic-rates", "费率"},
		{"刷出來的商戶名字不是我的店 正常嗎", "jump-normal-or-not", "正常"},
		{"报05什么意思", "txn-response-code", "不予承兑"},
		{"今天成都会下雨吗", "", "不敢乱答"},
		{"zhuan rengong", "", "转给客服之前"},
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
	p.wantIn(lastRow+" .text", "转给客服之前")
	p.want(`[...document.querySelectorAll('.row.mine .text')].at(-1).textContent === '转人工'`)

	p = b.open(t, "/", wide, high)
	p.say("今天成都会下雨吗")
	number := p.text(fmt.Sprintf(`String(document.querySelectorAll(%s).length)`, quoted(lastRow+" .options button")))
	p.say(number)
	p.wantIn(lastRow+" .text", "已转给人工客服")
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

	p = b.open(t, "/guide", wide, high)
	p.keys("#words", attack)
	p.want(`state.textContent && !instead.hidden`)
	p.want(`!window.hit && !document.querySelector('#main :is(script, img)')`)

	p = b.open(t, "/lookup", wide, high)
	p.keys("#search", attack)
	p.wantIn("#state", "<script>")
	p.want(`!window.hit && !document.querySelector('.desk :is(script, img)')`)
}

// testReload: a reload finds the conversation and its ratings again, another browser does not see it, 清空 forgets it.
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
	p.excuse("400") // the browser's own note of it
	p.say("你好")
	p.wantIn(lastRow+".error .text", "空字符")
}
