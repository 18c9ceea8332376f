package faults

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestIndexDamaged: whatever happens to the files of the index, it is built anew from the database and
// answers the same.
func TestIndexDamaged(t *testing.T) {
	t.Parallel()
	s := newServer(t, sqliteFile{})
	s.reads(largeGuide(t))
	s.start()
	ask := func() string {
		t.Helper()
		c := newCustomers(s, 1)[0] // who asks twice is answered in other words
		must(t, c.say(words(1234)))
		return c.ledger[0].replies[0].Text
	}
	want := ask()
	damages := []struct {
		name   string
		damage func(path string, size int64) error
	}{
		{"deleted", func(path string, _ int64) error { return os.Remove(path) }},
		{"cut in half", func(path string, size int64) error { return os.Truncate(path, size/2) }},
		{"emptied", func(path string, _ int64) error { return os.Truncate(path, 0) }},
		{"torn", tear},
	}
	for round := range scaled(2, 40) {
		s.stop()
		files := indexFiles(t, s.data())
		d, file := damages[round%len(damages)], files[rand.IntN(len(files))]
		info, err := os.Stat(file)
		must(t, err)
		must(t, d.damage(file, info.Size()))
		took := s.start()
		if got := ask(); got != want {
			t.Errorf("%s %s: answered %q, before %q", filepath.Base(file), d.name, got, want)
		}
		t.Logf("%s %s: ready after %v", filepath.Base(file), d.name, took.Round(time.Millisecond))
	}
	s.stop()
}

// tear overwrites the middle of a file.
func tear(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt([]byte("\xff\x00torn\xff\x00"), size/2); err != nil {
		return err
	}
	return f.Close()
}

func indexFiles(t *testing.T, data string) (files []string) {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(data, "index-*"))
	must(t, err)
	for _, dir := range dirs {
		must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, path)
			}
			return err
		}))
	}
	if len(files) == 0 {
		t.Fatal("there is no index on disk")
	}
	return files
}

// largeGuide is a guide whose index is kept on disk.
func largeGuide(t *testing.T) string {
	t.Helper()
	return wordGuide(t, 2100, func(n int) string { return words(n) + "。" })
}

// wordGuide is a guide with n articles more, each with words of its own for a title, and what body says. They have
// hardly anything in common, and one phrasing each: learning many would take longer than a test.
func wordGuide(t *testing.T, n int, body func(n int) string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(guide)))
	folder := filepath.Join(dir, "guide", "many")
	must(t, os.Mkdir(folder, 0o755))
	const article = "---\ntitle: %s\ncategory: machine\nreviewed: 2026-11-23\nsources: [说明书]\n---\n\n%s\n"
	for i := range n {
		file := filepath.Join(folder, fmt.Sprintf("word-%d.md", i))
		must(t, os.WriteFile(file, fmt.Appendf(nil, article, words(i), body(i)), 0o600))
	}
	return dir
}

// words are the n-th words of a made-up language.
func words(n int) string {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	out := make([]rune, 8)
	for i := range out {
		out[i] = rune(0x4e00 + rng.IntN(3000))
	}
	return string(out)
}
