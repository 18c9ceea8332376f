package faults

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestCompiledGuideDamaged: whatever happens to the file of the compiled guide, it is compiled anew from the database, and
// answers the same.
func TestCompiledGuideDamaged(t *testing.T) {
	t.Parallel()
	s := newServer(t, sqliteFile{})
	s.reads(largeGuide(t))
	s.start()
	ask := func() string { return s.asks(words(1234)) }
	want := ask()
	damages := []struct {
		name   string
		damage func(path string, size int64) error
	}{
		{"deleted", func(path string, _ int64) error { return os.Remove(path) }},
		{"cut in half", func(path string, size int64) error { return os.Truncate(path, size/2) }},
		{"emptied", func(path string, _ int64) error { return os.Truncate(path, 0) }},
		{"torn", tear},
		{"changed in one bit", flip},
	}
	for round := range scaled(3, 40) {
		s.stop()
		d, file := damages[(round+rand.IntN(2))%len(damages)], compiledGuide(t, s)
		info, err := os.Stat(file)
		must(t, err)
		must(t, d.damage(file, info.Size()))
		took := s.start()
		if got := ask(); got != want {
			t.Errorf("%s: answered %q, before %q", d.name, got, want)
		}
		t.Logf("%s: ready after %v", d.name, took.Round(time.Millisecond))
	}
	s.stop()
}

// TestCompileKill: a server that is killed while it compiles its guide, or stores what it compiled, starts and answers
// after that, and leaves nothing half behind.
func TestCompileKill(t *testing.T) {
	t.Parallel()
	s := newServer(t, sqliteFile{})
	s.reads(largeGuide(t))
	takes := s.start()
	want := s.asks(words(1234))
	s.stop()
	for range scaled(4, 40) {
		must(t, os.Remove(compiledGuide(t, s)))
		s.startAndKill(rand.N(takes))
		s.start()
		if got := s.asks(words(1234)); got != want {
			t.Errorf("answered %q, before %q", got, want)
		}
		s.stop()
		for _, pattern := range []string{"*.new", "index-*"} {
			if left, err := filepath.Glob(filepath.Join(s.data(), pattern)); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		}
	}
}

// asks is what a customer who never was here is answered.
func (s *server) asks(question string) string {
	s.t.Helper()
	c := newCustomers(s, 1)[0] // who asks twice is answered in other words
	must(s.t, c.say(question))
	return c.ledger[0].replies[0].Text
}

// startAndKill starts it, and kills it after so long.
func (s *server) startAndKill(after time.Duration) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), s.bin, s.args...)
	cmd.Env = append(os.Environ(), s.env...)
	must(s.t, cmd.Start())
	time.Sleep(after)
	must(s.t, cmd.Process.Kill())
	_ = cmd.Wait() // it tells of the kill
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

// flip changes one bit of a file.
func flip(path string, size int64) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	data[rand.N(size)] ^= 1 << rand.IntN(8)
	return os.WriteFile(path, data, 0o600)
}

// compiledGuide is the file of the guide that a server has compiled.
func compiledGuide(t *testing.T, s *server) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.data(), "guide-*.bin"))
	must(t, err)
	if len(files) != 1 {
		t.Fatalf("the compiled guides are %v, want one", files)
	}
	return files[0]
}

// largeGuide is a guide whose index is built on disk.
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
