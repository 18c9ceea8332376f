package wechat_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/yingda/yingda/internal/standin/wechat"
)

// answering is a hook that answers the attempts at a message one after the other, each after its time.
type answering struct {
	mu     sync.Mutex
	bodies []string
	urls   []string
	steps  []step
}

type step struct {
	after  time.Duration
	status int
	body   string
}

func (h *answering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if strings.Contains(string(body), "CDATA[event]") {
		return
	}
	h.mu.Lock()
	n := len(h.bodies)
	h.bodies, h.urls = append(h.bodies, string(body)), append(h.urls, r.URL.String())
	s := h.steps[min(n, len(h.steps)-1)]
	h.mu.Unlock()
	time.Sleep(s.after)
	w.WriteHeader(s.status)
	_, _ = io.WriteString(w, s.body)
}

func TestFiveSeconds(t *testing.T) {
	const ms = time.Millisecond
	late := step{5100 * ms, 200, text("迟了")}
	for _, tt := range []struct {
		name     string
		steps    []step
		attempts int
		took     time.Duration // all attempts together
		seen     string
	}{
		{"at once", []step{{0, 200, text("好")}}, 1, 0, "好"},
		{"after 4.9 s", []step{{4900 * ms, 200, text("好")}}, 1, 4900 * ms, "好"},
		{"after 5.1 s, three times", []step{late}, 3, 15 * time.Second, wechat.Apology},
		{"good at the second attempt", []step{late, {0, 200, text("好")}}, 2, 5 * time.Second, "好"},
		{"success at the third attempt", []step{late, late, {4 * time.Second, 200, "success"}}, 3, 14 * time.Second, ""},
		{"JSON", []step{{0, 200, `{"errcode":0}`}}, 3, 0, wechat.Apology},
		{"an error page", []step{{0, 502, "<html>"}}, 3, 0, wechat.Apology},
		{"a redirect", []step{{0, 302, ""}}, 3, 0, wechat.Apology},
		{"201 is as good as 200", []step{{0, 201, "success"}}, 1, 0, ""},
		{"an error, then nothing to say", []step{{0, 500, ""}, {0, 200, ""}}, 2, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hook := &answering{steps: tt.steps}
				_, a := newAccount(t, wechat.Config{}, wechat.Account{}, hook)
				f := follower(t, a)
				began := time.Now()
				d := f.Say(t.Context(), "在吗")
				if took := time.Since(began); took != tt.took || len(d.Attempts) != tt.attempts {
					t.Errorf("%d attempts took %v, want %d and %v", len(d.Attempts), took, tt.attempts, tt.took)
				}
				var seen string
				for _, b := range f.Seen() {
					seen += b.Text
				}
				if seen != tt.seen || d.OK() == (tt.seen == wechat.Apology) {
					t.Errorf("the follower saw %q and the fault is %q", seen, d.Fault)
				}
				time.Sleep(10 * time.Second) // what was cut goes on at our side; nothing of it is seen
				if got := len(f.Seen()); got != len(d.Seen) {
					t.Errorf("%d bubbles came late", got-len(d.Seen))
				}
				hook.mu.Lock()
				defer hook.mu.Unlock()
				for i := range hook.bodies { // the same request, letter by letter
					if hook.bodies[i] != hook.bodies[0] || hook.urls[i] != hook.urls[0] {
						t.Errorf("attempt %d differs: %s %s", i+1, hook.urls[i], hook.bodies[i])
					}
				}
			})
		})
	}
}

func TestAttemptsTellWhatCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a := newAccount(t, wechat.Config{Timeout: time.Second, Attempts: 2}, wechat.Account{}, &answering{steps: []step{{2 * time.Second, 200, ""}, {0, 418, "no"}}})
		d := follower(t, a).Say(t.Context(), "在吗")
		if len(d.Attempts) != 2 || d.ID == "" {
			t.Fatalf("the delivery is %+v", d)
		}
		if first := d.Attempts[0]; first.Took != time.Second || first.Status != 0 || !strings.Contains(first.Fault, "within 1s") {
			t.Errorf("the first attempt is %+v", first)
		}
		if second := d.Attempts[1]; second.Status != 418 || string(second.Body) != "no" || d.Fault != second.Fault {
			t.Errorf("the second attempt is %+v, the fault %q", second, d.Fault)
		}
		time.Sleep(time.Minute) // the hook ends too
	})
}

// TestSecretsStayOut looks into every error of a hook that cannot be reached, for its address holds signatures.
func TestSecretsStayOut(t *testing.T) {
	s := wechat.New(wechat.Config{Attempts: 1})
	t.Cleanup(s.Close)
	a, err := s.AddAccount(wechat.Account{AppID: appID, Secret: secret, Token: token, OriginalID: ghID, Hook: "http://127.0.0.1:1/hook"})
	if err != nil {
		t.Fatal(err)
	}
	d := a.Follower(openID).Subscribe(t.Context(), "")
	for _, text := range []string{d.Fault, d.Attempts[0].Fault, a.Handshake(t.Context()).Error()} {
		if text == "" || strings.Contains(text, "signature") || strings.Contains(text, "hook?") {
			t.Errorf("the error is %q", text)
		}
	}
}

func TestRepeatedPushes(t *testing.T) {
	hook := &answering{steps: []step{{0, 200, text("好")}, {0, 200, "success"}}}
	_, a := newAccount(t, wechat.Config{}, wechat.Account{}, hook)
	f := follower(t, a)
	a.Repeat(20)
	d := f.Say(t.Context(), "在吗")
	if len(d.Attempts) != 20 || len(f.Seen()) != 1 || !d.OK() {
		t.Fatalf("%d attempts, seen %+v, fault %q", len(d.Attempts), f.Seen(), d.Fault)
	}
	if slices.IndexFunc(hook.bodies, func(b string) bool { return b != hook.bodies[0] }) >= 0 {
		t.Error("the copies differ")
	}
}

func TestStorm(t *testing.T) {
	hook := &answering{steps: []step{{0, 200, "success"}}}
	_, a := newAccount(t, wechat.Config{}, wechat.Account{}, hook)
	var texts []string
	for i := range 30 {
		texts = append(texts, fmt.Sprintf("第 %d 句", i))
	}
	for i, d := range follower(t, a).Storm(t.Context(), 3, texts...) {
		if !d.OK() || len(d.Attempts) != 3 {
			t.Errorf("delivery %d is %+v", i, d)
		}
	}
	id := regexp.MustCompile(`<MsgId>(\d+)</MsgId>`)
	counts := map[string]int{}
	var order []string
	for _, body := range hook.bodies {
		m := id.FindStringSubmatch(body)
		counts[m[1]]++
		order = append(order, m[1])
	}
	if len(counts) != 30 || len(order) != 90 {
		t.Fatalf("%d messages came in %d pushes", len(counts), len(order))
	}
	if slices.IsSorted(order) {
		t.Error("they came in order")
	}
}

// TestPlayers sees what each action pushes.
func TestPlayers(t *testing.T) {
	hook := &recorder{}
	s, a := newAccount(t, wechat.Config{Now: func() time.Time { return time.Unix(1_764_000_000, 0) }}, wechat.Account{}, hook)
	s.SetURL("http://stand-in.example")
	f := a.Follower(openID)
	ctx := t.Context()
	f.Subscribe(ctx, "")
	for _, tt := range []struct {
		name string
		do   func() wechat.Delivery
		want string // of the XML, without its head; * is anything
	}{
		{"subscribe", func() wechat.Delivery { return f.Subscribe(ctx, "") }, "[event]<Event>[subscribe]<EventKey>[]"},
		{"subscribe by a code", func() wechat.Delivery { return f.Subscribe(ctx, "SN-1") }, "[event]<Event>[subscribe]<EventKey>[qrscene_SN-1]<Ticket>[*]"},
		{"text", func() wechat.Delivery { return f.Say(ctx, "在吗 😀") }, "[text]<Content>[在吗 😀]<MsgId>*"},
		{"menu item", func() wechat.Delivery { return f.Choose(ctx, "printer", "打印机") }, "[text]<Content>[打印机]<bizmsgmenuid>printer<MsgId>*"},
		{"image", func() wechat.Delivery { return f.SendImage(ctx, receipt(t)) }, "[image]<PicUrl>[http://stand-in.example/mmbiz/*]<MediaId>[*]<MsgId>*"},
		{"voice", func() wechat.Delivery { return f.SendVoice(ctx, []byte("#!AMR\n"), "没到账") }, "[voice]<MediaId>[*]<Format>[amr]<Recognition>[没到账]<MsgId>*"},
		{"voice, not recognised", func() wechat.Delivery { return f.SendVoice(ctx, []byte("#!AMR\n"), "") }, "[voice]<MediaId>[*]<Format>[amr]<Recognition>[]<MsgId>*"},
		{"video", func() wechat.Delivery { return f.SendVideo(ctx, []byte("mp4"), receipt(t)) }, "[video]<MediaId>[*]<ThumbMediaId>[*]<MsgId>*"},
		{"place", func() wechat.Delivery { return f.SendLocation(ctx, 22.540503, 113.934528, "科技园") }, "[location]<Location_X>22.540503<Location_Y>113.934528<Scale>16<Label>[科技园]<MsgId>*"},
		{"link", func() wechat.Delivery { return f.SendLink(ctx, "指南", "怎么换纸", "https://a.example/") }, "[link]<Title>[指南]<Description>[怎么换纸]<Url>[https://a.example/]<MsgId>*"},
		{"where", func() wechat.Delivery { return f.Report(ctx, 23.1, 113.3, 40) }, "[event]<Event>[LOCATION]<Latitude>23.100000<Longitude>113.300000<Precision>40.000000"},
		{"scan", func() wechat.Delivery { return f.Scan(ctx, "SN-2") }, "[event]<Event>[SCAN]<EventKey>[SN-2]<Ticket>[*]"},
		{"click", func() wechat.Delivery { return f.Click(ctx, "faq") }, "[event]<Event>[CLICK]<EventKey>[faq]"},
		{"view", func() wechat.Delivery { return f.View(ctx, "https://a.example/") }, "[event]<Event>[VIEW]<EventKey>[https://a.example/]<MenuId>[*]"},
		{"unsubscribe", func() wechat.Delivery { return f.Unsubscribe(ctx) }, "[event]<Event>[unsubscribe]<EventKey>[]"},
		{"scan of one who left", func() wechat.Delivery { return f.Scan(ctx, "SN-3") }, "[event]<Event>[subscribe]<EventKey>[qrscene_SN-3]<Ticket>[*]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := tt.do(); !d.OK() {
				t.Fatal(d.Fault)
			}
			got := regexp.MustCompile(`</\w+>`).ReplaceAllString(hook.body, "")
			got = strings.NewReplacer("<![CDATA[", "[", "]]>", "]").Replace(got)
			head := "<xml><ToUserName>[" + ghID + "]<FromUserName>[" + openID + "]<CreateTime>1764000000<MsgType>"
			want := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(head+tt.want), `\*`, `[^\]<]+`) + "$")
			if !want.MatchString(got) {
				t.Errorf("it pushes %s, want %s", got, head+tt.want)
			}
			if q := hook.query; q.Get("openid") != openID || len(q.Get("signature")) != 40 || q.Get("timestamp") != "1764000000" || q.Get("nonce") == "" || len(q) != 4 {
				t.Errorf("the query is %v", q)
			}
		})
	}
}

// recorder is a hook that keeps the last push and answers success.
type recorder struct {
	body  string
	query url.Values
}

func (h *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.body, h.query = string(body), r.URL.Query()
	_, _ = io.WriteString(w, "success")
}

func TestStrangersSayNothing(t *testing.T) {
	hook := &recorder{}
	_, a := newAccount(t, wechat.Config{}, wechat.Account{}, hook)
	f := a.Follower(openID)
	ctx := t.Context()
	for _, d := range append(f.Storm(ctx, 1, "a", "b"), f.Say(ctx, "a"), f.Choose(ctx, "1", "a"), f.Click(ctx, "a"), f.View(ctx, "a"), f.Report(ctx, 1, 2, 3), f.SendImage(ctx, nil)) {
		if d.OK() || len(d.Attempts) > 0 {
			t.Errorf("the delivery is %+v", d)
		}
	}
	if hook.body != "" || f.Left() != 0 || len(f.Chat()) != 0 {
		t.Errorf("pushed %q; %d sends are allowed", hook.body, f.Left())
	}
}

func TestHandshake(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Query().Get("echostr")) }
	for _, tt := range []struct {
		name string
		hook http.HandlerFunc
		want string
	}{
		{"echo", echo, ""},
		{"echo and a line end", func(w http.ResponseWriter, r *http.Request) { echo(w, r); _, _ = io.WriteString(w, "\n") }, "the echostr is"},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, "the echostr is"},
		{"403", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403); echo(w, r) }, "status 403"},
	} {
		_, a := newAccount(t, wechat.Config{}, wechat.Account{}, tt.hook)
		switch err := a.Handshake(t.Context()); {
		case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}
