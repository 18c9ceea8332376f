package kb

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestValidate checks a guide that has every kind of fault. With -update it writes testdata/faults.txt.
func TestValidate(t *testing.T) {
	lib, faults, err := Load(os.DirFS(filepath.Join("testdata", "faults")), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	faults = append(faults, Validate(lib, day("2026-11-23"))...)
	faults.Sort()
	var b strings.Builder
	for _, f := range faults {
		b.WriteString(strings.ReplaceAll(f.String(), joinSlots(), "{slots}") + "\n") // a new slot is no news here
	}
	golden := filepath.Join("testdata", "faults.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("the faults of testdata/faults are\n%s\nwant\n%s", got, want)
	}
}

func TestFaults(t *testing.T) {
	fs := Findings{
		{"b.md", 1, Error, "four", "do it"},
		{"a.md", 2, Verify, "three", ""},
		{"a.md", 1, Warning, "two", ""},
		{"a.md", 1, Error, "one", ""},
	}
	fs.Sort()
	var got []string
	for _, f := range fs {
		got = append(got, f.String())
	}
	want := "a.md:1: error: one|a.md:1: warning: two|a.md:2: verify: three|b.md:1: error: four; do it"
	if strings.Join(got, "|") != want {
		t.Errorf("sorted: %q, want %q", got, want)
	}
	if err := fs.Err(); err == nil || err.Error() != "a.md:1: error: one\nb.md:1: error: four; do it" {
		t.Errorf("Err = %v", err)
	}
	if err := append(fs.At(Warning), fs.At(Verify)...).Err(); err != nil {
		t.Errorf("warnings are no error: %v", err)
	}
}
