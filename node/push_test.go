package node

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/yingda/yingda/internal/standin/wechat"
)

const wechatHead = "<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName><FromUserName><![CDATA[o1]]></FromUserName><CreateTime>1764000000</CreateTime>"

// wechatPush is a message as WeChat would push it; id "" is for events.
func wechatPush(rest, id string) string {
	if id != "" {
		rest += "<MsgId>" + id + "</MsgId>"
	}
	return wechatHead + rest + "</xml>"
}

// hostile are the fields of a push with what a stranger may put there.
func hostile() (all []string) {
	for i, bad := range []string{"<![CDATA[手续费\x01\x1f多少]]>", "<![CDATA[a\ufffe]]>", "<![CDATA[a]]>b]]>", "<![CDATA[\xe6\x89\x8b\xe7]]>", "a&#29;b", "<![CDATA[\x02]]>", ""} {
		for j, rest := range []string{
			"<MsgType>text</MsgType><Content>%s</Content>",
			"<MsgType>voice</MsgType><Recognition>%s</Recognition>",
			"<MsgType>location</MsgType><Label>%s</Label>",
			"<MsgType>link</MsgType><Title>%s</Title><Url>http://x</Url>",
			"<MsgType>event</MsgType><Event>CLICK</Event><EventKey>%s</EventKey>",
			"<MsgType>event</MsgType><Event>SCAN</Event><EventKey>%s</EventKey>",
			"<MsgType>event</MsgType><Event>subscribe</Event><EventKey>%s</EventKey>",
		} {
			id := fmt.Sprint(100*i + j)
			if j > 3 {
				id = ""
			}
			all = append(all, wechatPush(fmt.Sprintf(rest, bad), id))
		}
	}
	return append(all,
		wechatPush("<MsgType>text</MsgType><Content><![CDATA[a]]></Content><FromUserName>o2</FromUserName><Content><![CDATA[b]]></Content>", "801"),
		wechatPush("<MsgType>location</MsgType><Location_X>1e999</Location_X><Location_Y>x</Location_Y>", "802"),
		wechatPush("<MsgType>file</MsgType><Title>对账单.xlsx</Title><FileTotalLen>-1</FileTotalLen>", "803"),
	)
}

// TestHostilePushes: whatever a customer's telephone makes WeChat push is taken and answered, in all three modes.
func TestHostilePushes(t *testing.T) {
	for name, mode := range map[string]wechat.Mode{"plain": wechat.Plain, "compatible": wechat.Compatible, "safe": wechat.Safe} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := wire(t, mode)
			for _, body := range hostile() {
				r, err := w.official.Request(t.Context(), "o1", []byte(body))
				if err != nil {
					t.Fatal(err)
				}
				answer := httptest.NewRecorder()
				w.handler.ServeHTTP(answer, r)
				if answer.Code != http.StatusOK || !bytes.HasPrefix(answer.Body.Bytes(), []byte("<xml>")) {
					t.Errorf("%d %q to %q", answer.Code, answer.Body, body)
				}
			}
			r, err := w.corp.Request(t.Context(), []byte("<xml><Event>kf_msg_or_event</Event><Token><![CDATA[a\x01]]>b]]></Token><OpenKfId>wk1</OpenKfId></xml>"))
			if err != nil {
				t.Fatal(err)
			}
			answer := httptest.NewRecorder()
			if w.handler.ServeHTTP(answer, r); answer.Code != http.StatusOK {
				t.Errorf("%d to a callback of 微信客服", answer.Code)
			}
			if n := w.panics(t); n > 0 {
				t.Errorf("%v panics:\n%s", n, w.log)
			}
		})
	}
}

// TestOneIDForTwo: two people's messages of one MsgId are two, and neither is told what was said to the other.
func TestOneIDForTwo(t *testing.T) {
	w := wire(t, wechat.Plain)
	for _, one := range []struct{ who, says string }{{"o1", "转人工"}, {"o2", "你好"}} {
		r, err := w.official.Request(t.Context(), "o1", bytes.Replace([]byte(wechatPush("<MsgType>text</MsgType><Content>"+one.says+"</Content>", "7")), []byte("o1"), []byte(one.who), 1))
		if err != nil {
			t.Fatal(err)
		}
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, r)
		if !bytes.Contains(answer.Body.Bytes(), []byte("<ToUserName><![CDATA["+one.who)) {
			t.Errorf("%s is told %s", one.who, answer.Body)
		}
		if n := w.entries(t, "wechat", one.who); n != 1 {
			t.Errorf("%s: %d messages are kept", one.who, n)
		}
	}
}

// TestRefusedCalls: strangers who call the hooks are counted, and do not fill the log.
func TestRefusedCalls(t *testing.T) {
	w := wire(t, wechat.Safe)
	const calls = 50
	for range calls {
		for _, hook := range []string{"telegram", "wechat", "wechat-kf"} {
			answer := httptest.NewRecorder()
			w.handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hooks/"+hook+"/default", strings.NewReader("<xml><Encrypt>a</Encrypt></xml>")))
			if answer.Code != http.StatusForbidden && answer.Code != http.StatusUnauthorized {
				t.Errorf("%s: %d", hook, answer.Code)
			}
		}
	}
	if n := strings.Count(w.log.String(), "a call of a hook was refused"); n < 3 || n > 6 { // two minutes of a slow machine
		t.Errorf("%d lines:\n%s", n, w.log)
	}
	counted := httptest.NewRecorder()
	w.handler.ServeHTTP(counted, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	for _, line := range []string{`{channel="telegram",status="401"}`, `{channel="wechat",status="403"}`, `{channel="wechat-kf",status="403"}`} {
		if want := fmt.Sprint("yingda_hook_rejections_total", line, " ", calls); !strings.Contains(counted.Body.String(), want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}
