package guide

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/store"
	"github.com/yingda/yingda/store/storetest"
)

// files are a guide's, from pairs of a path and what the file holds.
func files(pairs ...string) kb.Files {
	f := kb.Files{}
	for i := 0; i < len(pairs); i += 2 {
		f[pairs[i]] = []byte(pairs[i+1])
	}
	return f
}

// onBoth runs a test on a repository of each database.
func onBoth(t *testing.T, test func(t *testing.T, r kb.Repository)) {
	pg := storetest.StartPostgres(t, "fsync = off")
	for name, o := range map[string]store.Options{"SQLite": {Dir: t.TempDir()}, "PostgreSQL": {DSN: pg.Database(t)}} {
		t.Run(name, func(t *testing.T) {
			r, err := store.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			test(t, r)
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// become makes a guide the newest revision, as whoever it is does it.
func become(t *testing.T, r kb.Repository, by string, to kb.Files) {
	t.Helper()
	now, base, err := r.GuideFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e := kb.Edit{Base: base, By: by}
	if e.Put, e.Delete = now.Changes(to); by == ByBundle {
		e.Bundled = to
	}
	if _, err := r.EditGuide(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

// TestCompareBundle: what a start does with the guide that its program brings.
func TestCompareBundle(t *testing.T) {
	older, newer := files("guide/x/a.md", "1", "guide/x/b.md", "1"), files("guide/x/a.md", "1", "guide/x/b.md", "2", "guide/x/c.md", "1")
	type edit struct {
		by string
		to kb.Files
	}
	for _, tt := range []struct {
		name   string
		edits  []edit
		bundle kb.Files
		want   BundleState
	}{
		{"an empty repository", nil, older, BundleNewer},
		{"the same", []edit{{ByBundle, older}}, older, BundleSame},
		{"a newer program", []edit{{ByBundle, older}}, newer, BundleNewer},
		{"a newer program, edited before", []edit{{ByBundle, older}, {"前台", files("guide/x/a.md", "mine", "guide/x/b.md", "1")}}, newer, BundleEdited},
		{"a newer program, deleted before", []edit{{ByBundle, older}, {"前台", files("guide/x/a.md", "1")}}, newer, BundleEdited},
		{"a newer program, added to before", []edit{{ByBundle, older}, {"前台", files("guide/x/a.md", "1", "guide/x/b.md", "1", "guide/x/d.md", "mine")}}, newer, BundleEdited},
		{"edited and mended back", []edit{{ByBundle, older}, {"前台", files("guide/x/a.md", "mine", "guide/x/b.md", "1")}, {"前台", older}}, older, BundleSame},
		{"an older program", []edit{{ByBundle, older}, {ByBundle, newer}}, older, BundleOlder},
		{"an older program, edited before", []edit{{ByBundle, older}, {ByBundle, newer}, {"前台", files("guide/x/a.md", "mine", "guide/x/b.md", "2", "guide/x/c.md", "1")}}, older, BundleOlder},
		{"an older program that never was here", []edit{{ByBundle, newer}}, files("guide/x/a.md", "1", "guide/x/b.md", "2"), BundleOlder},
		{"a guide of the owner's", []edit{{ByImport, files("guide/x/a.md", "own")}}, newer, BundleOther},
		{"a folder of the owner's", []edit{{ByDirectory, files("guide/x/b.md", "own")}}, newer, BundleOther},
		{"a guide without the folder guide", []edit{{ByBundle, older}, {ByImport, files("x/b.md", "own")}}, newer, BundleOther},
	} {
		t.Run(tt.name, func(t *testing.T) {
			repository, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range tt.edits {
				become(t, repository, e.by, e.to)
			}
			d, err := compareBundle(t.Context(), repository, tt.bundle)
			if err != nil || d.State != tt.want {
				t.Errorf("got %+v (%v), want %d", d, err, tt.want)
			}
			if err := repository.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// written is a file that loads.
func written(text string) string {
	return "---\ntitle: " + text + "怎么办\ncategory: fees\nasks: [" + text + "]\nreviewed: 2026-11-23\nsources: [合同]\n---\n\n" + text + "。\n"
}

// TestMergeBundle: of a newer bundled guide an edited one takes what nobody edited, keeps what is its own, and leaves
// what both changed until somebody decides.
func TestMergeBundle(t *testing.T) {
	const dir = "guide/fees/"
	older := files(dir+"same.md", written("同"), dir+"updated.md", written("旧"), dir+"gone.md", written("去"), dir+"moved.md", written("移"),
		dir+"kept.md", written("留"), dir+"both.md", written("争"), dir+"dropped.md", written("弃"), dir+"deleted.md", written("删"), "lexicon.txt", "")
	edited := maps.Clone(older)
	maps.Copy(edited, files(dir+"kept.md", written("我留"), dir+"both.md", written("我争"), dir+"dropped.md", written("我弃"), dir+"own.md", written("我的"), dir+"taken.md", written("先占")))
	delete(edited, dir+"deleted.md")
	newer := maps.Clone(older)
	maps.Copy(newer, files(dir+"updated.md", written("新"), dir+"fresh.md", written("增"), "guide/machine/moved.md", written("移"), dir+"both.md", written("他争"),
		dir+"deleted.md", written("他删"), dir+"taken.md", written("后占")))
	for _, name := range []string{"gone", "moved", "dropped"} {
		delete(newer, dir+name+".md")
	}
	onBoth(t, func(t *testing.T, r kb.Repository) {
		become(t, r, ByBundle, older)
		become(t, r, "前台", edited)
		wantChanges(t, r, newer, "both conflict", "deleted conflict", "dropped conflict", "fresh new", "gone removed", "kept kept", "moved updated", "taken conflict", "updated updated")

		take(t, r, newer, nil, nil)
		wantChanges(t, r, newer, "both conflict", "deleted conflict", "dropped conflict", "kept kept", "taken conflict")

		take(t, r, newer, []string{"both", "dropped"}, []string{"taken"})
		wantChanges(t, r, newer, "deleted conflict", "kept kept", "taken kept")
		want := maps.Clone(newer)
		maps.Copy(want, files(dir+"kept.md", written("我留"), dir+"own.md", written("我的"), dir+"taken.md", written("先占")))
		delete(want, dir+"deleted.md")
		if got, _, err := r.GuideFiles(t.Context()); err != nil || !equal(got, want) {
			t.Errorf("the guide is %q, %v; want %q", got, err, want)
		}

		d, err := compareBundle(t.Context(), r, newer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Edit([]string{"kept"}, nil); !strings.Contains(fmt.Sprint(err), `no article "kept" is in conflict`) {
			t.Errorf("took what is in no conflict: %v", err)
		}
		if d, err = compareBundle(t.Context(), r, files("guide/fees/same.md", "no article")); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Edit(nil, nil); !errors.Is(err, ErrMerge) {
			t.Errorf("took what does not load: %v", err)
		}
	})
}

func take(t *testing.T, r kb.Repository, bundle kb.Files, take, keep []string) {
	t.Helper()
	d, err := compareBundle(t.Context(), r, bundle)
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.Edit(take, keep)
	if err == nil {
		_, err = r.EditGuide(t.Context(), e)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func wantChanges(t *testing.T, r kb.Repository, bundle kb.Files, want ...string) {
	t.Helper()
	d, err := compareBundle(t.Context(), r, bundle)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range d.Changes {
		got = append(got, c.ID+" "+[...]string{"new", "updated", "removed", "kept", "conflict"}[c.Kind])
	}
	if !slices.Equal(got, want) {
		t.Errorf("changes %q, want %q", got, want)
	}
}

// TestImportNotesBundle: a guide that was exported, edited and imported, or put into a folder that leads, is known
// to come from the bundled one; one of the owner's own is not.
func TestImportNotesBundle(t *testing.T) {
	bundle, err := kb.ReadFiles(content.FS())
	if err != nil {
		t.Fatal(err)
	}
	edited := maps.Clone(bundle)
	for name := range edited {
		if strings.HasSuffix(name, ".md") {
			edited[name] = append(slices.Clone(edited[name]), "\n又及。\n"...)
			break
		}
	}
	onBoth(t, func(t *testing.T, r kb.Repository) {
		for _, step := range []struct {
			files kb.Files
			noted int
		}{{files("guide/fees/own.md", written("自")), 0}, {edited, len(bundle)}, {files("guide/fees/own.md", written("自")), len(bundle)}} {
			_, e, err := ImportEdit(t.Context(), r, ByImport, step.files)
			if err == nil {
				_, err = r.EditGuide(t.Context(), e)
			}
			if err != nil {
				t.Fatal(err)
			}
			if noted, err := r.BundledFiles(t.Context()); err != nil || len(noted) != step.noted {
				t.Errorf("%d files are noted, %v; want %d", len(noted), err, step.noted)
			}
		}
		if d, err := CompareBundle(t.Context(), r); err != nil || d.State != BundleOther || d.Offered() != 0 {
			t.Errorf("state %v, %v", d, err)
		}
	})
}

// TestStartTellsOfNewerArticles: a start on an edited guide, of the database or of a folder that leads, tells how many
// bundled articles are newer, and changes nothing.
func TestStartTellsOfNewerArticles(t *testing.T) {
	bundle, err := kb.ReadFiles(content.FS())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(bundle)) {
		if isArticle(name) {
			names = append(names, name)
		}
	}
	older := maps.Clone(bundle)
	older[names[0]] = append(slices.Clone(older[names[0]]), "\n旧。\n"...)
	edited := maps.Clone(older)
	edited[names[1]] = append(slices.Clone(edited[names[1]]), "\n又及。\n"...)
	dir := t.TempDir()
	if err := WriteDir(dir, edited, nil); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"a database": "", "a folder": dir} {
		t.Run(name, func(t *testing.T) {
			repository := openStore(t)
			become(t, repository, ByBundle, older)
			become(t, repository, "前台", edited)
			var log logBuffer
			if _, err := openReloader(t, repository, dir, &log); err != nil {
				t.Fatal(err)
			}
			if want := "bundled articles are newer than the guide's"; strings.Count(log.String(), want) != 1 || !strings.Contains(log.String(), "articles=1 conflicts=0") {
				t.Errorf("the log does not tell of one newer article:\n%s", log.String())
			}
			if files, _, err := repository.GuideFiles(t.Context()); err != nil || !equal(files, edited) {
				t.Errorf("the guide was changed, %v", err)
			}
		})
	}
}
