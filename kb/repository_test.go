package kb_test

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

// TestCollect: what is collected loads as the folder does, and nothing else is taken along.
func TestCollect(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"with a guide folder": {
			"guide/fees/rate.md":   {Data: []byte("rate")},
			"guide/fees/.draft.md": {Data: []byte("hidden")},
			"guide/README.md":      {Data: []byte("about")},
			"notes/other.md":       {Data: []byte("beside the guide")},
			"lexicon.txt":          {Data: []byte("刷卡 = 消费")},
			"golden.tsv":           {Data: []byte("no part of the guide")},
		},
		"flat": {
			"fees/rate.md":     {Data: []byte("rate")},
			".git/message.md":  {Data: []byte("hidden")},
			"lexicon.txt":      {Data: []byte("刷卡 = 消费")},
			"fees/picture.png": {Data: []byte("no article")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := kb.ReadFiles(fsys)
			if err != nil {
				t.Fatal(err)
			}
			got := slices.Sorted(maps.Keys(files))
			if len(got) != 2 || got[1] != "lexicon.txt" || string(files[got[0]]) != "rate" {
				t.Errorf("collected %q, want the article and the lexicon", got)
			}
		})
	}
	t.Run("bundled", func(t *testing.T) {
		files, err := kb.ReadFiles(content.FS())
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := kb.Load(content.FS(), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, faults, err := kb.Load(files.FS(), nil, nil)
		if err != nil || faults.Err() != nil || got.Revision != want.Revision {
			t.Errorf("revision %s of the collected files, want %s (%v, %v)", got.Revision, want.Revision, faults.Err(), err)
		}
	})
	t.Run("no folder", func(t *testing.T) {
		if _, err := kb.ReadFiles(os.DirFS(t.TempDir() + "/gone")); err == nil {
			t.Error("a folder that does not exist was collected")
		}
	})
}

func TestChanges(t *testing.T) {
	was := kb.Files{"a": []byte("1"), "b": []byte("2"), "d": []byte("4"), "c": []byte("3")}
	put, gone := was.Changes(kb.Files{"a": []byte("1"), "b": []byte("two"), "e": nil})
	if !reflect.DeepEqual(put, kb.Files{"b": []byte("two"), "e": nil}) || !slices.Equal(gone, []string{"c", "d"}) {
		t.Errorf("put %q and delete %q", put, gone)
	}
}
