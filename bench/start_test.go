package bench

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkStart builds the program as it ships, starts it, and measures the time to the first
// answer, the resident memory after a hundred questions, and the binary's size.
func BenchmarkStart(b *testing.B) {
	bin := buildBinary(b)
	info, err := os.Stat(bin)
	if err != nil {
		b.Fatal(err)
	}
	var first time.Duration
	var resident float64
	for b.Loop() {
		took, rss := measureStart(b, bin)
		first += took
		resident = rss
	}
	b.ReportMetric(float64(first.Milliseconds())/float64(b.N), "first-answer-ms")
	b.ReportMetric(resident, "resident-MB")
	b.ReportMetric(float64(info.Size())/1e6, "binary-MB")
}

// buildBinary builds the program as it ships.
func buildBinary(b *testing.B) string {
	b.Helper()
	bin := filepath.Join(b.TempDir(), "yingda")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", bin, "../cmd/yingda")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// measureStart runs the program until it has answered a hundred questions.
func measureStart(b *testing.B, bin string) (first time.Duration, rss float64) {
	b.Helper()
	address := freeAddress(b)
	begin := time.Now()
	cmd := exec.CommandContext(b.Context(), bin, "serve", "-listen", address, "-data", b.TempDir())
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			b.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	}()
	questions := goldenQuestions(b)[:100]
	for i, q := range questions {
		for !tryAsk(b, address, q) {
			if time.Since(begin) > 20*time.Second {
				b.Fatal("no answer after 20 s")
			}
			time.Sleep(2 * time.Millisecond)
		}
		if i == 0 {
			first = time.Since(begin)
		}
	}
	return first, residentMB(b, cmd.Process.Pid)
}

func tryAsk(b *testing.B, address, question string) bool {
	b.Helper()
	return post(b.Context(), http.DefaultClient, "http://"+address, fmt.Appendf(nil, "{%q:%q}", "question", question)) == nil
}

func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	return l.Addr().String()
}

// residentMB reads the resident memory of a process, in MB, from Linux's /proc.
func residentMB(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmRSS: %f kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	b.Fatal("no VmRSS")
	return 0
}
