package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// testTooLong: a text beyond the limit stays whole, is not sent, and the page says how much is too much.
func testTooLong(t *testing.T, b *browser) {
	p := b.open(t, "/?q="+strings.Repeat("a", 1003), wide, high) // as pasted, or linked to
	p.wantIn("#over", "1003 字")
	p.want(`question.value.length === 1003 && document.querySelector('.send').disabled`)
	p.keys("#question", kb.Enter)
	p.wantNone(".row.mine")
	p.js(`question.value = '😀'.repeat(1000); question.dispatchEvent(new Event('input'))`)
	p.want(`over.textContent === '' && !document.querySelector('.send').disabled`)
}

// testLinks: web addresses and telephone numbers of an agent can be tapped, and nothing else becomes a link.
func testLinks(t *testing.T, b *browser) {
	agent := b.agent(t, "链接")
	p, number := b.withTicket(t)
	agent.act(t, number, "claim", "")
	for _, tt := range []struct {
		says  string
		links []string // "text → address"
	}{
		{"请看https://example.com/a?b=1。再打95516或400-820-8820！", []string{"https://example.com/a?b=1 → https://example.com/a?b=1", "95516 → tel:95516", "400-820-8820 → tel:4008208820"}},
		{"座机 010-65543210，(0571)87654321，反诈96110", []string{"010-65543210 → tel:01065543210", "(0571)87654321 → tel:057187654321", "96110 → tel:96110"}},
		{"http://例子.测试/路径", []string{"http://例子.测试/路径 → http://xn--fsqu00a.xn--0zwm56d/%E8%B7%AF%E5%BE%84"}},
		{"javascript:alert(1) data:text/html,x https:// 金额95000元 单号8481000581200011 1124-7K3F 138****5678 v9551.6", nil},
		{`https://example.com/"onmouseover="x`, []string{"https://example.com/ → https://example.com/"}},
	} {
		agent.act(t, number, "reply", tt.says)
		p.want(agentsRow + `?.querySelector('.text').textContent === ` + quoted(tt.says))
		got := p.text(`[...` + agentsRow + `.querySelectorAll('.text a')].map((a) => a.textContent + ' → ' + a.href).join('\n')`)
		if got != strings.Join(tt.links, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", tt.says, got, strings.Join(tt.links, "\n"))
		}
	}
	p.want(`[...document.querySelectorAll('.row.agent a[href^="http"]')].every((a) => a.target === '_blank' && a.rel.includes('noopener'))`)
}

// testReadAloud follows what a screen reader is told of the log: everything once, and nothing again.
func testReadAloud(t *testing.T, b *browser) {
	agent := b.agent(t, "朗读")
	p := b.open(t, "/", wide, high)
	p.js(`{
		window.told = []
		const quiet = (node) => node.closest('[aria-live="off"], [aria-hidden="true"], [hidden]')
		new MutationObserver((changes) => {
			for (const node of changes.flatMap(({addedNodes}) => [...addedNodes])) {
				if (node.nodeType === 1 && !quiet(node)) window.told.push(node.textContent)
			}
		}).observe(log, {childList: true, subtree: true})
	}`)
	told := func(words string, times int) {
		t.Helper()
		p.want(fmt.Sprintf(`window.told.filter((text) => text.includes(%s)).length === %d`, quoted(words), times))
	}
	p.say("跳商户怎么办")
	told("您说：跳商户怎么办", 1)
	told("应答说：", 1)
	p.click(lastRow + " .feedback button:first-of-type")
	p.wantIn(lastRow+" .outcome", "谢谢")
	p.want(`document.activeElement.className === 'outcome'`) // which is how that is read
	told("应答说：", 1)
	p.say("转人工")
	p.tap("直接转人工")
	number := p.number()
	agent.act(t, number, "claim", "")
	agent.act(t, number, "reply", "您好，我来帮您。")
	told("客服说：您好，我来帮您。", 1)
	p.wantIn(card+" .state", "客服处理中")
	p.want(`document.querySelectorAll('#log [aria-live]:not([aria-live="off"]), #log [role="status"], #log [role="alert"]').length === 0`)

	p.do(chromedp.Reload()) // what was read is not read again
	p.want(agentsRow + ` && [...document.querySelectorAll('#log > .row:not(#welcome), #log > .stamp.time')].every((row) => row.getAttribute('aria-live') === 'off')`)
}

// testContrast computes the contrast of a message that is on its way, as it is shown in both colour schemes.
func testContrast(t *testing.T, b *browser) {
	for _, scheme := range []string{"light", "dark"} {
		p := b.open(t, "/", phoneWide, phoneHigh)
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		p.js(`window.fetch = () => new Promise(() => {})`) // no answer ever comes
		p.keys("#question", "跳商户怎么办"+kb.Enter)
		const bubble = `document.querySelector('.row.mine.unsent .bubble')`
		p.want(bubble + `?.getAnimations().every(({playState}) => playState === 'finished')`)
		p.js(`{
			const channels = (colour) => colour.match(/[\d.]+/g).map(Number)
			const isSeen = (colour) => channels(colour)[3] !== 0
			const light = (colour) => channels(colour).slice(0, 3).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
				.reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
			const own = getComputedStyle(` + bubble + `)
			let behind = ` + bubble + `.parentElement
			while (behind.parentElement && !isSeen(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement
			const page = channels(getComputedStyle(behind).backgroundColor)
			const shown = (colour) => 'rgb(' + channels(colour).slice(0, 3).map((c, i) => c * own.opacity + page[i] * (1 - own.opacity)).join(' ') + ')'
			const [dark, bright] = [own.color, own.backgroundColor].map((colour) => light(shown(colour))).sort((a, b) => a - b)
			window.contrast = (bright + 0.05) / (dark + 0.05)
			window.faded = own.opacity < 1
		}`)
		p.want(`window.faded && window.contrast > 1`)
		if got := p.text(`window.contrast.toFixed(2)`); p.text(`String(window.contrast >= 4.5)`) != "true" {
			t.Errorf("%s: the contrast of an unsent message is %s, want 4.5", scheme, got)
		}
	}
}
