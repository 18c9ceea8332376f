package zh_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/flatfile"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
	"github.com/yingda/yingda/zh/noise"
)

// bundledTexts are the folded texts of the bundled guide, and its words without meaning.
func bundledTexts(tb testing.TB) (texts, stopWords []string) {
	tb.Helper()
	lib, _, err := kb.Load(content.FS(), content.FS(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range lib.Articles {
		for _, text := range append(lib.Articles[i].Phrasings(), lib.Articles[i].Body) {
			texts = append(texts, zh.Fold(text))
		}
	}
	return texts, lib.Lexicon.Polite
}

// save saves a speller and opens the file.
func save(tb testing.TB, s *zh.Speller) *flatfile.File {
	tb.Helper()
	var b flatfile.Builder
	s.Save(&b)
	return open(tb, &b)
}

// open writes a file and opens it.
func open(tb testing.TB, b *flatfile.Builder) *flatfile.File {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "speller")
	if err := b.Write(path, ""); err != nil {
		tb.Fatal(err)
	}
	f, err := flatfile.Open(path, "")
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// noisyQuestions are the golden questions as some kinds of noise write them, folded.
func noisyQuestions(tb testing.TB, tables *zh.Tables, kinds ...string) []string {
	tb.Helper()
	golden, err := fs.ReadFile(content.FS(), "golden.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	byName := map[string]noise.Kind{}
	for _, k := range noise.Kinds(tables) {
		byName[k.Name] = k
	}
	var out []string
	for line := range strings.Lines(string(golden)) {
		question, _, _ := strings.Cut(line, "\t")
		for _, kind := range kinds {
			if noisy, changed := byName[kind].Apply(question, 0); changed {
				out = append(out, zh.Fold(noisy))
			}
		}
	}
	if len(out) < 1000 {
		tb.Fatalf("there are only %d questions in %v", len(out), kinds)
	}
	return out
}

// TestSpellerFile: a speller that was saved and opened corrects as before, small as it is.
func TestSpellerFile(t *testing.T) {
	tables := zh.NewTables()
	texts, stopWords := bundledTexts(t)
	made := zh.NewSpeller(tables, stopWords, texts)
	f := save(t, made)
	opened := zh.OpenSpeller(tables, stopWords, f)
	if err := f.Err(); err != nil {
		t.Fatal(err)
	}
	for i, question := range noisyQuestions(t, tables, "all pinyin", "one homophone") {
		if i%4 > 0 { // all would take the race detector long
			continue
		}
		if got, want := opened.Correct(question), made.Correct(question); got != want {
			t.Errorf("%q is corrected to %q, before it was saved to %q", question, got, want)
		}
	}
	const mostBytes = 800_000
	size := 0
	_, sizes := f.Size()
	for _, n := range sizes {
		size += n
	}
	if size > mostBytes {
		t.Errorf("it takes %d bytes", size)
	}
}

// TestSpellerFileMissing: what is no speller's file is told of, once it is asked for.
func TestSpellerFileMissing(t *testing.T) {
	f := open(t, new(flatfile.Builder))
	if zh.OpenSpeller(zh.NewTables(), nil, f); !errors.Is(f.Err(), flatfile.ErrForeign) {
		t.Errorf("the error is %v", f.Err())
	}
}

// TestOpenedSpellerIsReady: opening makes nothing of what is in the file, nor does the first question in pinyin.
func TestOpenedSpellerIsReady(t *testing.T) {
	const mostBytes = 200_000
	tables := zh.NewTables()
	texts, stopWords := bundledTexts(t)
	f := save(t, zh.NewSpeller(tables, stopWords, texts))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := zh.OpenSpeller(tables, stopWords, f).Correct("pos ji shua ka bu dao zhang zenme ban")
	runtime.ReadMemStats(&after)
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > mostBytes {
		t.Errorf("it allocates %d bytes, want at most %d", bytes, mostBytes)
	}
	if want := "pos 机刷卡不到账怎么办"; got != want {
		t.Errorf("it is corrected to %q, want %q", got, want)
	}
	runtime.KeepAlive(f)
}

// BenchmarkNewSpeller learns from the bundled guide.
func BenchmarkNewSpeller(b *testing.B) {
	tables := zh.NewTables()
	texts, stopWords := bundledTexts(b)
	b.ReportAllocs()
	for b.Loop() {
		zh.NewSpeller(tables, stopWords, texts)
	}
}

// BenchmarkFirstPinyin opens a speller and reads a question in pinyin.
func BenchmarkFirstPinyin(b *testing.B) {
	tables := zh.NewTables()
	texts, stopWords := bundledTexts(b)
	f := save(b, zh.NewSpeller(tables, stopWords, texts))
	questions := noisyQuestions(b, tables, "all pinyin")
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		zh.OpenSpeller(tables, stopWords, f).Correct(questions[i%len(questions)])
		i++
	}
}
