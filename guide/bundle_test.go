package guide

import (
	"maps"
	"slices"
	"testing"

	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/store"
)

// TestCompareBundle: what a start does with the guide that its program brings.
func TestCompareBundle(t *testing.T) {
	files := func(pairs ...string) kb.Files {
		f := kb.Files{}
		for i := 0; i < len(pairs); i += 2 {
			f[pairs[i]] = []byte(pairs[i+1])
		}
		return f
	}
	older, newer := files("a", "1", "b", "1"), files("a", "1", "b", "2", "c", "1")
	type edit struct {
		by string
		to kb.Files
	}
	for _, tt := range []struct {
		name   string
		edits  []edit
		bundle kb.Files
		want   bundleState
	}{
		{"an empty repository", nil, older, bundleNew},
		{"the same", []edit{{ByBundle, older}}, older, bundleSame},
		{"a newer program", []edit{{ByBundle, older}}, newer, bundleNew},
		{"a newer program, edited before", []edit{{ByBundle, older}, {"前台", files("a", "mine", "b", "1")}}, newer, bundleEdited},
		{"a newer program, deleted before", []edit{{ByBundle, older}, {"前台", files("a", "1")}}, newer, bundleEdited},
		{"a newer program, added to before", []edit{{ByBundle, older}, {"前台", files("a", "1", "b", "1", "d", "mine")}}, newer, bundleEdited},
		{"edited and mended back", []edit{{ByBundle, older}, {"前台", files("a", "mine", "b", "1")}, {"前台", older}}, older, bundleSame},
		{"an older program", []edit{{ByBundle, older}, {ByBundle, newer}}, older, bundleOld},
		{"an older program that never was here", []edit{{ByBundle, newer}}, files("a", "1", "b", "2"), bundleOld},
		{"imported", []edit{{"import", older}}, newer, bundleEdited},
		{"a folder's", []edit{{ByDirectory, older}}, newer, bundleEdited},
	} {
		t.Run(tt.name, func(t *testing.T) {
			repository, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			now, revision := kb.Files{}, int64(0)
			for _, e := range tt.edits {
				put, gone := now.Changes(e.to)
				if revision, err = repository.EditGuide(t.Context(), kb.Edit{Base: revision, By: e.by, Put: put, Delete: gone}); err != nil {
					t.Fatal(err)
				}
				now = e.to
			}
			got, err := compareBundle(t.Context(), repository, now, revision, tt.bundle)
			if err != nil || got != tt.want {
				t.Errorf("got %d (%v), want %d: %s has %v", got, err, tt.want, tt.name, slices.Sorted(maps.Keys(now)))
			}
			if err := repository.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
