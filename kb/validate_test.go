package kb

import (
	"flag"
	"fmt"
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
		b.WriteString(strings.ReplaceAll(f.String(), fmt.Sprint(Slots()), "{slots}") + "\n") // a new slot is no news here
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
