package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
)

// binaries are the program as it ships, and one with bugs planted.
type binaries struct{ real, planted string }

// build builds both once a run.
var build = sync.OnceValues(func() (binaries, error) {
	dir, err := os.MkdirTemp("", "yingda-faults-")
	if err != nil {
		return binaries{}, err
	}
	b := binaries{filepath.Join(dir, "yingda"), filepath.Join(dir, "planted")}
	for path, pkg := range map[string]string{b.real: "../cmd/yingda", b.planted: "./planted"} {
		cmd := exec.CommandContext(context.Background(), "go", "build", "-buildvcs=false", "-o", path, pkg)
		if out, err := cmd.CombinedOutput(); err != nil {
			return b, fmt.Errorf("build: %w\n%s", err, out)
		}
	}
	return b, nil
})

// planted is the program with bugs: none, until its environment says which.
func planted(t testing.TB) string {
	t.Helper()
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return b.planted
}

func TestMain(m *testing.M) {
	flag.Parse()
	if !full() {
		_ = flag.Set("test.parallel", "4") // whose tests mostly wait; it is a flag of every test
	}
	code := m.Run()
	if b, err := build(); err == nil {
		_ = os.RemoveAll(filepath.Dir(b.real))
	}
	os.Exit(code)
}

// full tells whether `make faults` runs everything; else it is what fits a test run.
func full() bool { return os.Getenv("YINGDA_FAULTS") == "full" }

// scaled is how often something is done.
func scaled(short, all int) int {
	if full() {
		return all
	}
	return short
}

// patience is how long something that must happen may take on a machine that has other things to do. What waits for
// less, or measures how fast something was, fails there for nothing.
const patience = 2 * time.Minute

// server is a `yingda serve` that may be killed and started again on the same port and data.
type server struct {
	t       testing.TB
	bin     string
	address string
	args    []string
	env     []string
	told    atomic.Int64 // how many messages it has acknowledged

	mu   sync.Mutex
	cmd  *exec.Cmd
	gone <-chan struct{} // closed when the process has ended
	log  strings.Builder
}

// guide is a small guide: what is answered is not what is tested here.
const guide = "../api/testdata/guide"

// freeAddress is one that nobody listens on, and that stays free while the server is down: below the ports that
// outgoing connections are given.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 1000 {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000)))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return l.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}

// newServer makes one for a database of that kind; start starts it.
func newServer(t testing.TB, db database, args ...string) *server {
	t.Helper()
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, bin: b.real, address: freeAddress(t)}
	s.args = []string{
		"serve", "-listen", s.address, "-data", t.TempDir(), "-content", guide,
		"-messages-per-minute", "1000000", "-conversations-per-minute", "1000000",
		"-address-messages-per-minute", "1000000", "-address-tickets-per-hour", "1000000", "-address-uploads", "1000000", "-address-streams", "1000000",
	}
	s.args = append(append(s.args, db.flags()...), args...)
	t.Cleanup(func() { _ = s.kill() })
	return s
}

// data is the server's data folder.
func (s *server) data() string { return s.args[4] }

// reads has it read another guide.
func (s *server) reads(guide string) { s.args[6] = guide }

// start starts it and returns how long it took until it was ready.
func (s *server) start() time.Duration {
	s.t.Helper()
	begin := time.Now()
	cmd := exec.CommandContext(context.Background(), s.bin, s.args...)
	cmd.Env = append(os.Environ(), s.env...)
	errs, err := cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	s.mu.Lock()
	s.cmd, s.gone = cmd, ended
	s.mu.Unlock()
	go func() {
		defer close(ended)
		s.read(errs) // until the process has ended
	}()
	for !s.ready() {
		if time.Since(begin) > patience || closed(ended) {
			s.t.Fatalf("not ready:\n%s", s.output())
		}
		time.Sleep(2 * time.Millisecond)
	}
	return time.Since(begin)
}

// ended tells whether the process has ended.
func (s *server) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return closed(s.gone)
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (s *server) read(r io.Reader) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		s.mu.Lock()
		s.log.WriteString(lines.Text() + "\n")
		s.mu.Unlock()
	}
}

func (s *server) output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// ready tells whether questions are answered.
func (s *server) ready() bool { return s.status() != "" }

// well tells whether nothing is wrong besides.
func (s *server) well() bool { return s.status() == "ok" }

// status is what /readyz says; "" when it says nothing, or that no question can be answered.
func (s *server) status() string {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second) // it tries to write, and may wait for a lock
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/readyz", http.NoBody)
	if err != nil {
		return ""
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return ""
	}
	var out struct{ Status string }
	err = errors.Join(json.NewDecoder(res.Body).Decode(&out), res.Body.Close())
	if err != nil || res.StatusCode != http.StatusOK {
		return ""
	}
	return out.Status
}

// kill ends the process as a power cut would end it, as far as it can tell.
func (s *server) kill() error { return s.end(syscall.SIGKILL) }

// stop asks it to end, and fails the test when it does not end well.
func (s *server) stop() {
	s.t.Helper()
	if err := s.end(syscall.SIGTERM); err != nil {
		s.t.Errorf("serve ended: %v\n%s", err, s.output())
	}
}

func (s *server) end(signal syscall.Signal) error {
	s.mu.Lock()
	cmd := s.cmd
	s.cmd = nil
	s.mu.Unlock()
	if cmd == nil {
		return nil
	}
	if err := cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return cmd.Wait()
}

// run runs another command of the program on the server's data, again while that is busy.
func (s *server) run(command string, args ...string) (string, error) {
	args = append(strings.Fields(command), args...)
	for begin := time.Now(); ; {
		out, err := exec.CommandContext(s.t.Context(), s.bin, args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), chat.ErrBusy.Error()) || time.Since(begin) > patience {
			return string(out), err
		}
	}
}
