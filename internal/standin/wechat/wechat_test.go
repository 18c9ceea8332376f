package wechat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/yingda/yingda/internal/standin/wechat"
)

const (
	appID   = "wx5823bf96d3bd56c7"
	secret  = "an app secret"
	token   = "AAAAA"
	aesKey  = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	ghID    = "gh_97417a04a28d"
	openID  = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
	corpID  = "ww1436e0e65a779aee"
	deskID  = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q"
	person  = "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw"
	kfKey   = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
	apiHost = "https://api.weixin.qq.com"
)

// call calls the stand-in's API and returns the JSON of the answer. A body that is no []byte is sent as JSON.
func call(t *testing.T, s http.Handler, method, path string, body any) map[string]any {
	t.Helper()
	return decoded(t, request(t, s, method, path, body))
}

func decoded(t *testing.T, raw []byte) (out map[string]any) {
	t.Helper()
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("%q is no JSON", raw)
	}
	return out
}

func request(t *testing.T, s http.Handler, method, path string, body any) []byte {
	t.Helper()
	raw, isRaw := body.([]byte)
	if body != nil && !isRaw {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(body); err != nil {
			t.Fatal(err)
		}
		raw = b.Bytes()
	}
	req := httptest.NewRequestWithContext(t.Context(), method, path, bytes.NewReader(raw))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		t.Fatalf("%s answers with status %d", path, w.Code)
	}
	return w.Body.Bytes()
}

// accessToken fetches a token of the account.
func accessToken(t *testing.T, s http.Handler) string {
	t.Helper()
	out := call(t, s, "POST", "/cgi-bin/stable_token", map[string]any{"grant_type": "client_credential", "appid": appID, "secret": secret})
	got, _ := out["access_token"].(string)
	if got == "" {
		t.Fatalf("stable_token answers %v", out)
	}
	return got
}

// code returns the errcode of an answer, 0 when there is none.
func code(out map[string]any) int {
	n, _ := out["errcode"].(float64)
	return int(n)
}

// newAccount starts a stand-in with one account, whose hook is the handler.
func newAccount(t *testing.T, cfg wechat.Config, account wechat.Account, hook http.Handler) (*wechat.Server, *wechat.OfficialAccount) {
	t.Helper()
	cfg.Client = &http.Client{Transport: wechat.Direct(hook)}
	s := wechat.New(cfg)
	t.Cleanup(s.Close)
	account.AppID, account.Secret, account.Token, account.OriginalID = appID, secret, token, ghID
	account.Hook = "https://shop.example/hooks/wechat/default"
	if account.Mode != wechat.Plain {
		account.AESKey = aesKey
	}
	a, err := s.AddAccount(account)
	if err != nil {
		t.Fatal(err)
	}
	return s, a
}

// follower returns a person who follows the account and is not told anything about it.
func follower(t *testing.T, a *wechat.OfficialAccount) *wechat.Follower {
	t.Helper()
	f := a.Follower(openID)
	if d := f.Subscribe(t.Context(), ""); !d.OK() {
		t.Fatal(d.Fault)
	}
	return f
}

// replying is a hook that answers with what is given.
func replying(answer string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "CDATA[event]") {
			return
		}
		_, _ = io.WriteString(w, answer)
	})
}

func text(content string) string {
	return fmt.Sprintf("<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName><![CDATA[%s]]></FromUserName><CreateTime>1764000000</CreateTime>"+
		"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[%s]]></Content></xml>", openID, ghID, content)
}

func TestPassiveReply(t *testing.T) {
	_, a := newAccount(t, wechat.Config{}, wechat.Account{}, replying(text("请换一台打印机")))
	d := follower(t, a).Say(t.Context(), "打印机坏了")
	if !d.OK() || len(d.Attempts) != 1 || len(d.Seen) != 1 || d.Seen[0].Text != "请换一台打印机" || d.Seen[0].Via != wechat.Passive {
		t.Errorf("the delivery is %+v", d)
	}
}

func TestCustomSend(t *testing.T) {
	s, a := newAccount(t, wechat.Config{}, wechat.Account{Certified: true}, replying("success"))
	f := follower(t, a)
	f.Say(t.Context(), "在吗")
	path := "/cgi-bin/message/custom/send?access_token=" + accessToken(t, s)
	out := call(t, s, "POST", path, map[string]any{"touser": openID, "msgtype": "text", "text": map[string]any{"content": "在的"}})
	if code(out) != 0 {
		t.Fatalf("it answers %v", out)
	}
	seen, err := f.Wait(context.Background(), 1)
	if err != nil || seen[0].Text != "在的" || seen[0].Via != wechat.Custom {
		t.Errorf("seen: %+v, %v", seen, err)
	}
}
