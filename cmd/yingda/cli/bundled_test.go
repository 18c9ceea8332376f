package cli

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/store"
)

// TestImportBundled: an owner who edited the guide of an older program sees what the newer one brings, takes what is
// safe, and decides the conflicts.
func TestImportBundled(t *testing.T) {
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	bundle, err := kb.ReadFiles(content.FS())
	if err != nil {
		t.Fatal(err)
	}
	var names []string // of some articles
	for _, name := range slices.Sorted(maps.Keys(bundle)) {
		if strings.HasPrefix(name, "guide/fees/") {
			names = append(names, name)
		}
	}
	id := func(i int) string { return strings.TrimSuffix(strings.TrimPrefix(names[i], "guide/fees/"), ".md") }
	changed := func(name, text string) []byte { return append(slices.Clone(bundle[name]), "\n"+text+"\n"...) }
	older := maps.Clone(bundle)
	older[names[0]], older[names[1]], older[names[2]] = changed(names[0], "旧一"), changed(names[1], "旧二"), changed(names[2], "旧三")
	delete(older, names[3])
	edited := maps.Clone(older)
	edited[names[1]], edited[names[2]], edited[names[4]] = changed(names[1], "我二"), changed(names[2], "我三"), changed(names[4], "我五")
	if _, err := db.EditGuide(t.Context(), kb.Edit{Put: edited, Bundled: older}); err != nil {
		t.Fatal(err)
	}

	run := func(force, keep []string, dry bool) string {
		t.Helper()
		var out bytes.Buffer
		if err := importBundle(t.Context(), &out, db, force, keep, dry); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	lines := "~ " + id(0) + ": changed in the bundled guide alone\n" +
		"! " + id(1) + ": changed here and in the bundled guide; -force " + id(1) + " takes the bundled one, -keep " + id(1) + " yours\n" +
		"! " + id(2) + ": changed here and in the bundled guide; -force " + id(2) + " takes the bundled one, -keep " + id(2) + " yours\n" +
		"+ " + id(3) + ": new\n" +
		"= " + id(4) + ": changed here alone, stays\n"
	dry := run(nil, nil, true)
	for _, want := range append(strings.Split(strings.TrimSpace(lines), "\n"), "-旧一", "-我二", "-我三", "--- yours/"+names[1], "+++ bundled/"+names[1],
		"2 to take, 2 in conflict, 1 changed here alone; nothing was changed\n") {
		if !strings.Contains(dry, want) {
			t.Errorf("without %q:\n%s", want, dry)
		}
	}
	if got, want := run(nil, nil, false), lines+"revision 2: 2 files put, 0 deleted, 2 conflicts left\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var usage usageError
	if err := importBundle(t.Context(), new(bytes.Buffer), db, []string{"nosuch"}, nil, false); !errors.As(err, &usage) {
		t.Errorf("decided what is no conflict: %v", err)
	}
	if got, want := run([]string{id(1)}, []string{id(2)}, false), "revision 3: 1 files put, 0 deleted, 0 conflicts left\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := run(nil, nil, false), "nothing to do: the guide is the bundled one, edited; no bundled article is newer\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := importBundle(t.Context(), new(bytes.Buffer), db, []string{"nosuch"}, nil, false); !errors.As(err, &usage) {
		t.Errorf("decided what is no conflict, where nothing is newer: %v", err)
	}
	files, _, err := db.GuideFiles(t.Context())
	want := maps.Clone(bundle)
	want[names[2]], want[names[4]] = edited[names[2]], edited[names[4]]
	if err != nil || !maps.EqualFunc(files, want, bytes.Equal) {
		t.Errorf("the guide is not what was decided, %v", err)
	}
}
