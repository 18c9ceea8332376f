package telegram_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/yingda/yingda/internal/standin/telegram"
)

// tab is the page in a real browser. It must have thrown nothing and complained of nothing when its test ends.
type tab struct {
	t   *testing.T
	ctx context.Context
	url string
}

// openTab shows the page of a stand-in.
func openTab(t *testing.T, s *telegram.Server) *tab {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("this test drives a real browser: run `make test`, which installs one, or set CHROMIUM: %v", err)
	}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	t.Cleanup(s.Close) // before: it ends the stream of events
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()),
	}
	for _, name := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage"} {
		options = append(options, chromedp.Flag(name, true))
	}
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}), chromedp.WithListener(func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("exception: %s %v", ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception)
		case *runtime.EventConsoleAPICalled:
			t.Errorf("console.%s", ev.Type)
		}
	}))
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // and waits: its folder is removed next
			t.Error(err)
		}
		stop()
	})
	return &tab{t, ctx, web.URL}
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// open shows an address, as somebody with a window of that size.
func (p *tab) open(width, height int64, hash string) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height), chromedp.Navigate("about:blank"), chromedp.Navigate(p.url+"/"+hash))
}

func (p *tab) js(statement string) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](statement))
}

// click clicks an element, again where the page was drawn anew between finding it and clicking.
func (p *tab) click(selector string) {
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
func (p *tab) press(selector string) (release func()) {
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

// patience is how long a busy machine may take.
const patience = 2 * time.Minute

func (p *tab) keys(selector, text string) {
	p.t.Helper()
	p.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// want waits until a condition holds on the page.
func (p *tab) want(condition string) {
	p.t.Helper()
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("Boolean("+condition+")")); err == nil && ok {
			return
		}
	}
	text, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText"))
	p.t.Fatalf("not so: %s\non the page (%v): %s", condition, err, text)
}

// shows waits until an element has a text in it.
func (p *tab) shows(selector, text string) {
	p.t.Helper()
	p.want(fmt.Sprintf("[...document.querySelectorAll(%q)].some((e) => e.textContent.includes(%q))", selector, text))
}

// TestPage plays a customer at a desk and an agent at a phone, both by hand.
func TestPage(t *testing.T) {
	s := stand(t, off())
	p := openTab(t, s)
	private := telegram.Place{Chat: stranger}

	p.open(1100, 760, fmt.Sprintf("#%d/%d/%d/0", stranger, botID, stranger))
	p.shows(".notice", "练习用的替身，不是Telegram")
	p.shows(".wall", "开始")
	p.keys(".scan input", "N900123456"+kb.Enter)
	p.shows(".mine .text", "/start N900123456")

	id := sent(t, s, "sendMessage", `chat_id=1003&parse_mode=HTML&text=你好，<b>哪一台</b>？&reply_markup={"inline_keyboard":[[{"text":"甲","callback_data":"a"},{"text":"乙","callback_data":"b"}]]}`)
	p.shows(".message strong", "哪一台")
	drain(t, s)
	p.click(".key:last-of-type")
	p.want(`document.querySelector('.key:last-of-type').ariaBusy === 'true'`)
	query := updates(t, s, "")[0].Callback
	if query.Data != "b" {
		t.Errorf("the button said %q", query.Data)
	}
	ask(t, s, "answerCallbackQuery", "callback_query_id="+query.ID+"&text=好的")
	p.shows(".toast.shows", "好的")
	ask(t, s, "editMessageText", fmt.Sprintf("chat_id=1003&message_id=%d&text=选了乙", id))
	p.shows(".text", "选了乙")
	p.want(`!document.querySelector('.key')`)
	ask(t, s, "sendChatAction", "chat_id=1003&action=typing")
	p.shows(".typing", "正在输入")

	sent(t, s, "sendMessage", "chat_id=1003&parse_mode=HTML&text=<blockquote expandable>很长的话</blockquote>转人工：/human")
	p.click(".text summary")
	p.click(".message:not(.mine) .command")
	p.shows(".mine .text", "/human")

	p.keys(".compose textarea", "机器坏了"+kb.Enter)
	p.shows(".mine .text", "机器坏了")
	p.click(".mine:last-of-type .more")
	p.js(`[...document.querySelectorAll('.mine:last-of-type .tools button')].find((b) => b.textContent === '编辑').click()`)
	p.keys(".compose textarea", "，不开机"+kb.Enter)
	p.shows(".mine .text", "机器坏了，不开机")
	p.shows(".mine .meta", "已编辑")
	file := filepath.Join(t.TempDir(), "a.jpg")
	must(t, os.WriteFile(file, picture(t, 640, 480), 0o600))
	p.do(chromedp.SetUploadFiles(chromedp.CSS(".attach input"), []string{file}))
	p.want(`document.querySelector('.mine .photo')?.naturalWidth === 640`)

	release := p.press(".acts button")
	p.js("performance.clearResourceTimings()")
	sent(t, s, "sendMessage", "chat_id=1003&text=还有什么要帮忙的")
	p.want(`performance.getEntriesByType('resource').some((e) => e.name.includes('/play/chat'))`) // the page was told meanwhile
	release()
	p.shows(".wall", "你停用了这个机器人")
	if a := ask(t, s, "sendMessage", "chat_id=1003&text=x"); a.Code != 403 {
		t.Errorf("the blocked bot could send: %+v", a)
	}
	p.click(".wall button")
	p.want(`document.querySelector('.wall').hidden`)
	if n := len(s.Messages(private)); n != 7 {
		t.Errorf("%d messages in the chat, want 7", n)
	}
	t.Run("agent", func(t *testing.T) { p.t = t; agentPage(t, s, p) })
}

// agentPage plays an agent at a phone.
func agentPage(t *testing.T, s *telegram.Server, p *tab) {
	topic := sent(t, s, "createForumTopic", "chat_id=-1000000000500&name=陌生人")
	thread := "chat_id=-1000000000500&message_thread_id=" + strconv.Itoa(topic)
	card := sent(t, s, "sendMessage", thread+"&text=序列号 N900123456")
	ask(t, s, "pinChatMessage", thread+"&message_id="+strconv.Itoa(card))

	p.open(390, 844, fmt.Sprintf("#%d/0/0/0", agent))
	p.want(`getComputedStyle(document.querySelector('.chat')).display === 'none'`)
	p.shows(".chats a", "General")
	p.js(`[...document.querySelectorAll('.chats a')].find((a) => a.textContent.includes('陌生人')).click()`)
	p.shows(".pinned", "序列号 N900123456")
	p.shows(".event", "新建了话题“陌生人”")
	p.want(`getComputedStyle(document.querySelector('.side')).display === 'none'`)
	p.want(`document.documentElement.scrollWidth <= 390`)
	p.keys(".compose textarea", "您好"+kb.Enter)
	p.shows(".mine .text", "您好")
	in := telegram.Place{Chat: forum, Thread: topic}
	if m := s.Messages(in); m[len(m)-1].Text != "您好" || m[len(m)-1].From != agent {
		t.Errorf("the topic holds %+v", m)
	}
	p.js(`window.confirm = () => true`)
	p.click(".acts button:last-of-type")
	p.shows(".wall", "这个话题已被删除")
	if len(s.Topics(forum)) != 0 {
		t.Error("the topic is there")
	}
	p.click(".back")
	p.want(`!document.querySelector('.chats').textContent.includes('陌生人')`)
}
