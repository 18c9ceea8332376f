package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/chat"
)

// The tests of this file run in bubbles of testing/synctest: minutes pass at once and to the
// millisecond, and a goroutine that is left behind fails the test. A disk has no place there, so the
// conversation is kept in memory.

// notebook is one conversation in memory, under whatever id.
type notebook struct {
	chat.Conversations
	mu          sync.Mutex
	entries     []chat.Entry
	subscribers []chat.Subscriber
	streaming   sync.WaitGroup
	heartbeat   time.Duration // of its streams; 0 for the usual one
}

func newNotebook() *notebook { return &notebook{} }

func (n *notebook) say(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.entries = append(n.entries, chat.Entry{Seq: int64(len(n.entries) + 1), ID: "e", From: chat.FromAgent, Text: text})
	for _, s := range n.subscribers {
		s.Wake()
	}
}

func (n *notebook) Authorize(_ context.Context, id, _ string) (chat.Conversation, error) {
	return chat.Conversation{ID: id, Holder: chat.HolderAgent}, nil
}

func (n *notebook) ListEntries(_ context.Context, _ string, after int64, limit int) ([]chat.Entry, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.entries[after:min(int64(len(n.entries)), after+int64(limit))], nil
}

func (n *notebook) ListNewEntries(ctx context.Context, after map[string]int64) (map[string][]chat.Entry, error) {
	all := map[string][]chat.Entry{}
	for id, seq := range after {
		all[id], _ = n.ListEntries(ctx, id, seq, chat.NewEntriesRange) // it never fails
	}
	return all, nil
}

func (n *notebook) FindConversation(_ context.Context, id string) (chat.Conversation, error) {
	return chat.Conversation{ID: id}, nil
}

func (n *notebook) Subscribe(_ string, s chat.Subscriber) (cancel func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.subscribers = append(n.subscribers, s)
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.subscribers = slices.DeleteFunc(n.subscribers, func(o chat.Subscriber) bool { return o == s })
	}
}

// handler serves a notebook until stopping ends.
func (n *notebook) handler(stopping context.Context) http.Handler {
	return api.New(api.Config{
		Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), Conversations: n, Stopping: stopping, Streaming: &n.streaming,
		Heartbeat: n.heartbeat, Limits: api.Limits{AddressStreams: 10_000},
	})
}

// pipes is a listener without a network: fake time passes for what is written into it.
type pipes struct{ conns chan net.Conn }

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{} }

// serve serves a notebook as the program does, and returns how to connect to it.
func (n *notebook) serve(t *testing.T, stopping context.Context) (dial func() net.Conn) {
	p := pipes{make(chan net.Conn)}
	server := &http.Server{Handler: n.handler(stopping), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second}
	done := make(chan struct{})
	go func() { _ = server.Serve(p); close(done) }()
	t.Cleanup(func() {
		close(p.conns)
		_ = server.Close()
		<-done
	})
	return func() net.Conn {
		here, there := net.Pipe()
		p.conns <- there
		t.Cleanup(func() { _ = here.Close() })
		return here
	}
}

// ask asks for a path of the conversation and returns what is behind the header.
func ask(t *testing.T, conn net.Conn, path string) *bufio.Reader {
	t.Helper()
	return askIn(t, conn, "c", path)
}

// askIn is ask in the conversation of an id.
func askIn(t *testing.T, conn net.Conn, id, path string) *bufio.Reader {
	t.Helper()
	_, err := fmt.Fprintf(conn, "GET /api/v1/conversations/"+id+"%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n", path)
	must(t, err)
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, nil) //nolint:bodyclose // the connection is closed, and the body with it
	must(t, err)
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	return bufio.NewReader(res.Body)
}

func TestLongPoll(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		said        time.Duration // when something is said; before the question for 0
		stop        time.Duration // when the server stops; 0 for never
		after       time.Duration // when the answer comes
		entries     int
	}{
		{"there is something", "?wait=30", 0, 0, 0, 1},
		{"nothing behind it", "?after=1", 0, 0, 0, 0},
		{"nothing comes", "?after=1&wait=5", 0, 0, 5 * time.Second, 0},
		{"something comes", "?after=0&wait=30", 2 * time.Second, 0, 2 * time.Second, 1},
		{"longer than the server's limits for a request", "?after=0&wait=30", 29 * time.Second, 0, 29 * time.Second, 1},
		{"the server stops", "?after=1&wait=30", 0, 3 * time.Second, 3 * time.Second, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stopping, stop := context.WithCancel(t.Context())
				n := newNotebook()
				conn := n.serve(t, stopping)()
				begin := time.Now()
				if tt.said == 0 {
					n.say("您好")
				} else {
					time.AfterFunc(tt.said, func() { n.say("您好") })
				}
				if tt.stop > 0 {
					time.AfterFunc(tt.stop, stop)
				}
				body, err := io.ReadAll(ask(t, conn, "/messages"+tt.query))
				must(t, err)
				if got := strings.Count(string(body), "您好"); got != tt.entries || time.Since(begin) != tt.after {
					t.Errorf("%d entries after %v, want %d after %v: %s", got, time.Since(begin), tt.entries, tt.after, body)
				}
				stop()
			})
		})
	}
}

// TestHeartbeat: a quiet stream says every 15 seconds that it lives, and ends after ten minutes.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNotebook()
		r := ask(t, n.serve(t, t.Context())(), "/events")
		begin := time.Now()
		wantLine(t, r, "retry: 1000\n")
		for i := range 39 {
			wantLine(t, r, ":\n")
			if got, want := time.Since(begin), time.Duration(i+1)*15*time.Second; got != want {
				t.Fatalf("heartbeat after %v, want %v", got, want)
			}
		}
		if _, err := io.ReadAll(r); err != nil || time.Since(begin) != 10*time.Minute {
			t.Errorf("ended after %v: %v", time.Since(begin), err)
		}
	})
}

// wantLine reads a line and the empty one behind it.
func wantLine(t *testing.T, r *bufio.Reader, want string) {
	t.Helper()
	line, err := r.ReadString('\n')
	if err == nil {
		_, err = r.ReadString('\n')
	}
	if err != nil || line != want {
		t.Fatalf("%q, %v, want %q", line, err, want)
	}
}

// TestNeverReads: clients that do not read are dropped when one write has taken ten seconds. However many they are,
// whoever reads hears everything at once, whether it came before them or after.
func TestNeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNotebook()
		dial := n.serve(t, t.Context())
		good := []*bufio.Reader{ask(t, dial(), "/events")}
		deaf := make([]net.Conn, 50)
		for i := range deaf {
			deaf[i] = dial()
			askIn(t, deaf[i], fmt.Sprint("deaf", i), "/events") // and no further
		}
		good = append(good, ask(t, dial(), "/events"))
		synctest.Wait()
		n.say("您好")
		begin := time.Now()
		for _, r := range good {
			if e, err := readEvent(r); err != nil || e.Seq != 1 || time.Since(begin) != 0 {
				t.Errorf("beside them: %+v, %v after %v", e, err, time.Since(begin))
			}
		}
		time.Sleep(10*time.Second + time.Millisecond)
		synctest.Wait()
		for _, conn := range deaf {
			rest, err := io.ReadAll(conn)
			if took := time.Since(begin); err != nil || len(rest) > 0 || took > 11*time.Second {
				t.Fatalf("still connected after %v: %q, %v", took, rest, err)
			}
		}
	})
}

// TestFarBehind: who has missed much hears all of it, in order and once, by one wake-up.
func TestFarBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, missed := range []int{1, 31, 32, 33, 64, 199, 200, 500} {
			n := newNotebook()
			r := ask(t, n.serve(t, t.Context())(), "/events")
			synctest.Wait() // it has read what it begins with
			n.mu.Lock()
			for range missed - 1 {
				n.entries = append(n.entries, chat.Entry{Seq: int64(len(n.entries) + 1), Text: "在吗"})
			}
			n.mu.Unlock()
			n.say("您好")
			for i := range missed {
				if e, err := readEvent(r); err != nil || e.Seq != int64(i+1) {
					t.Fatalf("of %d missed, entry %d is %+v, %v", missed, i+1, e, err)
				}
			}
		}
	})
}

// TestStopEndsStreams: when the server begins to stop, streams end at once and their clients know it, whatever is said at
// that moment.
func TestStopEndsStreams(t *testing.T) {
	for _, said := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			stopping, stop := context.WithCancel(t.Context())
			n := newNotebook()
			dial := n.serve(t, stopping)
			var streams []*bufio.Reader
			for i := range 300 {
				streams = append(streams, askIn(t, dial(), fmt.Sprint("c", i), "/events"))
			}
			synctest.Wait()
			begin := time.Now()
			time.AfterFunc(time.Second, func() {
				if said {
					n.say("您好")
				}
				stop()
			})
			for _, r := range streams {
				if _, err := io.ReadAll(r); err != nil || time.Since(begin) != time.Second {
					t.Fatalf("ended after %v: %v", time.Since(begin), err)
				}
			}
		})
	}
}

// TestStopWhileWriting: who does not read holds up the server's stop for a second at most.
func TestStopWhileWriting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopping, stop := context.WithCancel(t.Context())
		n := newNotebook()
		dial := n.serve(t, stopping)
		ask(t, dial(), "/events") // and no further
		synctest.Wait()
		n.say("您好")
		synctest.Wait()
		begin := time.Now()
		stop()
		n.streaming.Wait()
		if took := time.Since(begin); took > time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// TestManyStreamsOfOne: a fifth stream of a conversation ends its first.
func TestManyStreamsOfOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNotebook()
		dial := n.serve(t, t.Context())
		var streams []*bufio.Reader
		for range 5 {
			streams = append(streams, ask(t, dial(), "/events"))
		}
		begin := time.Now()
		if _, err := io.ReadAll(streams[0]); err != nil || time.Since(begin) != 0 {
			t.Errorf("the first ended after %v: %v", time.Since(begin), err)
		}
		n.say("您好")
		for i, r := range streams[1:] {
			if e, err := readEvent(r); err != nil || e.Seq != 1 {
				t.Errorf("stream %d: %+v, %v", i+2, e, err)
			}
		}
	})
}

// TestClientLeaves: a poll ends with its client.
func TestClientLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/conversations/c/messages?wait=30", nil)
		r.Header.Set("Authorization", "Bearer x")
		begin := time.Now()
		newNotebook().handler(t.Context()).ServeHTTP(httptest.NewRecorder(), r)
		if took := time.Since(begin); took != time.Second {
			t.Errorf("ended after %v, want 1s", took)
		}
	})
}
