package kb_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

// TestLibraryFile: a library that was stored is read as it was.
func TestLibraryFile(t *testing.T) {
	lib, found, err := kb.Load(content.FS(), nil, nil)
	if err != nil || found.Err() != nil {
		t.Fatal(err, found.Err())
	}
	var b bytes.Buffer
	if err := lib.Write(&b); err != nil {
		t.Fatal(err)
	}
	cut := b.Bytes()[:b.Len()/2]
	read, err := kb.ReadLibrary(&b)
	if err != nil {
		t.Fatal(err)
	}
	got := exported(t, read)
	for i, want := range exported(t, lib) {
		if len(got) <= i || got[i] != want {
			t.Fatalf("it is read as %s where %s was stored", got[min(i, len(got)-1)], want)
		}
	}
	for i := range lib.Articles {
		if a, ok := read.Article(lib.Articles[i].ID); !ok || a.Title != lib.Articles[i].Title {
			t.Errorf("the article %s is not found", lib.Articles[i].ID)
		}
	}
	if _, err := kb.ReadLibrary(bytes.NewReader(cut)); err == nil {
		t.Error("half a library is read")
	}
}

// exported is what everybody sees of a library, line by line; an empty list is as good as none.
func exported(t *testing.T, lib *kb.Library) []string {
	t.Helper()
	data, err := json.MarshalIndent(lib, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.NewReplacer(": null", ":", ": []", ":", ": {}", ":").Replace(string(data)), "\n")
}

// TestRevision: the revision is told without the guide being parsed, and is that of the library.
func TestRevision(t *testing.T) {
	own, err := kb.ReadFiles(content.FS())
	if err != nil {
		t.Fatal(err)
	}
	delete(own, "phrases.yaml")
	delete(own, "codes.yaml")
	for name, files := range map[string]kb.Files{"an own guide": own, "no files": {}} {
		lib, _, err := kb.Load(files.FS(), content.FS(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := kb.Revision(files.FS(), content.FS()); err != nil || got != lib.Revision {
			t.Errorf("%s: the revision is %s (%v), the library's %s", name, got, err, lib.Revision)
		}
	}
}
