package search

import (
	"math"
	"runtime"
	"testing"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/flatfile"
	"github.com/yingda/yingda/kb"
)

// newBundled is the bundled guide's index, as it was compiled.
func newBundled(tb testing.TB) *Index {
	tb.Helper()
	data, err := content.Compiled()
	if err != nil {
		tb.Fatal(err)
	}
	f, err := flatfile.Parse(data, "")
	if err != nil {
		tb.Fatal(err)
	}
	ix, err := Open(bundledLibrary(tb), f, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return ix
}

func newIndex(tb testing.TB, lib *kb.Library, o Options) *Index {
	tb.Helper()
	ix, err := New(lib, o)
	if err != nil {
		tb.Fatal(err)
	}
	return ix
}

// TestSearchAllocations: a question allocates what it returns and little else, whatever the size of the guide: some
// 16 times, 7 kB. Of several times the least counts: the race
// detector empties pools now and then, and allocates twice as often.
func TestSearchAllocations(t *testing.T) {
	const mostAllocs, mostBytes, times = 40, 12_000, 6
	golden := goldenQuestions(t)[:200]
	for name, ix := range map[string]*Index{
		"bundled": newBundled(t),
		"large":   newIndex(t, splicedLibrary(t, largeGuide), Options{Dir: t.TempDir()}),
	} {
		var allocs, bytes uint64
		for _, question := range golden {
			leastAllocs, leastBytes := uint64(math.MaxUint64), uint64(math.MaxUint64)
			for range times {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				if _, err := ix.Search(t.Context(), kb.Query{Text: question}); err != nil {
					t.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				leastAllocs = min(leastAllocs, after.Mallocs-before.Mallocs)
				leastBytes = min(leastBytes, after.TotalAlloc-before.TotalAlloc)
			}
			allocs, bytes = allocs+leastAllocs, bytes+leastBytes
		}
		asked := uint64(len(golden))
		if allocs, bytes = allocs/asked, bytes/asked; allocs > mostAllocs || bytes > mostBytes {
			t.Errorf("%s: a question allocates %d times and %d bytes, want at most %d and %d", name, allocs, bytes, mostAllocs, mostBytes)
		}
	}
}

// BenchmarkSearch is one golden question after another, in process.
func BenchmarkSearch(b *testing.B) {
	ix, golden := newBundled(b), goldenQuestions(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := ix.Search(b.Context(), kb.Query{Text: golden[i%len(golden)]}); err != nil {
			b.Fatal(err)
		}
	}
}
