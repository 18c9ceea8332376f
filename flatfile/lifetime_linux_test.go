package flatfile

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestLifetime: a mapped file stays as long as something refers to it, also when another file has replaced it, and goes
// after that.
func TestLifetime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := build().Write(path, "key"); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, "key")
	if err != nil {
		t.Fatal(err)
	}
	if err := new(Builder).Write(path, "key"); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	wantContents(t, f)
	if !mapped(t, path) {
		t.Fatal("the file is not mapped")
	}
	runtime.KeepAlive(f)
	for begin := time.Now(); mapped(t, path); time.Sleep(time.Millisecond) {
		if time.Since(begin) > time.Minute {
			t.Fatal("the file is still mapped")
		}
		runtime.GC()
	}
}

func mapped(t *testing.T, path string) bool {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(maps, []byte(path))
}
