package bench

import (
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/yingda/yingda/bench/budget"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/privacy"
	"github.com/yingda/yingda/search"
	"github.com/yingda/yingda/zh"
)

// measureQuestion takes what a question costs in process, over the golden questions, and each stage of it. The later stages
// hold the earlier ones of their kind: tokenise normalises, and step searches.
func measureQuestion(b *testing.B, run *budget.Run) {
	const rounds = 7
	lib, ix := loadBundled(b)
	texts := goldenQuestions(b)
	answers := bot.New(lib, ix, bot.DefaultPolicy(), time.Now)
	analyzer := zh.NewAnalyzer(zh.Vocabulary{StopWords: lib.Lexicon.Polite, Synonyms: lib.Lexicon.Same})
	masker := privacy.NewMasker()
	stages := []struct {
		name string
		do   func(text string) error
	}{
		{"mask", func(text string) error { masker.Mask(text); return nil }},
		{"normalise", func(text string) error { analyzer.Fold(text); return nil }},
		{"tokenise", func(text string) error { analyzer.Analyze(text); return nil }},
		{"search", func(text string) error { _, err := ix.Search(b.Context(), kb.Query{Text: text}); return err }},
		{"step", func(text string) error {
			_, err := answers.Step(b.Context(), new(bot.Session), chat.Message{Text: text, At: time.Now()})
			return err
		}},
	}
	timeQuestions(b, ix, texts) // to warm up
	bare := startWarmBare(b)
	for range rounds {
		for _, s := range stages {
			run.AddCPU(s.name, perQuestion(b, texts, s.do), bare.send(b).micros)
		}
		took := timeQuestions(b, ix, texts)
		run.Add("question p50", p50(took))
		run.Add("question p99", p99(took))
	}
}

// perQuestion is the processor time that this process spends on each text, in µs.
func perQuestion(b *testing.B, texts []string, do func(text string) error) float64 {
	b.Helper()
	runtime.GC() // what others left is not ours
	before := ownCPU(b)
	for _, text := range texts {
		if err := do(text); err != nil {
			b.Fatal(err)
		}
	}
	return float64(ownCPU(b)-before) / 1e3 / float64(len(texts))
}

// ownCPU is the processor time that this process has used.
func ownCPU(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// timeQuestions asks each question once.
func timeQuestions(b *testing.B, ix *search.Index, texts []string) []time.Duration {
	b.Helper()
	took := make([]time.Duration, len(texts))
	for i, text := range texts {
		start := time.Now()
		if _, err := ix.Search(b.Context(), kb.Query{Text: text}); err != nil {
			b.Fatal(err)
		}
		took[i] = time.Since(start)
	}
	return took
}

// measureSizes takes what guides of other sizes cost: to index, in memory, and to ask.
func measureSizes(b *testing.B, run *budget.Run) {
	const rounds = 3
	lib, _ := loadBundled(b)
	bare := startWarmBare(b)
	for _, n := range []int{60, 1000, 10_000, 100_000} {
		name := strconv.Itoa(n) + " articles "
		before := heapMB()
		big, texts := syntheticGuide(lib, n)
		start := time.Now()
		ix := newIndex(b, big, search.Options{Dir: b.TempDir()})
		run.Add(name+"load", time.Since(start).Seconds())
		run.Add(name+"heap", heapMB()-before)
		timeQuestions(b, ix, texts) // to warm up
		for range rounds {
			took := timeQuestions(b, ix, texts)
			run.Add(name+"p50", p50(took))
			run.Add(name+"p99", p99(took))
			run.AddCPU(name+"question", perQuestion(b, texts, func(text string) error {
				_, err := ix.Search(b.Context(), kb.Query{Text: text})
				return err
			}), bare.send(b).micros)
		}
		runtime.KeepAlive(big)
	}
}

// heapMB is what this process still holds, in megabytes.
func heapMB() float64 {
	runtime.GC()
	runtime.GC() // pools let go of their contents at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}
