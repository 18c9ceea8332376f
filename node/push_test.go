package node

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/yingda/yingda/internal/standin/telegram"
	"github.com/yingda/yingda/internal/standin/wechat"
)

// pushes are the hooks of one node, with the requests that their hosts sign whatever they hold.
func pushes(t testing.TB, mode wechat.Mode) (w *wired, kinds []func(ctx context.Context, body []byte) (*http.Request, error)) {
	t.Helper()
	w = wire(t, mode, true, OpenStore)
	t.Cleanup(func() { w.finish(t) })
	return w, []func(context.Context, []byte) (*http.Request, error){
		func(ctx context.Context, body []byte) (*http.Request, error) {
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/hooks/telegram/default", bytes.NewReader(body))
			r.Header.Set("X-Telegram-Bot-Api-Secret-Token", "push-secret-0123456789")
			return r, nil
		},
		func(ctx context.Context, body []byte) (*http.Request, error) {
			return w.official.Request(ctx, "o1", body)
		},
		func(ctx context.Context, body []byte) (*http.Request, error) { return w.corp.Request(ctx, body) },
	}
}

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
	return all
}

// TestHostilePushes: whatever a customer's telephone makes WeChat push is taken and answered, in all three modes.
func TestHostilePushes(t *testing.T) {
	for name, mode := range map[string]wechat.Mode{"plain": wechat.Plain, "compatible": wechat.Compatible, "safe": wechat.Safe} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, kinds := pushes(t, mode)
			for _, body := range hostile() {
				r, err := kinds[1](t.Context(), []byte(body))
				if err != nil {
					t.Fatal(err)
				}
				answer := httptest.NewRecorder()
				w.handler.ServeHTTP(answer, r)
				if answer.Code != http.StatusOK || !bytes.HasPrefix(answer.Body.Bytes(), []byte("<xml>")) {
					t.Errorf("%d %q to %q", answer.Code, answer.Body, body)
				}
			}
			r, err := kinds[2](t.Context(), []byte("<xml><Event>kf_msg_or_event</Event><Token><![CDATA[a\x01]]>b]]></Token><OpenKfId>wk1</OpenKfId></xml>"))
			if err != nil {
				t.Fatal(err)
			}
			answer := httptest.NewRecorder()
			if w.handler.ServeHTTP(answer, r); answer.Code != http.StatusOK {
				t.Errorf("%d to a callback of 微信客服", answer.Code)
			}
			if n := w.panics(t, ""); n > 0 {
				t.Errorf("%v panics:\n%s", n, w.log)
			}
		})
	}
}

// TestOneIDForTwo: two people's messages of one MsgId are two, and neither is told what was said to the other.
func TestOneIDForTwo(t *testing.T) {
	w, kinds := pushes(t, wechat.Plain)
	for _, one := range []struct{ who, says string }{{"o1", "转人工"}, {"o2", "你好"}} {
		r, err := kinds[1](t.Context(), bytes.Replace([]byte(wechatPush("<MsgType>text</MsgType><Content>"+one.says+"</Content>", "7")), []byte("o1"), []byte(one.who), 1))
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

// FuzzPush brings anything, well signed, to the hooks of a whole node on SQLite: nothing panics, and no host is told that
// the server failed.
func FuzzPush(f *testing.F) {
	w, kinds := pushes(f, wechat.Safe)
	for _, body := range hostile() {
		f.Add(uint8(1), []byte(body))
	}
	for i, update := range []string{
		`{"message_id":1,"date":1764000000,"chat":{"id":1001,"type":"private"},"from":{"id":1001,"first_name":"顾"},"text":"手续费是多少"}`,
		`{"message_id":2,"date":1764000000,"chat":{"id":1001,"type":"private"},"from":{"id":1001},"voice":{"file_id":"x"},"caption":"a"}`,
		`{"message_id":3,"date":1764000000,"chat":{"id":-1001000000001,"type":"supergroup"},"from":{"id":2001,"first_name":"a"},"text":"/tickets"}`,
		`{"message_id":4,"date":0,"chat":{"id":1001,"type":"private"},"from":{"id":1001},"sticker":{},"entities":[{"type":"mention","offset":-1,"length":99}],"text":"😀"}`,
		`{"message_id":5}`, `null`,
	} {
		f.Add(uint8(0), fmt.Appendf(nil, `{"update_id":%d,"message":%s}`, i+1, update))
		f.Add(uint8(0), fmt.Appendf(nil, `{"update_id":%d,"edited_message":%s}`, i+100, update))
		f.Add(uint8(0), fmt.Appendf(nil, `{"update_id":%d,"callback_query":{"id":"1","from":{"id":1001},"message":%s,"data":"x"}}`, i+200, update))
	}
	for i, k := range telegram.Kinds() {
		for _, to := range []string{`{"id":1001,"type":"private"}`, `{"id":-1001000000001,"type":"supergroup"},"message_thread_id":7,"is_topic_message":true`} {
			fields, err := json.Marshal(k.Fields)
			if err != nil {
				f.Fatal(err)
			}
			rest := append([]byte(","), bytes.TrimPrefix(fields, []byte("{"))...)
			f.Add(uint8(0), fmt.Appendf(nil, `{"update_id":%d,"message":{"message_id":%d,"date":1764000000,"chat":%s,"from":{"id":1001,"first_name":"顾"}%s}`, i+300, i+300, to, rest))
			f.Add(uint8(0), fmt.Appendf(nil, `{"update_id":%d,"edited_message":{"message_id":%d,"date":1764000000,"chat":%s,"from":{"id":1001},"caption":"看","caption_entities":[{"type":"text_link","offset":0,"length":1,"url":"http://a"}]%s}`, i+500, i+300, to, rest))
		}
	}
	f.Add(uint8(2), []byte("<xml><Event>kf_msg_or_event</Event><Token>t</Token><OpenKfId>wk1</OpenKfId></xml>"))
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		r, err := kinds[int(kind)%len(kinds)](t.Context(), body)
		if err != nil {
			return
		}
		before := w.panics(t, "")
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, r)
		if answer.Code >= http.StatusInternalServerError || w.panics(t, "") > before {
			t.Fatalf("%d to %q\n%s", answer.Code, body, w.log)
		}
	})
}
