package bench

import (
	"net/http/httptest"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/yingda/yingda/store"
)

// BenchmarkSoak talks in ever new conversations for a while and compares the live heap at the end with
// that after a third of the time, when what a node remembers of lively conversations is full.
// YINGDA_SOAK=10m soaks for so long; without it for 30 seconds, in which that may still grow.
func BenchmarkSoak(b *testing.B) {
	long, err := time.ParseDuration(os.Getenv("YINGDA_SOAK"))
	if err != nil {
		long = 30 * time.Second
	}
	db, err := store.Open(b.Context(), store.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	server := httptest.NewServer(newAPI(b, db))
	b.Cleanup(server.Close)
	soak := func(d time.Duration) (turns int) {
		for end := time.Now().Add(d); time.Now().Before(end); {
			_, each := sendAll(b, turnRequests(b, server.URL, db))
			turns += len(each)
		}
		return turns
	}
	for b.Loop() {
		turns := soak(long / 3)
		before := heapMB()
		turns += soak(long * 2 / 3)
		after := heapMB()
		b.ReportMetric(float64(turns), "turns")
		b.ReportMetric(before, "before-MB")
		b.ReportMetric(after, "after-MB")
		b.ReportMetric(after/before, "ratio")
	}
}

// heapMB is what the program still holds, in megabytes.
func heapMB() float64 {
	runtime.GC()
	runtime.GC() // pools let go of their contents at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
