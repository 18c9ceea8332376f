package wechat_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/yingda/yingda/internal/standin/wechat"
)

// shop answers as a small shop would: what the page's players need to see something of every kind.
type shop struct {
	t       *testing.T
	server  *wechat.Server
	account wechat.Account
	kf      sync.Mutex
	cursor  string
	work    sync.WaitGroup
}

// incoming is what of a push the shop reads.
type incoming struct {
	From        string `xml:"FromUserName"`
	To          string `xml:"ToUserName"`
	MsgType     string
	Event       string
	Content     string
	Recognition string
	MenuID      string `xml:"bizmsgmenuid"`
	EventKey    string
	PicURL      string `xml:"PicUrl"`
	Label       string
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in incoming
	if err := xml.NewDecoder(r.Body).Decode(&in); err != nil {
		s.t.Error(err)
	}
	reply := func(text string) {
		_, _ = fmt.Fprintf(w, "<xml><ToUserName>%s</ToUserName><FromUserName>%s</FromUserName><CreateTime>%d</CreateTime>"+
			"<MsgType>text</MsgType><Content><![CDATA[%s]]></Content></xml>", in.From, in.To, time.Now().Unix(), text)
	}
	switch {
	case in.Event == "subscribe":
		reply("您好，这里是应答。机器有什么问题，直接说就行。")
	case in.Event == "SCAN":
		reply("认出机器了：" + in.EventKey)
	case in.Event == "CLICK":
		reply("菜单：" + in.EventKey)
	case in.MsgType == "image":
		reply("图片收到了，" + strconv.FormatBool(strings.HasPrefix(in.PicURL, "http://127.0.0.1:")))
	case in.MsgType == "voice":
		reply("您说的是：" + in.Recognition)
	case in.MsgType == "location":
		reply("您在" + in.Label)
	case in.MenuID != "":
		reply("选了 " + in.MenuID + "：" + in.Content)
	case in.Content == "故障":
		_, _ = io.WriteString(w, `{"error":"no"}`)
	case in.Content == "转人工":
		_, _ = io.WriteString(w, "success")
		s.work.Go(func() { s.handOver(in.From) })
	case in.MsgType == "text":
		reply("打印机不出票，先看看纸卷有没有装反：热敏面要朝外。")
	}
}

// handOver says by the API that a person comes, asks what about, and tells the group.
func (s *shop) handOver(openID string) {
	access := "?access_token=" + s.token()
	call(s.t, s.server, "POST", "/cgi-bin/message/custom/send"+access, map[string]any{
		"touser": openID, "msgtype": "msgmenu", "msgmenu": map[string]any{
			"head_content": "正在为您转接。是哪一类问题？", "tail_content": "也可以直接说。",
			"list": []any{map[string]any{"id": "printer", "content": "打印机"}, map[string]any{"id": "money", "content": "到账"}},
		},
	})
	call(s.t, s.server, "POST", "/cgi-bin/webhook/send?key=practice", map[string]any{
		"msgtype": "text", "text": map[string]any{"content": "新工单：打印机不出票", "mentioned_mobile_list": []string{"@all"}},
	})
	call(s.t, s.server, "POST", "/cgi-bin/message/custom/typing"+access, map[string]any{"touser": openID, "command": "Typing"})
}

func (s *shop) token() string {
	out := call(s.t, s.server, "POST", "/cgi-bin/stable_token", map[string]any{"grant_type": "client_credential", "appid": s.account.AppID, "secret": s.account.Secret})
	return out["access_token"].(string)
}

// service is the hook of 微信客服: it fetches what is new and answers each text.
func (s *shop) service(w http.ResponseWriter, _ *http.Request) {
	s.work.Go(func() {
		s.kf.Lock()
		defer s.kf.Unlock()
		access := "?access_token=" + corpToken(s.t, s.server)
		out := call(s.t, s.server, "POST", "/cgi-bin/kf/sync_msg"+access, map[string]any{"cursor": s.cursor})
		s.cursor, _ = out["next_cursor"].(string)
		list, _ := out["msg_list"].([]any)
		for _, item := range list {
			m := item.(map[string]any)
			if m["msgtype"] == "text" {
				call(s.t, s.server, "POST", "/cgi-bin/kf/send_msg"+access, map[string]any{
					"touser": m["external_userid"], "open_kfid": m["open_kfid"], "msgtype": "text", "text": map[string]any{"content": "客服机器人：请问是哪台机器？"},
				})
			}
		}
	})
}

// openShop starts a stand-in with its page and the shop that answers, and returns the page's address.
func openShop(t *testing.T) (*shop, string) {
	t.Helper()
	s := &shop{t: t, server: wechat.New(wechat.Config{Timeout: time.Second, Attempts: 2})}
	page := httptest.NewServer(s.server)
	hook := httptest.NewServer(s)
	service := httptest.NewServer(http.HandlerFunc(s.service))
	t.Cleanup(func() {
		s.server.Close() // ends the long polls, for which the page's server waits
		s.work.Wait()
		for _, server := range []*httptest.Server{page, hook, service} {
			server.CloseClientConnections()
			server.Close()
		}
	})
	p := wechat.DefaultPractice(page.URL, hook.URL, service.URL)
	p.Account.Mode, p.Corp.ID, p.Corp.Secret, p.RobotKey = wechat.Plain, corpID, secret, "practice"
	s.account = p.Account
	if _, err := s.server.Practise(p); err != nil {
		t.Fatal(err)
	}
	return s, page.URL
}

func TestPage(t *testing.T) {
	t.Parallel()
	_, address := openShop(t)
	p := openScreen(t, address, 1280, 860)
	p.want("header", "练习用的替身，不是微信")
	p.picture("empty")

	const chat = "#account .chat"
	p.click("#account .state")
	p.want(chat, "这里是应答")
	p.keys("#account textarea", "机器不出票"+kb.Enter)
	p.want(chat, "热敏面要朝外")
	p.want(chat, "被动回复")

	p.keys("#account textarea", "转人工"+kb.Enter)
	p.want(chat, "也可以直接说")
	p.want("#robot", "新工单：打印机不出票")
	p.want("#account .under", "对方正在输入")
	p.click("#account .bubble li:first-child button")
	p.want(chat, "选了 printer：打印机")

	p.click("#account .more")
	p.click("#account [data-tool=scan]")
	p.click(".ask .go")
	p.want(chat, "认出机器了：SN-N900-0001234")
	p.click("#account .more")
	p.click("#account [data-tool=voice]")
	p.keys(".ask input", "为什么还没到账")
	p.click(".ask .go")
	p.want(chat, "您说的是：为什么还没到账")
	p.click("#account .more")
	p.click("#account [data-tool=location]")
	p.click(".ask .go")
	p.want(chat, "您在深圳市南山区科技园")
	p.picture("account")

	p.keys("#account textarea", "故障"+kb.Enter)
	p.want(chat, wechat.Apology)
	p.want("#account .note", "第 2 次")
	p.click("#account .state")
	p.want("#account .state", "关注")

	p.click("#desk .state")
	p.keys("#desk textarea", "在吗"+kb.Enter)
	p.want("#desk .chat", "请问是哪台机器")
	p.picture("all")
}

func TestPageOnAPhone(t *testing.T) {
	t.Parallel()
	s, address := openShop(t)
	p := openScreen(t, address, 390, 844)
	p.click("#account .state")
	p.want("#account .chat", "这里是应答")
	call(t, s.server, "POST", "/cgi-bin/menu/create?access_token="+s.token(), map[string]any{"button": []any{
		map[string]any{"type": "click", "name": "常见问题", "key": "faq"},
		map[string]any{"name": "服务", "sub_button": []any{
			map[string]any{"type": "click", "name": "找人工", "key": "human"},
			map[string]any{"type": "view", "name": "使用指南", "url": "https://shop.example/guide"},
		}},
	}})
	p.want("#account .menu", "常见问题")
	p.do(chromedp.Evaluate[chromedp.Void]("performance.clearResourceTimings()"))
	release := p.press("#account .menu > div:first-child button")
	person, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.querySelector('#account .people').value"))
	if err != nil {
		t.Fatal(err)
	}
	call(t, s.server, "POST", "/cgi-bin/message/custom/send?access_token="+s.token(), map[string]any{
		"touser": person, "msgtype": "text", "text": map[string]any{"content": "还在吗"},
	})
	p.until("performance.getEntriesByType('resource').some((e) => e.name.includes('/play/state'))") // the page was told meanwhile
	release()
	p.want("#account .chat", "还在吗")
	p.want("#account .chat", "菜单：faq")
	p.click("#account .menu > div:last-child > button")
	p.click("#account .sub button")
	p.want("#account .chat", "菜单：human")
	picture := filepath.Join(t.TempDir(), "receipt.png")
	if err := os.WriteFile(picture, receipt(t), 0o600); err != nil {
		t.Fatal(err)
	}
	p.click("#account .more")
	p.picture("phone-tools")
	p.do(chromedp.SetUploadFiles(chromedp.CSS("#account [type=file]"), []string{picture}))
	p.want("#account .chat", "图片收到了，true")
	p.picture("phone")
	p.click("#tab-desk")
	p.click("#desk .state")
	p.keys("#desk textarea", "在吗"+kb.Enter)
	p.want("#desk .chat", "请问是哪台机器")
	p.picture("phone-desk")

	p.do(chromedp.Evaluate[chromedp.Void](`{
		const people = document.querySelector('#desk .people');
		people.value = '';
		people.dispatchEvent(new Event('change'));
	}`))
	p.want("#desk .chat", "还没有消息")
	p.keys("#desk textarea", "我是另一个人"+kb.Enter)
	p.want("#desk .chat", "请问是哪台机器")
}

func TestPlayRefusals(t *testing.T) {
	t.Parallel()
	s, _ := openShop(t)
	for _, tt := range []struct {
		name, path, kind, body string
		want                   int
	}{
		{"a form of another page", "follower", "text/plain", `{"account":"wx0000practice0000","person":"a","do":"follow"}`, 400},
		{"an unknown account", "follower", "application/json", `{"account":"wx0","person":"a","do":"follow"}`, 404},
		{"nobody", "follower", "application/json", `{"account":"wx0000practice0000","do":"follow"}`, 404},
		{"an unknown action", "follower", "application/json", `{"account":"wx0000practice0000","person":"a","do":"fly"}`, 400},
		{"an unknown field", "follower", "application/json", `{"secret":"a"}`, 400},
		{"an unknown desk", "customer", "application/json", `{"account":"wk0","person":"a","do":"say"}`, 404},
		{"an action of the other", "customer", "application/json", `{"account":"wkPractice0000000000000000000001","person":"a","do":"follow"}`, 400},
	} {
		req := httptest.NewRequestWithContext(t.Context(), "POST", "/play/"+tt.path, strings.NewReader(tt.body))
		req.Header.Set("Content-Type", tt.kind)
		w := httptest.NewRecorder()
		s.server.ServeHTTP(w, req)
		if w.Code != tt.want || !strings.Contains(w.Body.String(), "fault") {
			t.Errorf("%s: %d %s, want %d", tt.name, w.Code, w.Body, tt.want)
		}
	}
}

// receipt returns a small picture.
func receipt(t *testing.T) []byte {
	t.Helper()
	paper := image.NewRGBA(image.Rect(0, 0, 160, 220))
	for i := range paper.Pix {
		paper.Pix[i] = 0xf4
	}
	var out bytes.Buffer
	if err := png.Encode(&out, paper); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
