package guide

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/store"
)

// smallGuide is a guide of four articles, indexed in no time.
const smallGuide = "../api/testdata/guide"

// rate is one of them.
const rate = "guide/fees/fee-rate.md"

const article = "---\ntitle: %s\ncategory: fees\nasks: [%s]\nreviewed: 2026-11-23\nsources: [合同]\n---\n\n%s\n"

// logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func openStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// edit puts files into a repository.
func edit(t *testing.T, r kb.Repository, put kb.Files) {
	t.Helper()
	_, base, err := r.GuideFiles(t.Context())
	if err == nil {
		_, err = r.EditGuide(t.Context(), kb.Edit{Base: base, By: "test", Put: put})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// openReloader is one that nobody runs yet.
func openReloader(t *testing.T, r kb.Repository, dir string, log *logBuffer) (*Reloader, error) {
	t.Helper()
	reloader, err := OpenReloader(t.Context(), Config{
		Repository: r, Dir: dir, CompileDir: t.TempDir(), Log: slog.New(slog.NewTextHandler(log, nil)),
		WithDesk: func(b *bot.Bot) *bot.Bot { return b },
	})
	return reloader, err
}

func smallFiles(t *testing.T) kb.Files {
	t.Helper()
	files, err := ReadDir(smallGuide)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestCatchUpWithTheSame: a revision that edits and mends back costs no new index. A large guide would
// even wait for ever for the files that it has open itself.
func TestCatchUpWithTheSame(t *testing.T) {
	repository, log := openStore(t), new(logBuffer)
	files := smallFiles(t)
	edit(t, repository, files)
	r, err := openReloader(t, repository, "", log)
	if err != nil {
		t.Fatal(err)
	}
	first := r.Current()
	catchUp := func() {
		t.Helper()
		if err := r.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	edit(t, repository, kb.Files{rate: append(slices.Clone(files[rate]), "多一句。\n"...)})
	edit(t, repository, kb.Files{rate: files[rate]})
	catchUp()
	if r.Current() != first {
		t.Errorf("the same guide was indexed again:\n%s", log)
	}
	edit(t, repository, kb.Files{"guide/fees/qr.md": fmt.Appendf(nil, article, "收款码丢了怎么补", "二维码坏了", "请收单机构补发。")})
	catchUp()
	if r.Current() == first {
		t.Errorf("the edited guide is not served:\n%s", log)
	}
}

// TestCatchUpWithABrokenOne: the last good guide goes on, the problems say why until it is mended.
func TestCatchUpWithABrokenOne(t *testing.T) {
	repository, log := openStore(t), new(logBuffer)
	files := smallFiles(t)
	edit(t, repository, files)
	r, err := openReloader(t, repository, "", log)
	if err != nil {
		t.Fatal(err)
	}
	first := r.Current()
	for _, tt := range []struct {
		name string
		data []byte
		want string // of the problems; "" for none
	}{
		{"broken", bytes.Replace(files[rate], []byte("escalate: never"), []byte("escalate: perhaps"), 1), `revision 2 of the guide is not served: `},
		{"mended", files[rate], ""},
	} {
		edit(t, repository, kb.Files{rate: tt.data})
		if err := r.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(r.Problems(), "\n"); r.Current() != first || (got == "") != (tt.want == "") || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: problems %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestRunFollowsAFolder: a folder that leads is imported when it is opened and whenever it changes.
func TestRunFollowsAFolder(t *testing.T) {
	dir, repository, log := t.TempDir(), openStore(t), new(logBuffer)
	if err := os.CopyFS(dir, os.DirFS(smallGuide)); err != nil {
		t.Fatal(err)
	}
	r, err := openReloader(t, repository, dir, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	file := filepath.Join(dir, "guide", "fees", "qr.md")
	if err := os.WriteFile(file, fmt.Appendf(nil, article, "收款码丢了怎么补", "二维码坏了", "请收单机构补发。"), 0o600); err != nil {
		t.Fatal(err)
	}
	served := func() bool { _, ok := r.Current().Library.Article("qr"); return ok }
	for begin := time.Now(); !served(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("the new article is not served:\n%s", log)
		}
	}
	if history, err := repository.GuideHistory(t.Context(), "guide/fees/qr.md", 1); err != nil || len(history) != 1 || history[0].By != ByDirectory {
		t.Errorf("history %v, %v", history, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestOpenReloader: what is served first.
func TestOpenReloader(t *testing.T) {
	broken := t.TempDir()
	if err := os.CopyFS(broken, os.DirFS(smallGuide)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "guide", "fees", "fee-rate.md"), []byte("no article"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, dir string
		files     kb.Files // of the repository before
		articles  int
		problems  bool
		err       string
	}{
		{name: "a folder", dir: smallGuide, articles: 4},
		{name: "what the repository holds", files: smallFiles(t), articles: 4},
		{name: "no folder", dir: "nosuch", err: "cannot read the guide: stat nosuch: no such file or directory"},
		{name: "a broken folder and nothing before", dir: broken, err: "the guide has errors"},
		{name: "a broken folder and a guide before", dir: broken, files: smallFiles(t), articles: 4, problems: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			repository := openStore(t)
			edit(t, repository, tt.files)
			r, err := openReloader(t, repository, tt.dir, new(logBuffer))
			if tt.err != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.err) {
					t.Errorf("error %v, want %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if n := len(r.Current().Library.Articles); n != tt.articles || (len(r.Problems()) > 0) != tt.problems {
				t.Errorf("%d articles, problems %q; want %d, %t", n, r.Problems(), tt.articles, tt.problems)
			}
		})
	}
}
