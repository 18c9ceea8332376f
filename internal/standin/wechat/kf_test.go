package wechat_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
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

func TestSyncMessages(t *testing.T) {
	k := newKf(t)
	ctx := t.Context()
	c := k.customer
	c.Say(ctx, "机器不出票")
	c.Choose(ctx, "printer", "打印机")
	c.SendImage(ctx, receipt(t))
	c.SendVoice(ctx, []byte("#!AMR\n"))
	c.SendVideo(ctx, []byte("mp4"))
	c.SendFile(ctx, "流水.xlsx", []byte("PK"))
	c.SendLocation(ctx, 22.5, 113.9, "科技园", "深圳市南山区")
	c.SendLink(ctx, "指南", "怎么换纸", "https://a.example/")
	c.Answer(ctx, "zhangsan", "我来看看")
	items, cursor, more := k.pull("", 0)
	if len(items) != 9 || more {
		t.Fatalf("%d items, more: %t", len(items), more)
	}
	want := []string{"text", "text", "image", "voice", "video", "file", "location", "link", "text"}
	ids := map[any]bool{}
	for i, item := range items {
		origin := 3.0
		if i == 8 {
			origin = 5
		}
		if item["msgtype"] != want[i] || item["origin"] != origin || item["open_kfid"] != deskID || item["external_userid"] != person || item["send_time"] != 1_764_000_000.0 || item[want[i]] == nil {
			t.Errorf("item %d is %v", i, item)
		}
		ids[item["msgid"]] = true
	}
	if len(ids) != 9 {
		t.Errorf("there are %d msgids", len(ids))
	}
	if text := items[1]["text"].(map[string]any); text["menu_id"] != "printer" || text["content"] != "打印机" {
		t.Errorf("the menu item is %v", text)
	}
	if items[8]["servicer_userid"] != "zhangsan" {
		t.Errorf("the person's answer is %v", items[8])
	}
	if items, next, more := k.pull(cursor, 0); len(items) != 0 || more || next != cursor {
		t.Errorf("after the end: %d items, %q, more: %t", len(items), next, more)
	}
	file := items[2]["image"].(map[string]any)["media_id"].(string)
	if got := download(t, k.server, "/cgi-bin/media/get?media_id="+file+"&access_token="+corpToken(t, k.server)); !slices.Equal(got.Body.Bytes(), receipt(t)) {
		t.Errorf("the picture is %q", got.Body)
	}
	k.clock.move(3 * 24 * time.Hour)
	c.Say(ctx, "在吗")
	if items, _, _ := k.pull("", 0); len(items) != 1 {
		t.Errorf("after three days %d items are left", len(items))
	}
}

func TestSyncPages(t *testing.T) {
	k := newKf(t)
	other := k.corp.AddDesk("wkOther", "售前").Customer("wmOther", "李先生")
	for i := range 10 {
		k.customer.Say(t.Context(), fmt.Sprintf("第 %d 句", i))
		other.Say(t.Context(), "别的")
	}
	k.customer.Say(t.Context(), "第 10 句")
	k.corp.EmptyPages(1)
	cursor, more := "", true
	var pages []int
	var got []string
	for more && len(pages) < 20 {
		var items []map[string]any
		items, cursor, more = k.pull(cursor, 4)
		pages = append(pages, len(items))
		for _, item := range items {
			got = append(got, item["text"].(map[string]any)["content"].(string))
		}
	}
	if !slices.Equal(pages, []int{0, 4, 4, 3}) || len(got) != 11 || got[0] != "第 0 句" || got[10] != "第 10 句" {
		t.Errorf("the pages have %v items: %q", pages, got)
	}
}

func TestSyncRefusals(t *testing.T) {
	k := newKf(t)
	k.customer.Say(t.Context(), "在吗")
	good := k.last()["Token"]
	_, cursor, _ := k.pull("", 0)
	for _, tt := range []struct {
		name string
		body map[string]any
		want int
	}{
		{"an unknown token", map[string]any{"token": "ENCguess"}, 95007},
		{"an unknown cursor", map[string]any{"token": good, "cursor": "guess"}, 40058},
		{"a cursor of another", map[string]any{"token": good, "cursor": "NGd3NyA5OTk5"}, 40058},
		{"1001 messages", map[string]any{"token": good, "limit": 1001}, 40058},
		{"a format", map[string]any{"token": good, "voice_format": 2}, 40058},
		{"an unknown desk", map[string]any{"token": good, "open_kfid": "wk0"}, 95000},
		{"a good one", map[string]any{"token": good, "cursor": cursor, "voice_format": 1}, 0},
		{"1 without a token", map[string]any{}, 0},
		{"2", map[string]any{}, 0},
		{"3", map[string]any{}, 0},
		{"4", map[string]any{}, 0},
		{"5", map[string]any{}, 0},
		{"6", map[string]any{}, 0},
		{"7 within a minute", map[string]any{}, 45009},
	} {
		if out := k.call("sync_msg", tt.body); code(out) != tt.want {
			t.Errorf("%s: %v, want %d", tt.name, out, tt.want)
		}
	}
	k.clock.move(10*time.Minute - time.Second)
	if out := k.call("sync_msg", map[string]any{"token": good}); code(out) != 0 {
		t.Errorf("just before ten minutes: %v", out)
	}
	k.clock.move(time.Second)
	if out := k.call("sync_msg", map[string]any{"token": good}); code(out) != 95007 {
		t.Errorf("after ten minutes: %v", out)
	}
}

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
	out = k.call("customer/batchget", map[string]any{"external_userid_list": []string{person, "wm0"}})
	list, invalid := out["customer_list"].([]any), out["invalid_external_userid"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["nickname"] != "王女士" || len(invalid) != 1 || invalid[0] != "wm0" {
		t.Errorf("customer/batchget answers %v", out)
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
