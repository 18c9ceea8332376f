package wechat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/internal/standin/wechat"
)

func TestKfQuota(t *testing.T) {
	k := newKf(t)
	if got := k.send("a0"); got != 95018 {
		t.Errorf("before the session begins: %d", got)
	}
	for round := range 2 {
		k.customer.Say(t.Context(), "在吗")
		for n := range 5 {
			if got := k.send(fmt.Sprintf("r%d-%d", round, n)); got != 0 {
				t.Fatalf("send %d gets %d", n+1, got)
			}
		}
		if got := k.send("sixth"); got != 95001 || k.customer.Left() != 0 {
			t.Errorf("the sixth send gets %d", got)
		}
	}
	k.customer.Say(t.Context(), "在吗")
	k.clock.move(48 * time.Hour)
	if got := k.send("late"); got != 95002 || k.customer.Left() != 0 {
		t.Errorf("after 48 hours: %d", got)
	}
	if got := len(k.customer.Seen()); got != 10 {
		t.Errorf("%d bubbles were seen", got)
	}
}

func TestKfSendRefusals(t *testing.T) {
	k := newKf(t)
	k.customer.Say(t.Context(), "在吗")
	with := func(more map[string]any) map[string]any {
		body := map[string]any{"touser": person, "open_kfid": deskID, "msgtype": "text", "text": map[string]any{"content": "好"}}
		for name, value := range more {
			body[name] = value
		}
		return body
	}
	menu := func(items ...any) map[string]any {
		return with(map[string]any{"msgtype": "msgmenu", "msgmenu": map[string]any{"head_content": "哪一类？", "list": items, "tail_content": "直接说也行"}})
	}
	click := func(id, content string) any {
		return map[string]any{"type": "click", "click": map[string]any{"id": id, "content": content}}
	}
	out := k.call("send_msg", with(map[string]any{"msgid": "once"}))
	if code(out) != 0 || out["msgid"] != "once" {
		t.Fatalf("send_msg answers %v", out)
	}
	for _, tt := range []struct {
		name string
		body any
		want int
	}{
		{"an unknown desk", with(map[string]any{"open_kfid": "wk0"}), 95000},
		{"an unknown customer", with(map[string]any{"touser": "wm0"}), 40096},
		{"the msgid again", with(map[string]any{"msgid": "once"}), 40058},
		{"33 bytes of msgid", with(map[string]any{"msgid": strings.Repeat("a", 33)}), 40058},
		{"another character in the msgid", with(map[string]any{"msgid": "a.b"}), 40058},
		{"2049 bytes", with(map[string]any{"text": map[string]any{"content": strings.Repeat("x", 2049)}}), 40058},
		{"no text", with(map[string]any{"text": map[string]any{"content": ""}}), 44004},
		{"an unknown type", with(map[string]any{"msgtype": "markdown"}), 40008},
		{"an unknown file", with(map[string]any{"msgtype": "image", "image": map[string]any{"media_id": "x"}}), 40007},
		{"no file", with(map[string]any{"msgtype": "image"}), 40007},
		{"a menu of nothing", menu(), 40058},
		{"a menu of eleven", menu(slices.Repeat([]any{click("1", "一")}, 11)...), 95008},
		{"a menu item of no type", menu(map[string]any{"click": map[string]any{"id": "1", "content": "一"}}), 95009},
		{"a menu item without its body", menu(map[string]any{"type": "click"}), 95009},
		{"129 bytes of a menu item", menu(click("1", strings.Repeat("x", 129))), 40058},
		{"a menu item without an id", menu(click("", "一")), 40058},
		{"a code", with(map[string]any{"code": "x", "touser": ""}), 40096},
	} {
		if out := k.call("send_msg", tt.body); code(out) != tt.want {
			t.Errorf("%s: %v, want %d", tt.name, out, tt.want)
		}
	}
	if k.customer.Left() != 4 {
		t.Errorf("refused messages cost: %d are left", k.customer.Left())
	}
	out = k.call("send_msg", menu(click("printer", "打印机"), map[string]any{"type": "view", "view": map[string]any{"url": "https://a.example/", "content": "指南"}},
		map[string]any{"type": "text", "text": map[string]any{"content": "——"}}))
	if code(out) != 0 || out["msgid"] == "" {
		t.Fatalf("a menu gets %v", out)
	}
	seen := k.customer.Seen()
	if m := seen[1].Menu; len(m.Items) != 3 || m.Items[0].ID != "printer" || m.Items[1].URL == "" || m.Tail != "直接说也行" {
		t.Errorf("the menu is seen as %+v", m)
	}
	file := upload(t, k.server, "/cgi-bin/media/upload?type=image&access_token="+corpToken(t, k.server), "media", "a.png", receipt(t))
	if out := k.call("send_msg", with(map[string]any{"msgtype": "image", "image": map[string]any{"media_id": file["media_id"]}})); code(out) != 0 {
		t.Errorf("a picture gets %v", out)
	}
}

func TestWelcome(t *testing.T) {
	k := newKf(t)
	welcome := func(codeOf any) int {
		t.Helper()
		return code(k.call("send_msg_on_event", map[string]any{"code": codeOf, "msgtype": "text", "text": map[string]any{"content": "您好"}}))
	}
	k.customer.Enter(t.Context(), "poster")
	event := k.event()
	first := event["welcome_code"]
	if event["event_type"] != "enter_session" || event["scene"] != "poster" || event["external_userid"] != person || event["open_kfid"] != deskID || first == nil {
		t.Fatalf("the event is %v", event)
	}
	k.clock.move(20 * time.Second)
	if got := welcome(first); got != 40058 {
		t.Errorf("after 20 s: %d", got)
	}
	k.customer.Enter(t.Context(), "")
	second := k.event()["welcome_code"]
	k.clock.move(19 * time.Second)
	if got := welcome(second); got != 0 || k.customer.Seen()[0].Via != wechat.OnEvent {
		t.Errorf("after 19 s: %d", got)
	}
	if got := welcome(second); got != 40058 {
		t.Errorf("twice: %d", got)
	}
	if k.customer.Enter(t.Context(), ""); k.event()["welcome_code"] != nil {
		t.Error("one who was welcomed gets a code again")
	}
	k.clock.move(48 * time.Hour)
	if k.customer.Enter(t.Context(), ""); k.event()["welcome_code"] == nil {
		t.Error("after 48 hours there is no code")
	}
	k.customer.Say(t.Context(), "在吗")
	if k.customer.Enter(t.Context(), ""); k.event()["welcome_code"] != nil {
		t.Error("one who said something gets a code")
	}
}

func TestSendFailures(t *testing.T) {
	for _, failType := range []int{4, 6, 10} {
		k := newKf(t)
		k.customer.Say(t.Context(), "在吗")
		k.customer.Fail(failType)
		if got := k.send("gone"); got != 0 || len(k.customer.Seen()) != 0 {
			t.Errorf("it gets %d", got)
		}
		k.server.Close() // waits for the callback
		event := k.event()
		if event["event_type"] != "msg_send_fail" || event["fail_msgid"] != "gone" || event["fail_type"] != float64(failType) || event["external_userid"] != person {
			t.Errorf("the event is %v", event)
		}
		if len(k.events) != 2 {
			t.Errorf("%d callbacks came", len(k.events))
		}
	}
}
