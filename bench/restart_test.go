package bench

import (
	"context"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/yingda/yingda/store"
)

// BenchmarkRestart measures how soon the program is ready on a database of a million messages, after
// it was killed.
func BenchmarkRestart(b *testing.B) {
	const turns, together = 500_000, 5_000 // a turn is two messages
	bin, data := buildBinary(b), b.TempDir()
	db, err := store.Open(b.Context(), store.Options{Dir: data})
	if err != nil {
		b.Fatal(err)
	}
	for range turns / together {
		turnsPerSecond(b, db, turnConcurrency, together)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	var took time.Duration
	n := 0
	for b.Loop() {
		took += measureRestart(b, bin, data)
		n++
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(n), "ready-ms")
}

// measureRestart starts the program, waits until it is ready, and kills it.
func measureRestart(b *testing.B, bin, data string) time.Duration {
	b.Helper()
	address := freeAddress(b)
	begin := time.Now()
	cmd := exec.CommandContext(b.Context(), bin, "serve", "-listen", address, "-data", data)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill() // as wanted: "signal: killed"
		_ = cmd.Wait()
	}()
	for !isReady(b.Context(), "http://"+address+"/readyz") {
		if time.Since(begin) > 20*time.Second {
			b.Fatal("not ready after 20 s")
		}
		time.Sleep(2 * time.Millisecond)
	}
	return time.Since(begin)
}

func isReady(ctx context.Context, url string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}
