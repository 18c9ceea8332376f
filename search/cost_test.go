package search

import (
	"runtime"
	"testing"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search/rank"
)

// newBundled indexes the bundled guide as the program does.
func newBundled(tb testing.TB) *Index {
	tb.Helper()
	learned := new(rank.Learned)
	if err := learned.UnmarshalBinary(content.Learned()); err != nil {
		tb.Fatal(err)
	}
	return newIndex(tb, bundledLibrary(tb), Options{Learned: learned})
}

func newIndex(tb testing.TB, lib *kb.Library, o Options) *Index {
	tb.Helper()
	ix, err := New(lib, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := ix.Close(); err != nil {
			tb.Error(err)
		}
	})
	return ix
}

// TestSearchAllocations: a question allocates what it returns and little else, whatever the size of the guide: some
// 16 times, 7 kB. The race detector empties pools now and then, so there is room for a working space.
func TestSearchAllocations(t *testing.T) {
	const mostAllocs, mostBytes = 32, 24_000
	golden := goldenQuestions(t)[:200]
	for name, ix := range map[string]*Index{
		"bundled": newBundled(t),
		"large":   newIndex(t, splicedLibrary(t, largeGuide), Options{Dir: t.TempDir()}),
	} {
		ask := func() {
			for _, question := range golden {
				if _, err := ix.Search(t.Context(), kb.Query{Text: question}); err != nil {
					t.Fatal(err)
				}
			}
		}
		ask()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ask()
		runtime.ReadMemStats(&after)
		asked := uint64(len(golden))
		if allocs, bytes := (after.Mallocs-before.Mallocs)/asked, (after.TotalAlloc-before.TotalAlloc)/asked; allocs > mostAllocs || bytes > mostBytes {
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
