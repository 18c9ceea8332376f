package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/node"
)

// output collects what a server writes to standard error.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// running is a `yingda serve` inside this process.
type running struct {
	url    string
	log    *output
	client *http.Client
	stop   func() int // asks it to stop, as a signal does, and returns its exit code
}

// start runs `yingda serve` on a free port until the test ends.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	args = append([]string{"-data", t.TempDir()}, args...)
	s, err := startServe(func(string) string { return "" }, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop() })
	return s
}

// startServe runs `yingda serve` on a free port until it is stopped.
func startServe(getenv func(string) string, args ...string) (*running, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &running{log: new(output), client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	term := terminal{strings.NewReader(""), io.Discard, s.log, getenv, node.OpenStore}
	done := make(chan int, 1)
	go func() { done <- execute(ctx, term, append([]string{"serve", "-listen", "127.0.0.1:0"}, args...)) }()
	s.stop = sync.OnceValue(func() int { cancel(); return <-done })
	started := regexp.MustCompile(`msg=serving url=(http://\S+)/ `)
	for begin := time.Now(); time.Since(begin) < time.Minute && len(done) == 0; time.Sleep(5 * time.Millisecond) {
		if found := started.FindStringSubmatch(s.log.String()); found != nil {
			s.url = found[1]
			return s, nil
		}
	}
	s.stop()
	return nil, fmt.Errorf("serve did not start: %s", s.log)
}

// patience is how long something that must happen may take on a machine that has other things to do.
const patience = 2 * time.Minute

// eventually waits until ok holds.
func eventually(t *testing.T, limit time.Duration, ok func() bool, what string, log fmt.Stringer) {
	t.Helper()
	for begin := time.Now(); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > limit {
			t.Fatalf("not within %v: %s\n%s", limit, what, log)
		}
	}
}

// call makes a request and decodes the JSON answer into out.
func (s *running) call(t *testing.T, method, path, body string, out any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s", method, path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		t.Fatal(err)
	}
}

func (s *running) ask(t *testing.T, question string) chat.Reply {
	t.Helper()
	var r chat.Reply
	s.call(t, http.MethodPost, "/api/v1/ask", fmt.Sprintf(`{"question":%q}`, question), &r)
	return r
}

// ready is what /readyz says.
type ready struct {
	Status, Revision string
	Articles         int
	Problems         []string
}

func (s *running) ready(t *testing.T) ready {
	t.Helper()
	var r ready
	s.call(t, http.MethodGet, "/readyz", "", &r)
	return r
}

// editable is a copy of the small guide that a test may spoil.
func editable(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(smallGuide)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// save writes a file the way an editor does: beside it, then over it.
func save(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+"~", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+"~", file); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const article = "---\ntitle: %s\ncategory: fees\nasks: [%s]\nreviewed: 2026-11-23\nsources: [合同]\n---\n\n%s\n"

// TestServeWatches: with -content an edit is served within a second; a broken one is not, and says so.
func TestServeWatches(t *testing.T) {
	dir := editable(t)
	s := start(t, "-content", dir)
	rate := filepath.Join(dir, "guide", "fees", "fee-rate.md")
	answers := func(question, text string) func() bool {
		return func() bool { return strings.Contains(s.ask(t, question).Text, text) }
	}

	t.Run("an edit", func(t *testing.T) {
		save(t, rate, strings.ReplaceAll(read(t, rate), "常见报价约0.6%", "常见报价约0.38%"))
		eventually(t, patience, answers("刷卡手续费是多少", "0.38%"), "the edited answer", s.log)
	})
	t.Run("a new article in a new folder", func(t *testing.T) {
		save(t, filepath.Join(dir, "guide", "new", "qr.md"), fmt.Sprintf(article, "收款码丢了怎么补", "二维码坏了", "请收单机构补发。"))
		eventually(t, patience, answers("收款码丢了怎么补", "补发"), "the new article", s.log)
		save(t, filepath.Join(dir, "guide", "new", "qr.md"), fmt.Sprintf(article, "收款码丢了怎么补", "二维码坏了", "请收单机构重寄。"))
		eventually(t, patience, answers("收款码丢了怎么补", "重寄"), "an edit in the new folder", s.log)
	})
	good := read(t, rate)
	before := s.ready(t)
	t.Run("a broken one", func(t *testing.T) {
		save(t, rate, strings.Replace(good, "escalate: never", "escalate: perhaps", 1))
		eventually(t, patience, func() bool { return s.ready(t).Status == "degraded" }, "degraded", s.log)
		got := s.ready(t)
		if got.Revision != before.Revision || got.Articles != before.Articles {
			t.Errorf("serving %+v, want the last good guide %+v", got, before)
		}
		const fault = `guide/fees/fee-rate.md:5: error: escalate is "perhaps"`
		if !strings.Contains(strings.Join(got.Problems, "\n"), fault) {
			t.Errorf("problems %q do not say %s", got.Problems, fault)
		}
		if log := strings.ReplaceAll(s.log.String(), `\"`, `"`); !strings.Contains(log, "level=WARN") || !strings.Contains(log, fault) {
			t.Errorf("the log does not say %s:\n%s", fault, log)
		}
		if !answers("刷卡手续费是多少", "0.38%")() {
			t.Error("the last good guide does not answer")
		}
	})
	t.Run("mended back", func(t *testing.T) {
		save(t, rate, good)
		eventually(t, patience, func() bool { return s.ready(t).Status == "ok" }, "ready", s.log)
		if got := s.ready(t); got.Revision != before.Revision || len(got.Problems) > 0 {
			t.Errorf("got %+v, want %+v", got, before)
		}
	})
	t.Run("an article taken away", func(t *testing.T) {
		if err := os.Remove(filepath.Join(dir, "guide", "machine", "printer.md")); err != nil {
			t.Fatal(err)
		}
		eventually(t, patience, func() bool { return s.ready(t).Articles == before.Articles-1 }, "one article fewer", s.log)
	})
}

// TestServePortTaken: one clear line and the exit code of a mistake.
func TestServePortTaken(t *testing.T) {
	s := start(t, "-content", smallGuide)
	log := new(output)
	term := terminal{strings.NewReader(""), io.Discard, log, func(string) string { return "" }, node.OpenStore}
	code := execute(t.Context(), term, []string{"serve", "-listen", strings.TrimPrefix(s.url, "http://"), "-data", t.TempDir()})
	if text := log.String(); code != exitUsage || strings.Count(text, "\n") != 1 || !strings.Contains(text, "address already in use") {
		t.Errorf("exit code %d, %q", code, text)
	}
}

// TestHealth asks a server that runs, and the same one after it has stopped.
func TestHealth(t *testing.T) {
	s := start(t, "-content", smallGuide)
	for _, tt := range []struct {
		path string
		want int
		says string
	}{
		{"/healthz", exitOK, "ok\n"},
		{"/readyz", exitOK, "ok\n"},
		{"/nowhere", exitFailed, ""},
	} {
		if code, said := health(t, s.url+tt.path); code != tt.want || said != tt.says {
			t.Errorf("%s: exit code %d and %q, want %d and %q", tt.path, code, said, tt.want, tt.says)
		}
	}
	s.stop()
	if code, said := health(t, s.url+"/healthz"); code != exitFailed || said != "" {
		t.Errorf("stopped: exit code %d and %q, want %d", code, said, exitFailed)
	}
}

func health(t *testing.T, url string) (code int, said string) {
	t.Helper()
	out := new(output)
	term := terminal{in: strings.NewReader(""), out: out, err: io.Discard, getenv: func(string) string { return "" }}
	return execute(t.Context(), term, []string{"health", "-url", url}), out.String()
}
