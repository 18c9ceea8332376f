package wechat_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/internal/standin/wechat"
)

// chatting starts a stand-in whose certified account has a follower, and returns what sends by the API.
func chatting(t *testing.T, cfg wechat.Config) (s *wechat.Server, f *wechat.Follower, send func(body any) int) {
	t.Helper()
	s, a := newAccount(t, cfg, wechat.Account{Certified: true}, replying("success"))
	f = follower(t, a)
	return s, f, func(body any) int {
		t.Helper()
		return code(call(t, s, "POST", "/cgi-bin/message/custom/send?access_token="+accessToken(t, s), body))
	}
}

func custom(content string) map[string]any {
	return map[string]any{"touser": openID, "msgtype": "text", "text": map[string]any{"content": content}}
}

func TestQuota(t *testing.T) {
	ctx := t.Context()
	const hours = time.Hour
	for _, tt := range []struct {
		name  string
		first func(*wechat.Follower)
		wait  time.Duration
		sends int // that are let through
		then  int // the errcode after them
	}{
		{"a message", func(f *wechat.Follower) { f.Say(ctx, "在吗") }, 2 * time.Minute, 5, 45047},
		{"two messages allow no more", func(f *wechat.Follower) { f.Say(ctx, "在吗"); f.Say(ctx, "在吗") }, 2 * time.Minute, 5, 45047},
		{"just before 48 hours", func(f *wechat.Follower) { f.Say(ctx, "在吗") }, 48*hours - time.Second, 5, 45047},
		{"after 48 hours", func(f *wechat.Follower) { f.Say(ctx, "在吗") }, 48 * hours, 0, 45015},
		{"a picture", func(f *wechat.Follower) { f.SendImage(ctx, nil) }, hours, 5, 45047},
		{"a click", func(f *wechat.Follower) { f.Click(ctx, "faq") }, 59 * time.Second, 3, 45047},
		{"a minute after a click", func(f *wechat.Follower) { f.Click(ctx, "faq") }, time.Minute, 0, 45015},
		{"following", func(*wechat.Follower) {}, 0, 3, 45047},
		{"a scan", func(f *wechat.Follower) { f.Scan(ctx, "SN") }, 30 * time.Second, 3, 45047},
		{"an item of a menu message is a click", func(f *wechat.Follower) { f.Choose(ctx, "1", "打印机") }, time.Minute, 0, 45015},
		{"opening a page allows nothing", func(f *wechat.Follower) { f.View(ctx, "https://a.example/") }, time.Minute, 0, 45015},
		{"telling where allows nothing", func(f *wechat.Follower) { f.Report(ctx, 1, 2, 3) }, time.Minute, 0, 45015},
		{"a message and a click", func(f *wechat.Follower) { f.Say(ctx, "在吗"); f.Click(ctx, "faq") }, 0, 8, 45047},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClock()
			_, f, send := chatting(t, wechat.Config{Now: c.now})
			tt.first(f)
			c.move(tt.wait)
			if f.Left() != tt.sends {
				t.Errorf("%d sends are left, want %d", f.Left(), tt.sends)
			}
			for n := range tt.sends {
				if got := send(custom("好")); got != 0 {
					t.Fatalf("send %d gets %d", n+1, got)
				}
			}
			if got := send(custom("好")); got != tt.then || len(f.Seen()) != tt.sends {
				t.Errorf("the next one gets %d, want %d; %d were seen", got, tt.then, len(f.Seen()))
			}
		})
	}
}

// TestRefusedSendsCostNothing tries what is wrong with a message before the quota is.
func TestRefusedSendsCostNothing(t *testing.T) {
	_, f, send := chatting(t, wechat.Config{})
	f.Say(t.Context(), "在吗")
	f.SendImage(t.Context(), receipt(t)) // its media_id is one of the follower's own
	left := f.Left()
	item := func(id, content string) map[string]any { return map[string]any{"id": id, "content": content} }
	menu := func(items ...any) map[string]any {
		return map[string]any{"touser": openID, "msgtype": "msgmenu", "msgmenu": map[string]any{"head_content": "哪一类？", "list": items, "tail_content": ""}}
	}
	var eleven []any
	for i := range 11 {
		eleven = append(eleven, item(string(rune('a'+i)), "一类"))
	}
	for _, tt := range []struct {
		name string
		body any
		want int
	}{
		{"an unknown openid", map[string]any{"touser": "nobody", "msgtype": "text", "text": map[string]any{"content": "好"}}, 40003},
		{"no openid", map[string]any{"msgtype": "text", "text": map[string]any{"content": "好"}}, 40003},
		{"2049 bytes", custom(strings.Repeat("x", 2049)), 45002},
		{"no text", custom(""), 44004},
		{"a blank text", custom(" \n"), 44004},
		{"no body for the type", map[string]any{"touser": openID, "msgtype": "text"}, 44004},
		{"an unknown type", map[string]any{"touser": openID, "msgtype": "markdown"}, 40008},
		{"an unknown file", map[string]any{"touser": openID, "msgtype": "image", "image": map[string]any{"media_id": "none"}}, 40007},
		{"a menu of nothing", menu(), 40035},
		{"a menu item without an id", menu(item("", "一类")), 40035},
		{"a menu with an id twice", menu(item("a", "一类"), item("a", "二类")), 40035},
		{"a menu of eleven", menu(eleven...), 45098},
		{"a field in another case", []byte(`{"ToUser":"` + openID + `","msgtype":"text","text":{"content":"好"}}`), 47001},
		{"a field in another case inside", []byte(`{"touser":"` + openID + `","msgtype":"text","text":{"Content":"好"}}`), 47001},
		{"an unknown field", []byte(`{"touser":"` + openID + `","msgtype":"text","text":{"content":"好"},"x":1}`), 47001},
		{"no JSON", []byte(`touser=` + openID), 47001},
		{"two objects", []byte(`{"touser":"` + openID + `"}{}`), 47001},
		{"bad UTF-8", []byte("{\"touser\":\"" + openID + "\",\"msgtype\":\"text\",\"text\":{\"content\":\"\xff\"}}"), 47001},
		{"nothing", []byte(nil), 44002},
	} {
		if got := send(tt.body); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	if f.Left() != left || len(f.Seen()) != 0 {
		t.Errorf("%d of %d sends are left, and %d bubbles were seen", f.Left(), left, len(f.Seen()))
	}
	if got := send(custom(strings.Repeat("x", 2048))); got != 0 {
		t.Errorf("2048 bytes get %d", got)
	}
	if got := send(menu(item("a", "打印机"), item("b", "到账"))); got != 0 {
		t.Errorf("a menu gets %d", got)
	}
	if b := f.Seen()[1]; b.Type != "msgmenu" || len(b.Menu.Items) != 2 || b.Menu.Items[1] != (wechat.MenuItem{ID: "b", Text: "到账"}) {
		t.Errorf("the menu is seen as %+v", b)
	}
}

func TestEscapesAreSeenAsTheyAre(t *testing.T) {
	s, f, send := chatting(t, wechat.Config{})
	f.Say(t.Context(), "在吗")
	if got := send([]byte(`{"touser":"` + openID + `","msgtype":"text","text":{"content":"\u597d \u003cb> \\u597d \n\"好\""}}`)); got != 0 {
		t.Fatalf("it gets %d", got)
	}
	if got, want := f.Seen()[0].Text, `\u597d \u003cb> \u597d `+"\n\"好\""; got != want {
		t.Errorf("the follower sees %q, want %q", got, want)
	}
	if faults := s.Faults(); len(faults) != 1 || !strings.Contains(faults[0], `\u escapes`) {
		t.Errorf("the faults are %q", faults)
	}
	menu := []byte(`{"button":[{"type":"click","name":"\u597d","key":"a"}]}`)
	if out := call(t, s, "POST", "/cgi-bin/menu/create?access_token="+accessToken(t, s), menu); code(out) != 40033 {
		t.Errorf("a menu with escapes gets %v", out)
	}
}

func TestWhoMayBeWrittenTo(t *testing.T) {
	_, f, send := chatting(t, wechat.Config{})
	f.Say(t.Context(), "在吗")
	f.Unsubscribe(t.Context())
	if got := send(custom("好")); got != 43004 {
		t.Errorf("one who left gets %d", got)
	}
	s, a := newAccount(t, wechat.Config{}, wechat.Account{}, replying("success"))
	f = follower(t, a)
	f.Say(t.Context(), "在吗")
	access := "?access_token=" + accessToken(t, s)
	for _, path := range []string{"message/custom/send", "message/custom/typing", "menu/create", "media/upload"} {
		body := map[string]any{"touser": openID}
		if out := call(t, s, "POST", "/cgi-bin/"+path+access+"&type=image", body); code(out) != 48001 && path != "menu/create" || code(out) == 0 {
			t.Errorf("without certification %s gets %v", path, out)
		}
	}
}

func TestTyping(t *testing.T) {
	c := newClock()
	s, f, send := chatting(t, wechat.Config{Now: c.now})
	typing := func(command string) int {
		return code(call(t, s, "POST", "/cgi-bin/message/custom/typing?access_token="+accessToken(t, s), map[string]any{"touser": openID, "command": command}))
	}
	if got := typing("Typing"); got != 45080 {
		t.Errorf("without a message Typing gets %d", got)
	}
	f.Say(t.Context(), "在吗")
	if got := typing("typing"); got != 45072 {
		t.Errorf("an unknown command gets %d", got)
	}
	if got := typing("Typing"); got != 0 || !f.Typing() {
		t.Errorf("Typing gets %d, shown: %t", got, f.Typing())
	}
	if got := typing("Typing"); got != 45081 {
		t.Errorf("Typing again gets %d", got)
	}
	if got := typing("CancelTyping"); got != 0 || f.Typing() {
		t.Errorf("CancelTyping gets %d, shown: %t", got, f.Typing())
	}
	typing("Typing")
	if send(custom("好")); f.Typing() {
		t.Error("a message does not end the typing")
	}
	typing("Typing")
	if c.move(15 * time.Second); f.Typing() {
		t.Error("15 s do not end the typing")
	}
	c.move(16 * time.Second)
	if got := typing("Typing"); got != 45080 {
		t.Errorf("31 s after a message Typing gets %d", got)
	}
}

func TestScript(t *testing.T) {
	const path = "/cgi-bin/message/custom/send"
	s, f, send := chatting(t, wechat.Config{})
	f.Say(t.Context(), "在吗")
	codes := []int{-1, 40001, 40014, 42001, 45009, 45011, 45015, 45047, 48001, 45002, 40164}
	for _, errcode := range codes {
		s.Script(path, wechat.Answer{Errcode: errcode})
	}
	for _, errcode := range codes {
		if got := send(custom("好")); got != errcode {
			t.Errorf("scripted %d, got %d", errcode, got)
		}
	}
	if got := send(custom("好")); got != 0 || f.Left() != 7 {
		t.Errorf("after the script it gets %d, and %d sends are left", got, f.Left())
	}
	s.Hook(func(c wechat.Call) (wechat.Answer, bool) {
		return wechat.Answer{Errcode: 45011, Errmsg: "slower"}, c.Path == path && strings.Contains(string(c.Body), "快")
	})
	if got := send(custom("快")); got != 45011 {
		t.Errorf("the hook's answer is %d", got)
	}
	if got := send(custom("慢")); got != 0 {
		t.Errorf("what the hook lets pass gets %d", got)
	}
	calls := s.Calls(path)
	if n := len(calls); n != len(codes)+3 || calls[0].Errcode != -1 || calls[n-1].Errcode != 0 || calls[n-2].Owner != appID || !strings.Contains(calls[n-2].Errmsg, "slower") {
		t.Errorf("%d calls: %+v", n, calls[n-2])
	}
	if all := s.Calls(); len(all) <= len(calls) {
		t.Error("the ledger holds no calls of other paths")
	}
}

func TestScriptedConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const path = "/cgi-bin/message/custom/send"
		s, f, _ := chatting(t, wechat.Config{})
		f.Say(t.Context(), "在吗")
		client := &http.Client{Transport: wechat.Direct(s), Timeout: 10 * time.Second}
		access := accessToken(t, s)
		post := func() (status int, body string, took time.Duration, err error) {
			began := time.Now()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, apiHost+path+"?access_token="+access,
				strings.NewReader(`{"touser":"`+openID+`","msgtype":"text","text":{"content":"好"}}`))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				return 0, "", time.Since(began), err
			}
			raw, err := io.ReadAll(resp.Body)
			return resp.StatusCode, string(raw), time.Since(began), errors.Join(err, resp.Body.Close())
		}
		s.Script(path, wechat.Answer{Status: 502}, wechat.Answer{Cut: true}, wechat.Answer{Drop: true}, wechat.Answer{Delay: 3 * time.Second}, wechat.Answer{Delay: time.Minute})
		if status, body, _, _ := post(); status != 502 || !strings.HasPrefix(body, "<html>") || len(f.Seen()) != 0 {
			t.Errorf("502: %d %q, seen %d", status, body, len(f.Seen()))
		}
		if _, _, _, err := post(); err == nil || len(f.Seen()) != 0 {
			t.Errorf("cut: %v, seen %d", err, len(f.Seen()))
		}
		if _, _, _, err := post(); err == nil || len(f.Seen()) != 1 {
			t.Errorf("drop: %v, seen %d", err, len(f.Seen()))
		}
		if status, _, took, err := post(); status != 200 || took != 3*time.Second || err != nil || len(f.Seen()) != 2 {
			t.Errorf("slow: %d after %v, %v, seen %d", status, took, err, len(f.Seen()))
		}
		if _, _, took, err := post(); err == nil || took != 10*time.Second || len(f.Seen()) != 2 {
			t.Errorf("too slow: %v after %v, seen %d", err, took, len(f.Seen()))
		}
		time.Sleep(time.Minute)
	})
}

func TestMenu(t *testing.T) {
	s, _, _ := chatting(t, wechat.Config{})
	click := func(name string) map[string]any { return map[string]any{"type": "click", "name": name, "key": "k"} }
	many := func(n int, b map[string]any) []any {
		var out []any
		for range n {
			out = append(out, b)
		}
		return out
	}
	for _, tt := range []struct {
		name    string
		buttons []any
		want    int
	}{
		{"three", many(3, click("常见问题")), 0},
		{"none", many(0, nil), 40016},
		{"four", many(4, click("问题")), 40016},
		{"17 bytes of name", many(1, click("12345678901234567")), 40018},
		{"no key", many(1, map[string]any{"type": "click", "name": "问题"}), 40019},
		{"no url", many(1, map[string]any{"type": "view", "name": "问题"}), 40020},
		{"an unknown type", many(1, map[string]any{"type": "tap", "name": "问题"}), 40017},
		{"five below one", many(1, map[string]any{"name": "问题", "sub_button": many(5, click("一个长一点的名字"))}), 0},
		{"six below one", many(1, map[string]any{"name": "问题", "sub_button": many(6, click("问题"))}), 40023},
		{"below below", many(1, map[string]any{"name": "问题", "sub_button": many(1, map[string]any{"name": "一", "sub_button": many(1, click("二"))})}), 40023},
	} {
		out := call(t, s, "POST", "/cgi-bin/menu/create?access_token="+accessToken(t, s), map[string]any{"button": tt.buttons})
		if code(out) != tt.want {
			t.Errorf("%s: %v, want %d", tt.name, out, tt.want)
		}
	}
	if out := call(t, s, "GET", "/cgi-bin/menu/delete?access_token="+accessToken(t, s), nil); code(out) != 0 {
		t.Errorf("deleting gets %v", out)
	}
}

func TestSmallCalls(t *testing.T) {
	s, f, _ := chatting(t, wechat.Config{})
	access := "?access_token=" + accessToken(t, s)
	if out := call(t, s, "GET", "/cgi-bin/user/info"+access+"&openid="+openID, nil); out["subscribe"] != 1.0 || out["openid"] != openID {
		t.Errorf("user/info answers %v", out)
	}
	f.Unsubscribe(t.Context())
	if out := call(t, s, "GET", "/cgi-bin/user/info"+access+"&openid="+openID, nil); out["subscribe"] != 0.0 {
		t.Errorf("user/info of one who left answers %v", out)
	}
	if out := call(t, s, "GET", "/cgi-bin/user/info"+access+"&openid=nobody", nil); code(out) != 40003 {
		t.Errorf("user/info of nobody answers %v", out)
	}
	if out := call(t, s, "POST", "/cgi-bin/clear_quota"+access, map[string]any{"appid": appID}); code(out) != 0 {
		t.Errorf("clear_quota answers %v", out)
	}
	if out := call(t, s, "POST", "/cgi-bin/clear_quota"+access, map[string]any{"appid": "wx0"}); code(out) != 40013 {
		t.Errorf("clear_quota of another answers %v", out)
	}
	if out := call(t, s, "GET", "/cgi-bin/getcallbackip"+access, nil); len(out["ip_list"].([]any)) == 0 {
		t.Errorf("getcallbackip answers %v", out)
	}
}

// FuzzCustomSend looks for bodies that are shown though they are too long or empty, and for panics.
func FuzzCustomSend(f *testing.F) {
	s := wechat.New(wechat.Config{Client: &http.Client{Transport: wechat.Direct(replying(""))}})
	a, err := s.AddAccount(wechat.Account{AppID: appID, Secret: secret, Token: token, OriginalID: ghID, Certified: true, Hook: apiHost})
	if err != nil {
		f.Fatal(err)
	}
	person := a.Follower(openID)
	person.Subscribe(f.Context(), "")
	for _, in := range []string{
		`{"touser":"` + openID + `","msgtype":"text","text":{"content":"好"}}`,
		`{"touser":"` + openID + `","msgtype":"msgmenu","msgmenu":{"head_content":"a","list":[{"id":"1","content":"b"}],"tail_content":""}}`,
		`{"touser":"` + openID + `","msgtype":"text","text":{"content":"\u597d\\u"}}`, `{"text":null}`, `[]`, `{"touser":1}`, `"\u`, `\`,
	} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		person.Say(t.Context(), "在吗")
		before := len(person.Seen())
		out := call(t, s, "POST", "/cgi-bin/message/custom/send?access_token="+accessToken(t, s), in)
		seen := person.Seen()
		if shown := len(seen) > before; shown != (code(out) == 0) {
			t.Fatalf("%q gets %v, shown: %t", in, out, shown)
		} else if shown {
			if b := seen[len(seen)-1]; strings.TrimSpace(b.Text) == "" || len(b.Text) > 2048 {
				t.Errorf("%q is shown as %+v", in, b)
			}
		}
	})
}
