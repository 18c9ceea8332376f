package api_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/panics"
)

// patience is how long something that must happen may take on a machine that has other things to do.
const patience = 2 * time.Minute

// TestStreamFraming: the body of a stream is framed as its HTTP version has it, and its end is one.
func TestStreamFraming(t *testing.T) {
	for _, tt := range []struct{ version, header, want string }{
		{"1.1", "Transfer-Encoding: chunked", `^d\r\nretry: 1000\n\n\r\n(3\r\n:\n\n\r\n)+0\r\n\r\n$`},
		{"1.0", "", `^retry: 1000\n\n(:\n\n)+$`},
	} {
		t.Run(tt.version, func(t *testing.T) {
			stopping, stop := context.WithCancel(t.Context())
			defer stop()
			n := newNotebook()
			n.heartbeat = time.Second
			server := httptest.NewServer(n.handler(stopping))
			defer server.Close()
			conn := dial(t, server.URL)
			_, err := fmt.Fprintf(conn, "GET /api/v1/conversations/c/events HTTP/%s\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n", tt.version)
			must(t, err)
			r := bufio.NewReader(conn)
			var got strings.Builder
			for !strings.Contains(got.String(), ":\n\n") {
				line, err := r.ReadString('\n')
				must(t, err)
				got.WriteString(line)
				if strings.HasSuffix(got.String(), "\n:\n") {
					stop()
				}
			}
			rest, err := io.ReadAll(r)
			must(t, err)
			header, body, _ := strings.Cut(got.String()+string(rest), "\r\n\r\n")
			if !regexp.MustCompile(tt.want).MatchString(body) || !strings.Contains(header, tt.header) || !strings.Contains(header, "Connection: close") || strings.Contains(header, "Content-Length") {
				t.Errorf("%s\n\n%q, want %q", header, body, tt.want)
			}
		})
	}
}

// dial connects to a server.
func dial(t testing.TB, at string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(at, "http://"))
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestClientHangsUp: a stream ends soon after its client has closed its end, though all writes still succeed.
func TestClientHangsUp(t *testing.T) {
	n := newNotebook()
	n.heartbeat = time.Second
	server := httptest.NewServer(n.handler(t.Context()))
	defer server.Close()
	conn := dial(t, server.URL)
	r := ask(t, conn, "/events")
	wantLine(t, r, "retry: 1000\n")
	must(t, conn.(*net.TCPConn).CloseWrite())
	must(t, conn.SetReadDeadline(time.Now().Add(patience)))
	if _, err := io.ReadAll(r); err != nil {
		t.Errorf("it goes on: %v", err)
	}
}

// TestStreamBehindAProxy: what is said comes through a reverse proxy, and so does the end.
func TestStreamBehindAProxy(t *testing.T) {
	stopping, stop := context.WithCancel(t.Context())
	defer stop()
	n := newNotebook()
	server := httptest.NewServer(n.handler(stopping))
	defer server.Close()
	target, err := url.Parse(server.URL)
	must(t, err)
	proxy := httptest.NewServer(httputil.NewSingleHostReverseProxy(target))
	defer proxy.Close()
	follow := func(query string) stream {
		return conversation{ID: "c", Token: "x"}.follow(t.Context(), t, proxy.URL, query, "")
	}
	r := follow("")
	for i := range 3 {
		n.say("您好")
		if e, err := readEvent(r.Reader); err != nil || e.Seq != int64(i+1) {
			t.Errorf("%+v, %v", e, err)
		}
	}
	again := follow("?after=2") // over the proxy's connections, whatever it thinks of the first
	if e, err := readEvent(again.Reader); err != nil || e.Seq != 3 {
		t.Errorf("%+v, %v", e, err)
	}
	stop()
	for _, r := range []stream{r, again, follow("?after=3")} {
		if _, err := io.ReadAll(r); err != nil {
			t.Errorf("the end is %v", err)
		}
	}
}

// TestStreamOfAnErasedConversation ends, and a poll that waits is told.
func TestStreamOfAnErasedConversation(t *testing.T) {
	s := newSite(t)
	server := httptest.NewServer(s)
	defer server.Close()
	c := s.open(t, `{}`)
	follows := c.follow(t.Context(), t, server.URL, "", "")
	polled := make(chan int, 1)
	go func() { polled <- c.do(t, http.MethodGet, "/messages?wait=30", "").Code }()
	wantLine(t, follows.Reader, "retry: 1000\n")
	_, err := s.store.Forget(t.Context(), c.ID)
	must(t, err)
	if rest, err := io.ReadAll(follows); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
	if got := <-polled; got != http.StatusNotFound {
		t.Errorf("the poll was answered with %d", got)
	}
	if got := c.follow(t.Context(), t, server.URL, "", "").status; got != http.StatusNotFound {
		t.Errorf("again: status %d", got)
	}
}

// explosive panics where it reads what is new.
type explosive struct {
	*notebook
	armed atomic.Bool
}

func (e *explosive) ListNewEntries(ctx context.Context, after map[string]int64) (map[string][]chat.Entry, error) {
	if e.armed.Load() {
		panic("我的秘密")
	}
	return e.notebook.ListNewEntries(ctx, after)
}

func (e *explosive) ListEntries(ctx context.Context, id string, after int64, limit int) ([]chat.Entry, error) {
	if e.armed.Load() && id == "a" {
		panic("我的秘密")
	}
	return e.notebook.ListEntries(ctx, id, after, limit)
}

// TestStreamPanics: a panic ends the streams that were read for, and is counted; the others go on.
func TestStreamPanics(t *testing.T) {
	log, counted := new(logs), new(atomic.Int64)
	e := &explosive{notebook: newNotebook()}
	h := api.New(api.Config{
		Log: slog.New(slog.NewTextHandler(log, nil)), Registry: prometheus.NewRegistry(), Conversations: e,
		Panics: panics.NewHandler(slog.New(slog.NewTextHandler(log, nil)), func(string) { counted.Add(1) }),
	})
	server := httptest.NewServer(h)
	defer server.Close()
	follow := func(id string) stream {
		return conversation{ID: id, Token: "x"}.follow(t.Context(), t, server.URL, "", "")
	}
	first := follow("c")
	wantLine(t, first.Reader, "retry: 1000\n")
	e.say("您好")
	if event, err := readEvent(first.Reader); err != nil || event.Seq != 1 {
		t.Fatalf("%+v, %v", event, err)
	}
	e.armed.Store(true)
	if _, err := readEvent(follow("a").Reader); !errors.Is(err, io.EOF) {
		t.Errorf("the first read of a stream panicked, and it ended with %v", err)
	}
	e.say("在吗")
	if _, err := readEvent(first.Reader); !errors.Is(err, io.EOF) {
		t.Errorf("a later one panicked, and it ended with %v", err)
	}
	e.armed.Store(false)
	if event, err := readEvent(follow("a").Reader); err != nil || event.Seq != 1 {
		t.Errorf("%+v, %v", event, err)
	}
	if counted.Load() != 2 || strings.Contains(log.String(), "我的秘密") || !strings.Contains(log.String(), "streams_test.go") {
		t.Errorf("%d panics; the log:\n%s", counted.Load(), log)
	}
}

// TestSilentStreamIsSmall: a silent stream has no goroutine, and is some objects.
func TestSilentStreamIsSmall(t *testing.T) {
	const many = 2000
	n := newNotebook()
	server := httptest.NewServer(n.handler(t.Context()))
	defer server.Close()
	follow := func(i int) net.Conn {
		conn := dial(t, server.URL)
		_, err := fmt.Fprintf(conn, "GET /api/v1/conversations/c%d/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n", i)
		must(t, err)
		var got []byte
		for buffer := make([]byte, 1024); !strings.HasSuffix(string(got), "retry: 1000\n\n\r\n"); {
			n, err := conn.Read(buffer)
			must(t, err)
			if got = append(got, buffer[:n]...); !strings.HasPrefix(string(got), "HTTP/1.1 200 ") {
				t.Fatalf("%s", got)
			}
		}
		return conn
	}
	follow(-1)
	bytes, goroutines := inUse()
	for i := range many {
		follow(i)
	}
	for end := time.Now().Add(patience); runtime.NumGoroutine() > goroutines+20; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before %d streams", runtime.NumGoroutine(), goroutines, many)
		}
	}
	after, _ := inUse()
	if each := (after - bytes) / many; each > 8<<10 {
		t.Errorf("a stream takes %d bytes", each)
	} else {
		t.Logf("a stream takes %d bytes, its client's end among them", each)
	}
}

// inUse is how many bytes of heap and stacks are in use, and how many goroutines there are.
func inUse() (bytes, goroutines int) {
	runtime.GC()
	runtime.GC() // pools let go of their contents at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse), runtime.NumGoroutine()
}
