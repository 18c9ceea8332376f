package bench

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/yingda/yingda/bot/eval"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
)

// goldenQuestions are the golden questions' texts.
func goldenQuestions(tb testing.TB) []string {
	tb.Helper()
	f, err := content.FS().Open("golden.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	qs, err := eval.Read(f)
	if err := errors.Join(err, f.Close()); err != nil {
		tb.Fatal(err)
	}
	texts := make([]string, len(qs))
	for i, q := range qs {
		texts[i] = q.Text
	}
	return texts
}

// reportLatencies asks every question once and reports the median and the 99th percentile.
func reportLatencies(b *testing.B, ix *search.Index, questions []string) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		for _, q := range questions {
			start := time.Now()
			if _, err := ix.Search(b.Context(), kb.Query{Text: q}); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

func BenchmarkSearchBundled(b *testing.B) {
	_, ix := loadBundled(b)
	questions := goldenQuestions(b)
	for _, q := range questions { // warm
		if _, err := ix.Search(b.Context(), kb.Query{Text: q}); err != nil {
			b.Fatal(err)
		}
	}
	reportLatencies(b, ix, questions)
}

func BenchmarkSearchLarge(b *testing.B) {
	lib, _ := loadBundled(b)
	for _, n := range []int{10_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			big, questions := syntheticGuide(lib, n)
			start := time.Now()
			ix := newIndex(b, big, search.Options{Dir: b.TempDir()})
			built := time.Since(start)
			reportLatencies(b, ix, questions)
			b.ReportMetric(built.Seconds(), "index-s")
		})
	}
}
