package wechat_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/chat/wechat"
)

// FuzzCallback brings anything to the hook: it never panics, says 200 to nothing that is not genuine, and
// keeps its memory.
func FuzzCallback(f *testing.F) {
	plain, safe := forgetful(f, ""), forgetful(f, aesKey)
	message := "<xml><ToUserName>" + ghID + "</ToUserName><FromUserName>o1</FromUserName><CreateTime>1764000000</CreateTime>"
	f.Add("POST", "signature=1", []byte(message+"<MsgType>text</MsgType><Content>在吗</Content><MsgId>1</MsgId></xml>"), true, false)
	f.Add("POST", "", []byte(message+"<MsgType>event</MsgType><Event>SCAN</Event><EventKey>N5300012345</EventKey></xml>"), true, false)
	f.Add("POST", "", []byte(message+"<MsgType>image</MsgType><PicUrl>http://127.0.0.1</PicUrl></xml>"), true, false)
	f.Add("POST", "msg_signature=1&timestamp=2&nonce=3", []byte("<xml><Encrypt>abc</Encrypt></xml>"), false, true)
	f.Add("GET", "echostr=1", []byte{}, true, false)
	f.Fuzz(func(t *testing.T, method, query string, body []byte, genuine, encrypted bool) {
		if !validMethod(method) {
			return
		}
		h := plain
		if encrypted {
			h = safe
		}
		values, _ := url.ParseQuery(query)
		if genuine {
			for k, v := range signed(time.Now()) {
				values[k] = v
			}
		}
		r := httptest.NewRequestWithContext(t.Context(), method, "/hooks/wechat/default", bytes.NewReader(body))
		r.URL.RawQuery = values.Encode()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch {
		case w.Code == 200 && !genuine, w.Code >= 500, w.Code == 200 && encrypted && method == "POST":
			t.Fatalf("%d to %s %q %q", w.Code, method, query, body)
		case w.Code == 200 && method == "POST" && w.Body.String() != "success" && !strings.HasPrefix(w.Body.String(), "<xml>"):
			t.Fatalf("%q", w.Body)
		}
	})
}

func validMethod(method string) bool { return method == "GET" || method == "POST" || method == "PUT" }

// forgetful is a hook behind which nothing is kept, so that millions of messages fit.
func forgetful(t testing.TB, key string) http.Handler {
	t.Helper()
	c, err := wechat.New(wechat.Config{
		Accounts: []wechat.Account{{Name: "default", AppID: appID, Secret: secret, Token: token, AESKey: key}},
		Inbox:    nothing{}, Outbox: nothing{}, KV: nothing{}, Transport: broken{},
	})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := c.Hook("default")
	return h
}

// nothing keeps nothing and says nothing.
type nothing struct{}

func (nothing) Deliver(context.Context, chat.OpenRequest, chat.Message) (chat.Receipt, error) {
	return chat.Receipt{}, nil
}
func (nothing) Forget(context.Context, string, string, string) error { return nil }
func (nothing) LeaseLane(context.Context, string, int64, time.Duration) ([]chat.Sending, error) {
	return nil, nil
}
func (nothing) Settle(context.Context, int64, chat.Settlement) error { return nil }
func (nothing) GetKV(context.Context, string) ([]byte, error)        { return nil, chat.ErrNotFound }
func (nothing) SetKV(context.Context, ...chat.KV) error              { return nil }
func (nothing) ClaimKV(_ context.Context, m chat.KV) ([]byte, error) {
	return m.Value, nil
}
