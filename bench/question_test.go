package bench

import (
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/yingda/yingda/bench/budget"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/flatfile"
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
		before := bare.send(b)
		for _, s := range stages {
			micros, after := perQuestion(b, texts, s.do), bare.send(b)
			run.AddCPU(s.name, micros, before.mean(after).micros)
			before = after
		}
		took := timeQuestions(b, ix, texts)
		run.Add("question p50", p50(took))
		run.Add("question p99", p99(took))
	}
}

// perQuestion is the processor time that this process spends on each text, in µs: over all of them, as often as it takes
// to be measured well.
func perQuestion(b *testing.B, texts []string, do func(text string) error) float64 {
	b.Helper()
	runtime.GC() // what others left is not ours
	var took time.Duration
	done := 0
	for before := ownCPU(b); took < 100*time.Millisecond; took = ownCPU(b) - before {
		for _, text := range texts {
			if err := do(text); err != nil {
				b.Fatal(err)
			}
		}
		done += len(texts)
	}
	return float64(took) / 1e3 / float64(done)
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

// measureSizes takes what guides of other sizes cost: to compile, to open, in memory, and to ask.
func measureSizes(b *testing.B, run *budget.Run) {
	lib, _ := loadBundled(b)
	bare := startWarmBare(b)
	for _, n := range []int{60, 1000, 10_000, 100_000} {
		measureSize(b, run, lib, n, bare)
	}
}

func measureSize(b *testing.B, run *budget.Run, lib *kb.Library, n int, bare traffic) {
	b.Helper()
	const rounds = 3
	name := strconv.Itoa(n) + " articles "
	held := heapMB()
	big, texts := syntheticGuide(lib, n)
	start := time.Now()
	path := compileGuide(b, big)
	run.Add(name+"compile", time.Since(start).Seconds())
	start = time.Now()
	ix := openGuide(b, big, path)
	run.Add(name+"open", float64(time.Since(start).Microseconds())/1e3)
	run.Add(name+"heap", heapMB()-held)
	timeQuestions(b, ix, texts) // to warm up
	before := bare.send(b)
	for range rounds {
		took := timeQuestions(b, ix, texts)
		run.Add(name+"p50", p50(took))
		run.Add(name+"p99", p99(took))
		micros := perQuestion(b, texts, func(text string) error {
			_, err := ix.Search(b.Context(), kb.Query{Text: text})
			return err
		})
		after := bare.send(b)
		run.AddCPU(name+"question", micros, before.mean(after).micros)
		before = after
	}
	runtime.KeepAlive(big)
}

// compileGuide stores a guide's index as a server does, and returns the file.
func compileGuide(b *testing.B, lib *kb.Library) string {
	b.Helper()
	dir := b.TempDir()
	ix, err := search.New(lib, search.Options{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	var file flatfile.Builder
	ix.Save(&file)
	path := filepath.Join(dir, "guide.bin")
	if err := file.Write(path, ""); err != nil {
		b.Fatal(err)
	}
	return path
}

func openGuide(b *testing.B, lib *kb.Library, path string) *search.Index {
	b.Helper()
	file, err := flatfile.Open(path, "")
	if err != nil {
		b.Fatal(err)
	}
	ix, err := search.Open(lib, file, search.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return ix
}

// heapMB is what this process still holds, in megabytes.
func heapMB() float64 {
	runtime.GC()
	runtime.GC() // pools let go of their contents at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}
