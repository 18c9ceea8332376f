package wechat_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/wechat"
)

// kf is a stand-in with one corp, one account of 微信客服 and one customer, and the hook that keeps its callbacks.
type kf struct {
	t        *testing.T
	server   *wechat.Server
	corp     *wechat.Enterprise
	desk     *wechat.Desk
	customer *wechat.Customer
	clock    *clock

	mu     sync.Mutex
	events []map[string]string // of the callbacks
	answer string
}

func newKf(t *testing.T) *kf {
	t.Helper()
	k := &kf{t: t, clock: newClock(), answer: "success"}
	k.server = wechat.New(wechat.Config{Now: k.clock.now, Client: &http.Client{Transport: wechat.Direct(k)}})
	t.Cleanup(k.server.Close)
	var err error
	k.corp, err = k.server.AddCorp(wechat.Corp{ID: corpID, Secret: secret, Token: token, AESKey: kfKey, Hook: "https://shop.example/hooks/wechat-kf/default"})
	if err != nil {
		t.Fatal(err)
	}
	k.desk = k.corp.AddDesk(deskID, "售后客服", "zhangsan")
	k.customer = k.desk.Customer(person, "王女士")
	return k
}

// ServeHTTP is the hook.
func (k *kf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		echo, err := k.corp.Decipher(r.URL.Query(), r.URL.Query().Get("echostr"))
		if err != nil {
			k.t.Error(err)
		}
		_, _ = w.Write(echo)
		return
	}
	body, _ := io.ReadAll(r.Body)
	event, err := k.corp.Open(r.URL.Query(), body)
	if err != nil {
		k.t.Error(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.events = append(k.events, event)
	_, _ = io.WriteString(w, k.answer)
}

// last returns the last callback.
func (k *kf) last() map[string]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.events) == 0 {
		k.t.Fatal("nothing was pushed")
	}
	return k.events[len(k.events)-1]
}

// corpToken fetches a token of the corp.
func corpToken(t *testing.T, s http.Handler) string {
	t.Helper()
	out := call(t, s, "GET", "/cgi-bin/gettoken?corpid="+corpID+"&corpsecret=an%20app%20secret", nil)
	got, _ := out["access_token"].(string)
	if got == "" {
		t.Fatalf("gettoken answers %v", out)
	}
	return got
}

func (k *kf) call(path string, body any) map[string]any {
	k.t.Helper()
	return call(k.t, k.server, "POST", "/cgi-bin/kf/"+path+"?access_token="+corpToken(k.t, k.server), body)
}

// pull fetches one page with the token of the last callback.
func (k *kf) pull(cursor string, limit int) (items []map[string]any, next string, more bool) {
	k.t.Helper()
	out := k.call("sync_msg", map[string]any{"cursor": cursor, "token": k.last()["Token"], "limit": limit, "open_kfid": deskID})
	if code(out) != 0 {
		k.t.Fatalf("sync_msg answers %v", out)
	}
	list, _ := out["msg_list"].([]any)
	for _, item := range list {
		items = append(items, item.(map[string]any))
	}
	next, _ = out["next_cursor"].(string)
	return items, next, out["has_more"] == 1.0
}

// event returns the last event of the log.
func (k *kf) event() map[string]any {
	k.t.Helper()
	items, _, _ := k.pull("", 1000)
	item := items[len(items)-1]
	if item["msgtype"] != "event" || item["origin"] != 4.0 || item["external_userid"] != nil {
		k.t.Fatalf("the last item is %v", item)
	}
	return item["event"].(map[string]any)
}

// send sends a text with a msgid of its own and returns the errcode.
func (k *kf) send(id string) int {
	k.t.Helper()
	return code(k.call("send_msg", map[string]any{
		"touser": person, "open_kfid": deskID, "msgid": id, "msgtype": "text", "text": map[string]any{"content": "请检查纸卷"},
	}))
}

func TestCallbackAndHandshake(t *testing.T) {
	k := newKf(t)
	if err := k.corp.Handshake(t.Context()); err != nil {
		t.Error(err)
	}
	if d := k.customer.Say(t.Context(), "机器不出票"); !d.OK() || len(d.Attempts) != 1 {
		t.Fatalf("the delivery is %+v", d)
	}
	e := k.last()
	if e["ToUserName"] != corpID || e["CreateTime"] != "1764000000" || e["MsgType"] != "event" || e["Event"] != "kf_msg_or_event" || e["OpenKfId"] != deskID || !strings.HasPrefix(e["Token"], "ENC") {
		t.Errorf("the callback is %v", e)
	}
	k.answer = `{"errcode":0}`
	if d := k.customer.Say(t.Context(), "喂"); d.OK() || len(d.Attempts) != 3 {
		t.Errorf("the delivery is %+v", d)
	}
	k.answer = ""
	if d := k.customer.Say(t.Context(), "喂"); !d.OK() {
		t.Errorf("the delivery is %+v", d)
	}
	k.corp.Repeat(5)
	if d := k.customer.Say(t.Context(), "喂"); !d.OK() || len(d.Attempts) != 5 {
		t.Errorf("the delivery is %+v", d)
	}
}

func TestCorpTokens(t *testing.T) {
	k := newKf(t)
	first := corpToken(t, k.server)
	if corpToken(t, k.server) != first {
		t.Error("repeated calls give another token")
	}
	for path, want := range map[string]int{
		"/cgi-bin/gettoken?corpid=ww0&corpsecret=x":            40013,
		"/cgi-bin/gettoken?corpid=" + corpID + "&corpsecret=x": 40001,
	} {
		if out := call(t, k.server, "GET", path, nil); code(out) != want {
			t.Errorf("%s answers %v", path, out)
		}
	}
	post := func(token string) int {
		return code(call(t, k.server, "POST", "/cgi-bin/kf/account/list?access_token="+token, nil))
	}
	if post(first) != 0 || post("") != 41001 || post("x") != 40014 {
		t.Errorf("tokens get %d, %d, %d", post(first), post(""), post("x"))
	}
	k.corp.Revoke(42001)
	if post(first) != 42001 || post(corpToken(t, k.server)) != 0 {
		t.Error("a revoked token does not get 42001, or its successor does not hold")
	}
	k.clock.move(2 * time.Hour)
	if out := call(t, k.server, "POST", "/cgi-bin/message/custom/send?access_token="+corpToken(t, k.server), nil); code(out) != 40001 {
		t.Errorf("a corp's token at the other host gets %v", out)
	}
}
