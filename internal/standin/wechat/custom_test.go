package wechat_test

import (
	"strings"
	"testing"
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
		{"a minute after a message and a click", func(f *wechat.Follower) { f.Say(ctx, "在吗"); f.Click(ctx, "faq") }, time.Minute, 5, 45047},
		{"following again", func(f *wechat.Follower) { f.Say(ctx, "在吗"); f.Unsubscribe(ctx); f.Subscribe(ctx, "") }, 0, 3, 45047},
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

func TestWhatEndsFirstIsTakenFirst(t *testing.T) {
	c := newClock()
	_, f, send := chatting(t, wechat.Config{Now: c.now})
	f.Say(t.Context(), "在吗")
	f.Click(t.Context(), "faq")
	for range 3 {
		send(custom("好"))
	}
	if c.move(time.Minute); f.Left() != 5 {
		t.Errorf("a minute later %d of the message's five sends are left", f.Left())
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

// FuzzCustomSend looks for bodies that are shown though they are too long or empty, and for panics.
func FuzzCustomSend(f *testing.F) {
	for _, in := range []string{
		`{"touser":"` + openID + `","msgtype":"text","text":{"content":"好"}}`,
		`{"touser":"` + openID + `","msgtype":"msgmenu","msgmenu":{"head_content":"a","list":[{"id":"1","content":"b"}],"tail_content":""}}`,
		`{"touser":"` + openID + `","msgtype":"text","text":{"content":"\u597d\\u"}}`, `{"text":null}`, `[]`, `{"touser":1}`, `"\u`, `\`,
	} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		s, person, _ := chatting(t, wechat.Config{})
		out := call(t, s, "POST", "/cgi-bin/message/custom/send?access_token="+accessToken(t, s), in)
		seen := person.Seen()
		if shown := len(seen) > 0; shown != (code(out) == 0) {
			t.Fatalf("%q gets %v, shown: %t", in, out, shown)
		} else if shown {
			if b := seen[0]; strings.TrimSpace(b.Text) == "" || len(b.Text) > 2048 {
				t.Errorf("%q is shown as %+v", in, b)
			}
		}
	})
}
