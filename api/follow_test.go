package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// event is a server-sent event as a client reads it.
type event struct {
	id   int64
	name string
	chat.Entry
}

// readEvent reads the next event; comments and the retry line pass by.
func readEvent(r *bufio.Reader) (e event, err error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return e, err
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			if e.id, err = strconv.ParseInt(value, 10, 64); err != nil {
				return e, err
			}
		case "event":
			e.name = value
		case "data":
			if err := json.Unmarshal([]byte(value), &e.Entry); err != nil {
				return e, err
			}
		case "":
			if e.id > 0 {
				return e, nil
			}
		}
	}
}

// stream is an answer to /events.
type stream struct {
	*bufio.Reader
	status int
	header http.Header
}

// follow opens the stream of a conversation at a server of that URL; header is "Name: value" or "".
func (c conversation) follow(ctx context.Context, t testing.TB, url, query, header string) stream {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/v1/conversations/"+c.ID+"/events"+query, nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+c.Token)
	if name, value, ok := strings.Cut(header, ": "); ok {
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	t.Cleanup(func() { _ = res.Body.Close() })
	return stream{bufio.NewReader(res.Body), res.StatusCode, res.Header}
}

func TestEventsResume(t *testing.T) {
	s := newSite(t)
	c := s.open(t, `{}`)
	for i := range 3 {
		c.say(t, fmt.Sprint(i), "刷卡手续费是多少")
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	for _, tt := range []struct {
		query, header string
		first         int64
	}{
		{"", "", 1},
		{"?after=0", "", 1},
		{"?after=4", "", 5},
		{"", "Last-Event-ID: 5", 6},
		{"?after=2", "Last-Event-ID: 5", 6}, // the browser's own word is the newer one
	} {
		res := c.follow(t.Context(), t, server.URL, tt.query, tt.header)
		got, err := readEvent(res.Reader)
		if err != nil || got.id != tt.first || got.Seq != tt.first || got.name != "message" || got.Text == "" {
			t.Errorf("%s %s: %+v, %v, want %d first", tt.query, tt.header, got, err, tt.first)
		}
		if kind := res.header.Get("Content-Type"); kind != "text/event-stream" || res.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q, %q", kind, res.header.Get("Cache-Control"))
		}
	}
	for _, last := range []string{"-1", "x", "05", "1e3", "99999999999999999999"} {
		if res := c.follow(t.Context(), t, server.URL, "", "Last-Event-ID: "+last); res.status != http.StatusBadRequest {
			t.Errorf("Last-Event-ID %q: status %d", last, res.status)
		}
	}
}

// TestEventsWithCuts: however often a client is cut off while things are said, it sees every entry
// once, in order, and nothing is left behind when it goes.
func TestEventsWithCuts(t *testing.T) {
	const messages = 60
	s := newSite(t, func(c *api.Config) { c.Limits.Messages = 10_000 })
	c := s.open(t, `{}`)
	server := httptest.NewServer(s)
	before := runtime.NumGoroutine()

	said := make(chan int64)
	go func() {
		for i := range messages {
			c.say(t, fmt.Sprint(i), "刷卡手续费是多少")
		}
		said <- 2 * messages // each is answered
	}()
	random := rand.New(rand.NewPCG(1, 2))
	var seen, last int64
	for cuts := 0; last == 0 || seen < last; cuts++ {
		if cuts > 10_000 {
			t.Fatalf("only %d of %d entries came", seen, last)
		}
		ctx, cut := context.WithCancel(t.Context())
		query, header := fmt.Sprint("?after=", seen), ""
		if random.IntN(2) == 0 {
			query, header = "", fmt.Sprint("Last-Event-ID: ", seen)
		}
		body := c.follow(ctx, t, server.URL, query, header).Reader
		time.AfterFunc(time.Duration(random.IntN(20))*time.Millisecond, cut)
		for e, err := readEvent(body); err == nil; e, err = readEvent(body) {
			if e.id != seen+1 || e.Seq != e.id {
				t.Fatalf("after %d came %d", seen, e.id)
			}
			seen = e.id
		}
		cut()
		select {
		case last = <-said:
		default:
		}
	}

	http.DefaultClient.CloseIdleConnections()
	server.Close()
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, want %d:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// TestAgentsReplyIsSeenAtOnce: within a second an agent's words reach whoever polls and whoever follows.
func TestAgentsReplyIsSeenAtOnce(t *testing.T) {
	s := newSite(t)
	c, number := s.escalated(t, `{}`)
	newest := c.messages(t, "")
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	query := fmt.Sprint("?after=", newest[len(newest)-1].Seq)
	type sight struct {
		text string
		at   time.Time
	}
	seen := make(chan sight, 2)
	go func() {
		body := c.follow(t.Context(), t, server.URL, query, "").Reader
		for e, err := readEvent(body); ; e, err = readEvent(body) {
			if err != nil || e.From == chat.FromAgent {
				seen <- sight{e.Text, time.Now()}
				return
			}
		}
	}()
	go func() {
		for after := query; ; {
			list := c.messages(t, after+"&wait=10")
			if last := list[len(list)-1]; last.From == chat.FromAgent {
				seen <- sight{last.Text, time.Now()}
				return
			}
			after = fmt.Sprint("?after=", list[len(list)-1].Seq)
		}
	}()
	time.Sleep(50 * time.Millisecond) // both wait now
	begin := time.Now()
	w := s.do(t, s.keys[desk.RoleAgent], http.MethodPost, "/api/v1/desk/tickets/"+number+"/reply", `{"text":"您好，我来帮您。"}`)
	if w.Code != http.StatusOK {
		t.Fatal(w.Body)
	}
	for range 2 {
		if got := <-seen; got.text != "您好，我来帮您。" || got.at.Sub(begin) > time.Second {
			t.Errorf("%q after %v", got.text, got.at.Sub(begin))
		}
	}
}

// TestStreamsAreCounted: the metrics tell how many streams are open.
func TestStreamsAreCounted(t *testing.T) {
	s := newSite(t)
	c := s.open(t, `{}`)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	count := func() string {
		_, rest, _ := strings.Cut(s.do(t, "", http.MethodGet, "/metrics", "").Body.String(), "\nyingda_streams ")
		value, _, _ := strings.Cut(rest, "\n")
		return value
	}
	ctx, cut := context.WithCancel(t.Context())
	res := c.follow(ctx, t, server.URL, "", "")
	if got := count(); got != "1" {
		t.Errorf("%q streams, want 1", got)
	}
	cut()
	_, _ = io.Copy(io.Discard, res)
	for end := time.Now().Add(patience); count() != "0"; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%q streams, want 0", count())
		}
	}
}
