package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/media"
)

// smallGuide is a guide of four articles, indexed in no time.
const smallGuide = "../api/testdata/guide"

const article = "---\ntitle: %s\ncategory: fees\nasks: [%s]\nreviewed: 2026-11-23\nsources: [合同]\n---\n\n%s\n"

// logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// running is a node that serves.
type running struct {
	url  string
	log  *logBuffer
	stop func() error // ends it, as a signal does, and frees everything
}

// start serves a folder's guide on a free port, until the test ends.
func start(t *testing.T, dir string) *running {
	t.Helper()
	r := &running{log: new(logBuffer)}
	cfg := Config{Data: t.TempDir(), Content: dir, Limits: api.Limits{Messages: 30, Conversations: 60}}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	n, err := Open(t.Context(), cfg, Environment{
		Log: slog.New(slog.NewTextHandler(r.log, nil)), Registry: prometheus.NewRegistry(), OpenStore: OpenStore,
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.url = "http://" + l.Addr().String()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- n.Serve(ctx, l) }()
	r.stop = sync.OnceValue(func() error {
		cancel()
		return errors.Join(<-ended, n.Close())
	})
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// open opens a node of the small guide that nothing runs of, until the test ends.
func open(t *testing.T, cfg Config) *Node {
	t.Helper()
	cfg.Data, cfg.Content, cfg.Limits = t.TempDir(), smallGuide, api.Limits{Messages: 30, Conversations: 60}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	n, err := Open(t.Context(), cfg, Environment{Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), OpenStore: OpenStore})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// articles is how many are served.
func (r *running) articles(t *testing.T) int {
	t.Helper()
	var ready struct{ Articles int }
	call(t, http.MethodGet, r.url+"/readyz", "", &ready)
	return ready.Articles
}

// call makes a request that must work, and decodes the JSON answer into out.
func call(t *testing.T, method, url, body string, out any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	err = json.NewDecoder(res.Body).Decode(out)
	if err := errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s, %v", method, url, res.Status, err)
	}
}

// patience is how long something that must happen may take on a machine that has other things to do.
const patience = 2 * time.Minute

// eventually waits until ok holds.
func eventually(t *testing.T, ok func() bool, what string, log fmt.Stringer) {
	t.Helper()
	for begin := time.Now(); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > patience {
			t.Fatalf("not in time: %s\n%s", what, log)
		}
	}
}

// TestStop: a request that runs is answered, then the port is free and nothing is left behind.
func TestStop(t *testing.T) {
	before := runtime.NumGoroutine()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(smallGuide)); err != nil {
		t.Fatal(err)
	}
	s := start(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "guide", "fees", "qr.md"), fmt.Appendf(nil, article, "收款码丢了怎么补", "二维码坏了", "请收单机构补发。"), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return s.articles(t) == 5 }, "a second index beside the first", s.log)

	address := strings.TrimPrefix(s.url, "http://")
	body := `{"question":"转人工"}`
	conn := dial(t, address, fmt.Sprintf("POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body)))
	time.Sleep(50 * time.Millisecond) // the server has read the head and waits for the body
	ended := make(chan error, 1)
	go func() { ended <- s.stop() }()
	eventually(t, func() bool { return strings.Contains(s.log.String(), "msg=stopping") }, "stopping", s.log)
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") {
		t.Errorf("the running request got %q, %v", answer, err)
	}
	eventually(t, func() bool { return len(ended) > 0 }, "the end", s.log)
	if err := <-ended; err != nil {
		t.Errorf("%v:\n%s", err, s.log)
	}
	if again, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address); err != nil {
		t.Error(err)
	} else if err := again.Close(); err != nil {
		t.Error(err)
	}
	wantGoroutines(t, before)
}

// TestStopEndsStreams: when a node has stopped, every stream has had its proper end.
func TestStopEndsStreams(t *testing.T) {
	s := start(t, smallGuide)
	address := strings.TrimPrefix(s.url, "http://")
	var streams []net.Conn
	for range 50 {
		res, err := http.Post(s.url+"/api/v1/conversations", "application/json", strings.NewReader(`{}`)) //nolint:noctx // it is answered at once
		if err != nil {
			t.Fatal(err)
		}
		var c struct{ ID, Token string }
		err = json.NewDecoder(res.Body).Decode(&c)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		streams = append(streams, dial(t, address, fmt.Sprintf("GET /api/v1/conversations/%s/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", c.ID, c.Token)))
	}
	for _, conn := range streams {
		if _, err := io.ReadFull(conn, make([]byte, len("HTTP/1.1 200 OK"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	for _, conn := range streams {
		if got, err := io.ReadAll(conn); err != nil || !strings.HasSuffix(string(got), "retry: 1000\n\n\r\n0\r\n\r\n") {
			t.Fatalf("%q, %v", got, err)
		}
	}
}

func wantGoroutines(t *testing.T, limit int) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(10 * time.Millisecond) {
		if runtime.NumGoroutine() <= limit {
			return
		}
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), limit, stacks[:runtime.Stack(stacks, true)])
}

// TestSlowClients: who sends slowly, or nothing at all, is cut off; meanwhile others are served.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	const sockets = 100
	s := start(t, smallGuide)
	kinds := []struct{ name, sent, drip string }{
		{"silence", "", ""},
		{"head", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", "x"},
		{"body", "POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{", " "},
	}
	slow := map[string][]net.Conn{}
	for _, kind := range kinds {
		for range sockets {
			slow[kind.name] = append(slow[kind.name], dial(t, strings.TrimPrefix(s.url, "http://"), kind.sent))
		}
	}
	var reply chat.Reply
	if call(t, http.MethodPost, s.url+"/api/v1/ask", `{"question":"转人工"}`, &reply); reply.Decision != chat.Escalate {
		t.Errorf("an honest question was answered %+v", reply)
	}
	for _, kind := range kinds { // they all wait at once
		t.Run(kind.name, func(t *testing.T) {
			for _, conn := range slow[kind.name] {
				wantCut(t, conn, kind.drip)
			}
		})
	}
}

// wantCut sends drip after drip until the server closes the connection.
func wantCut(t *testing.T, conn net.Conn, drip string) {
	t.Helper()
	begin := time.Now()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, conn) // ends, well or not, when the server has closed
	}()
	for {
		select {
		case <-gone:
			return
		case <-time.After(200 * time.Millisecond):
			_, _ = io.WriteString(conn, drip) // fails once the server has closed
		}
		if time.Since(begin) > patience {
			t.Fatal("still connected")
		}
	}
}

func dial(t *testing.T, address, send string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, send); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestFullDisk: pictures are refused, everything else goes on, and the probe says so.
func TestFullDisk(t *testing.T) {
	n := open(t, Config{})
	h := n.handler(t.Context())
	for _, tt := range []struct {
		free uint64
		want string
	}{{1 << 40, `"status":"ok"`}, {100 << 20, `"status":"degraded"`}, {100 << 20, "pictures are refused, messages go on"}} {
		n.media.Space = func(string) (media.Space, error) { return media.Space{Free: tt.free, Total: 1 << 40}, nil }
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%d bytes are free: %d %s, want %s", tt.free, w.Code, w.Body, tt.want)
		}
		problems := "yingda_problems 1\n"
		if tt.want == `"status":"ok"` {
			problems = "yingda_problems 0\n"
		}
		if metrics := ask(t, h, http.MethodGet, "/metrics").Body.String(); !strings.Contains(metrics, problems) {
			t.Errorf("%d bytes are free, and the metrics have no %q", tt.free, problems)
		}
	}
}
