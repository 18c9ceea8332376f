package guide

import (
	"errors"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/flatfile"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
)

// TestCompiledIsFresh: the compiled guide that comes with the program is that of its bundled guide, as this program
// compiles it. `make learn` is due when this fails.
func TestCompiledIsFresh(t *testing.T) {
	revision, err := kb.Revision(content.FS(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := content.CompiledRevision(); got != revision {
		t.Fatalf("content/compiled.bin is of revision %s, the guide is %s: run make learn", got, revision)
	}
	lib, shipped, err := openBundled()
	if err != nil {
		t.Fatalf("content/compiled.bin is another program's: %v: run make learn", err)
	}
	data, _, err := CompileBundled(search.Options{Prior: shipped})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sizes(t, fileOf(t, data)), sizes(t, fileOf(t, unpack(t))); !slices.Equal(got, want) {
		t.Errorf("content/compiled.bin holds\n%v, compiled now it would be\n%v: run make learn", want, got)
	}
	_, fresh, err := openCompiled(fileOf(t, data))
	if err != nil {
		t.Fatal(err)
	}
	golden, err := fs.ReadFile(content.FS(), "golden.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range slices.Collect(strings.Lines(string(golden))) {
		if i%4 > 0 { // all would take the race detector minutes
			continue
		}
		question, _, _ := strings.Cut(line, "\t")
		got, err := shipped.Search(t.Context(), kb.Query{Text: question})
		if err != nil {
			t.Fatal(err)
		}
		want, err := fresh.Search(t.Context(), kb.Query{Text: question})
		if err != nil {
			t.Fatal(err)
		}
		if got.Text != want.Text || math.Abs(got.Confidence-want.Confidence) > 1e-4 {
			t.Errorf("%q is %q by %v, compiled now %q by %v: run make learn", question, got.Text, got.Confidence, want.Text, want.Confidence)
		}
	}
	if len(lib.Articles) == 0 {
		t.Error("there are no articles")
	}
}

func unpack(t *testing.T) []byte {
	t.Helper()
	data, err := content.Compiled()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func fileOf(t *testing.T, data []byte) *flatfile.File {
	t.Helper()
	f, err := flatfile.Parse(data, "")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// section is a section of a file by its size.
type section struct {
	name string
	size int
}

func sizes(t *testing.T, f *flatfile.File) (all []section) {
	t.Helper()
	names, bytes := f.Size()
	for i, name := range names {
		all = append(all, section{name, bytes[i]})
	}
	return all
}

// TestShelf: a guide is compiled once. The next start opens the file, unless it is damaged, another program's or gone;
// a start without a place for it does without.
func TestShelf(t *testing.T) {
	dir, log := t.TempDir(), new(logBuffer)
	indexed := 0
	start := func(dir string) *search.Index {
		t.Helper()
		indexed = 0
		c := compiler{&shelf{dir, slog.New(slog.NewTextHandler(log, nil))}, func(string) func(int, int) { return func(int, int) { indexed++ } }}
		lib, ix, err := c.guide(t.Context(), smallFiles(t).FS(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ix.Search(t.Context(), kb.Query{Text: lib.Articles[0].Title}); err != nil || got.Hits[0].ID != lib.Articles[0].ID {
			t.Errorf("%q finds %v, %v", lib.Articles[0].Title, got.Hits, err)
		}
		return ix
	}
	file := func() string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(found) != 1 {
			t.Fatalf("in the folder are %v (%v), want the compiled guide alone", found, err)
		}
		return found[0]
	}
	start(dir)
	if indexed == 0 {
		t.Error("nothing was compiled the first time")
	}
	start(dir)
	if indexed != 0 {
		t.Error("it was compiled again")
	}
	for name, damage := range map[string]func(path string) error{
		"deleted":           os.Remove,
		"emptied":           func(path string) error { return os.Truncate(path, 0) },
		"cut":               func(path string) error { return os.Truncate(path, 10_000) },
		"of another guide":  func(path string) error { return os.WriteFile(path, unpack(t), 0o600) },
		"another program's": func(path string) error { return new(flatfile.Builder).Write(path, "1") },
	} {
		if err := errors.Join(damage(file()), os.WriteFile(filepath.Join(dir, "guide-0.bin.1.new"), nil, 0o600), os.Mkdir(filepath.Join(dir, "index-1"), 0o700)); err != nil {
			t.Fatal(err)
		}
		start(dir)
		if indexed == 0 {
			t.Errorf("%s: the file was used", name)
		}
		file() // alone
	}
	if log.String() != "" {
		t.Errorf("the log is\n%s", log)
	}
	start(filepath.Join(dir, "none"))
	if indexed == 0 || !strings.Contains(log.String(), "is not kept") {
		t.Errorf("without a folder: compiled %t, the log is\n%s", indexed > 0, log)
	}
}
