package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// programs are the program as it ships, and the bare handler that it is compared with.
type programs struct{ yingda, bare string }

// builtDir is the folder of both, which this run alone has.
func builtDir() string { return filepath.Join(os.TempDir(), fmt.Sprint("yingda-bench-", os.Getpid())) }

// build builds both once a run, as `make build` does, whatever the tests themselves are built with.
var build = sync.OnceValues(func() (programs, error) {
	p := programs{filepath.Join(builtDir(), "yingda"), filepath.Join(builtDir(), "bare")}
	for path, pkg := range map[string]string{p.yingda: "../cmd/yingda", p.bare: "./bare"} {
		cmd := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", path, pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return p, fmt.Errorf("build: %w\n%s", err, out)
		}
	}
	return p, nil
})

func built(tb testing.TB) programs {
	tb.Helper()
	p, err := build()
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	_ = os.RemoveAll(builtDir()) // where nothing was built there is none
	os.Exit(code)
}

// process is a server under measurement: the program as it ships, or the bare handler.
type process struct {
	tb    testing.TB
	url   string
	cmd   *exec.Cmd
	born  time.Time
	ended chan struct{} // closed then
}

// startYingda starts the program on a database of its own, without the limits that a single address has; with further
// settings and arguments.
func startYingda(tb testing.TB, settings []string, args ...string) *process {
	tb.Helper()
	return startYingdaAt(tb, freeAddress(tb), settings, args...)
}

// startYingdaAt starts it at an address that others know already.
func startYingdaAt(tb testing.TB, address string, settings []string, args ...string) *process {
	tb.Helper()
	return startProcess(tb, address, append(settings,
		"YINGDA_LOG=error", "YINGDA_MESSAGES_PER_MINUTE=1000000000", "YINGDA_CONVERSATIONS_PER_MINUTE=1000000000",
		"YINGDA_ADDRESS_QUESTIONS_PER_MINUTE=1000000000", "YINGDA_ADDRESS_MESSAGES_PER_MINUTE=1000000000",
		"YINGDA_ADDRESS_TICKETS_PER_HOUR=1000000000", "YINGDA_ADDRESS_STREAMS=1000000",
	), built(tb).yingda, append([]string{"serve", "-data", tb.TempDir()}, args...)...)
}

func startBare(tb testing.TB) *process {
	tb.Helper()
	return startProcess(tb, freeAddress(tb), nil, built(tb).bare)
}

// startProcess runs a server, which takes its address by -listen, until it is stopped or the test ends.
func startProcess(tb testing.TB, address string, settings []string, bin string, args ...string) *process {
	tb.Helper()
	p := &process{tb: tb, url: "http://" + address, born: time.Now(), ended: make(chan struct{})}
	p.cmd = exec.CommandContext(context.WithoutCancel(tb.Context()), bin, append(args, "-listen", address)...)
	p.cmd.Env = append(os.Environ(), settings...)
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // what it says about its end is as was wanted, or await tells
	}()
	tb.Cleanup(p.stop)
	return p
}

// patience is how long something may take that must happen, on a machine that has other things to do.
const patience = 2 * time.Minute

// await waits until happened, asking every millisecond, and returns how long the process has run then.
func (p *process) await(what string, happened func() bool) time.Duration {
	p.tb.Helper()
	for !happened() {
		if time.Since(p.born) > patience {
			p.tb.Fatalf("not %s after %v", what, patience)
		}
		select {
		case <-p.ended:
			p.tb.Fatalf("it ended before it was %s", what)
		case <-time.After(time.Millisecond):
		}
	}
	return time.Since(p.born)
}

// ready waits until the process is, and returns it.
func (p *process) ready() *process {
	p.tb.Helper()
	p.awaitReady()
	return p
}

// awaitReady waits until the process says that it is ready, and returns how long it has run then.
func (p *process) awaitReady() time.Duration {
	p.tb.Helper()
	return p.await("ready", func() bool {
		r, err := http.NewRequestWithContext(p.tb.Context(), http.MethodGet, p.url+"/readyz", http.NoBody)
		return err == nil && doRequest(http.DefaultClient, r) == nil
	})
}

// address is where the process listens.
func (p *process) address() string { return strings.TrimPrefix(p.url, "http://") }

// listens tells whether the process takes connections.
func (p *process) listens() bool {
	c, err := new(net.Dialer).DialContext(p.tb.Context(), "tcp", p.address())
	return err == nil && c.Close() == nil
}

// stop ends the process as an operator does.
func (p *process) stop() { p.end(os.Interrupt) }

// kill ends the process as a power cut would.
func (p *process) kill() { p.end(os.Kill) }

// end ends the process, unless it has ended, and waits for that.
func (p *process) end(signal os.Signal) {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.tb.Error(err)
	}
	<-p.ended
}

// cpu is the processor time that the process has used, to the nanosecond: of all its threads, which Go keeps.
func (p *process) cpu() time.Duration {
	p.tb.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	if err != nil || len(tasks) == 0 {
		p.tb.Fatal("no threads in /proc: ", err)
	}
	var sum time.Duration
	for _, task := range tasks {
		line, err := os.ReadFile(task)
		if err != nil {
			continue // it has just ended
		}
		var ran int64
		if _, err := fmt.Sscan(string(line), &ran); err != nil {
			p.tb.Fatal(err)
		}
		sum += time.Duration(ran)
	}
	return sum
}

// memory reads a line of Linux's /proc/PID/status, such as VmRSS, in MB.
func (p *process) memory(field string) float64 {
	p.tb.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.tb.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, field+": %f kB", &kb); n == 1 {
			return kb * 1024 / 1e6
		}
	}
	p.tb.Fatal("no ", field)
	return 0
}

// allocated is what the process has allocated since it started: objects, and their bytes.
func (p *process) allocated() (objects, bytes float64) {
	p.tb.Helper()
	return p.metric("go_memstats_mallocs_total"), p.metric("go_memstats_alloc_bytes_total")
}

// heapGoal is how far the process lets its heap grow before it collects, in MB: in proportion to what was alive then.
func (p *process) heapGoal() float64 {
	p.tb.Helper()
	return p.metric("go_memstats_next_gc_bytes") / 1e6
}

// metric reads one of the process's metrics.
func (p *process) metric(name string) float64 {
	p.tb.Helper()
	r, err := http.NewRequestWithContext(p.tb.Context(), http.MethodGet, p.url+"/metrics", http.NoBody)
	if err != nil {
		p.tb.Fatal(err)
	}
	text, _ := fetch(p.tb, r)
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				p.tb.Fatal(err)
			}
			return v
		}
	}
	p.tb.Fatal("no metric ", name)
	return 0
}

// freeAddress is one that nobody listens on.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	if err := l.Close(); err != nil {
		tb.Fatal(err)
	}
	return l.Addr().String()
}
