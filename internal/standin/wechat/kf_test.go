package wechat_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/yingda/yingda/internal/standin/wechat"
)

// newDesk starts a stand-in with one corp and one account of 微信客服, whose hook is the handler.
func newDesk(t *testing.T, cfg wechat.Config, hook http.HandlerFunc) (*wechat.Server, *wechat.Enterprise, *wechat.Desk) {
	t.Helper()
	cfg.Client = &http.Client{Transport: wechat.Direct(hook)}
	s := wechat.New(cfg)
	t.Cleanup(s.Close)
	e, err := s.AddCorp(wechat.Corp{ID: corpID, Secret: secret, Token: token, AESKey: kfKey, Hook: "https://shop.example/hooks/wechat-kf/default"})
	if err != nil {
		t.Fatal(err)
	}
	return s, e, e.AddDesk(deskID, "售后客服", "zhangsan")
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

func TestCustomerService(t *testing.T) {
	pushed := 0
	s, _, desk := newDesk(t, wechat.Config{}, func(w http.ResponseWriter, r *http.Request) {
		pushed++
		_, _ = io.WriteString(w, "success")
	})
	c := desk.Customer(person, "王女士")
	if d := c.Say(t.Context(), "机器不出票"); !d.OK() || pushed != 1 {
		t.Fatalf("the delivery is %+v after %d pushes", d, pushed)
	}
	access := "?access_token=" + corpToken(t, s)
	out := call(t, s, "POST", "/cgi-bin/kf/sync_msg"+access, map[string]any{"open_kfid": deskID})
	list, _ := out["msg_list"].([]any)
	if len(list) != 1 || out["has_more"] != 0.0 {
		t.Fatalf("sync_msg answers %v", out)
	}
	out = call(t, s, "POST", "/cgi-bin/kf/send_msg"+access, map[string]any{
		"touser": person, "open_kfid": deskID, "msgid": "yd-1", "msgtype": "text", "text": map[string]any{"content": "请检查纸卷"},
	})
	if code(out) != 0 || out["msgid"] != "yd-1" {
		t.Fatalf("send_msg answers %v", out)
	}
	if seen := c.Seen(); len(seen) != 1 || seen[0].Text != "请检查纸卷" {
		t.Errorf("seen: %+v", seen)
	}
}
