package wechat_test

import (
	"testing"

	"github.com/yingda/yingda/internal/standin/wechat"
)

func TestServiceState(t *testing.T) {
	k := newKf(t)
	trans := func(to wechat.State, servicer string) map[string]any {
		t.Helper()
		return k.call("service_state/trans", map[string]any{"open_kfid": deskID, "external_userid": person, "service_state": to, "servicer_userid": servicer})
	}
	state := func() float64 {
		t.Helper()
		out := k.call("service_state/get", map[string]any{"open_kfid": deskID, "external_userid": person})
		return out["service_state"].(float64)
	}
	if out := trans(wechat.Bot, ""); code(out) != 95013 {
		t.Errorf("before a session: %v", out)
	}
	k.customer.Say(t.Context(), "在吗")
	if state() != 0 || code(trans(wechat.Fresh, "")) != 95016 {
		t.Error("a session begins in another state, or may be moved to its beginning")
	}
	if out := trans(wechat.Bot, ""); code(out) != 0 || out["msg_code"] != nil || state() != 1 || k.send("a") != 0 {
		t.Errorf("to the bot: %v", out)
	}
	out := trans(wechat.Pool, "")
	if code(out) != 0 || out["msg_code"] == nil || k.send("b") != 95018 {
		t.Fatalf("to the pool: %v", out)
	}
	if got := code(k.call("send_msg_on_event", map[string]any{"code": out["msg_code"], "msgtype": "msgmenu"})); got != 40008 {
		t.Errorf("a menu in the pool gets %d", got)
	}
	queued := map[string]any{"code": out["msg_code"], "msgid": "q", "msgtype": "text", "text": map[string]any{"content": "请稍等"}}
	if got := code(k.call("send_msg_on_event", queued)); got != 0 {
		t.Errorf("a text in the pool gets %d", got)
	}
	if out := trans(wechat.Human, "lisi"); code(out) != 95014 {
		t.Errorf("to a stranger: %v", out)
	}
	if out := trans(wechat.Human, "zhangsan"); code(out) != 0 || k.send("c") != 95018 {
		t.Errorf("to a person: %v", out)
	}
	if out := trans(wechat.Bot, ""); code(out) != 95016 {
		t.Errorf("back to the bot: %v", out)
	}
	out = trans(wechat.Closed, "")
	if code(out) != 0 || out["msg_code"] == nil || k.customer.State() != wechat.Closed {
		t.Errorf("to the end: %v", out)
	}
	k.customer.Say(t.Context(), "还有一件事")
	bye := map[string]any{"code": out["msg_code"], "msgtype": "text", "text": map[string]any{"content": "再见"}}
	if got := code(k.call("send_msg_on_event", bye)); state() != 0 || got != 95018 {
		t.Errorf("in a new session, a goodbye gets %d", got)
	}
}

func TestEventsAtWeCom(t *testing.T) {
	k := newKf(t)
	k.customer.Say(t.Context(), "在吗")
	k.customer.Transfer(t.Context(), 1, "zhangsan")
	if e := k.event(); e["event_type"] != "session_status_change" || e["change_type"] != 1.0 || e["new_servicer_userid"] != "zhangsan" || e["old_servicer_userid"] != nil {
		t.Errorf("taken: %v", e)
	}
	k.customer.Transfer(t.Context(), 2, "lisi")
	if e := k.event(); e["old_servicer_userid"] != "zhangsan" || e["new_servicer_userid"] != "lisi" || k.customer.State() != wechat.Human {
		t.Errorf("passed on: %v", e)
	}
	k.customer.Transfer(t.Context(), 3, "")
	if e := k.event(); e["old_servicer_userid"] != "lisi" || e["msg_code"] == nil || k.customer.State() != wechat.Closed {
		t.Errorf("closed: %v", e)
	}
	k.desk.Status(t.Context(), "zhangsan", 2)
	if e := k.event(); e["event_type"] != "servicer_status_change" || e["status"] != 2.0 {
		t.Errorf("away: %v", e)
	}
}

func TestCorpLists(t *testing.T) {
	k := newKf(t)
	out := k.call("account/list", map[string]any{"offset": 0, "limit": 100})
	if list := out["account_list"].([]any); len(list) != 1 || list[0].(map[string]any)["open_kfid"] != deskID {
		t.Errorf("account/list answers %v", out)
	}
	older := call(t, k.server, "GET", "/cgi-bin/kf/account/list?access_token="+corpToken(t, k.server), nil)
	if list := older["account_list"].([]any); len(list) != 1 {
		t.Errorf("account/list by GET answers %v", older)
	}
	out = k.call("customer/batchget", map[string]any{"external_userid_list": []string{person, "wm0"}})
	list, invalid := out["customer_list"].([]any), out["invalid_external_userid"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["nickname"] != "王女士" || len(invalid) != 1 || invalid[0] != "wm0" {
		t.Errorf("customer/batchget answers %v", out)
	}
}
