package kb

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yingda/yingda/finding"
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

// TestValidateBlankAsks: a way to ask that shows nothing is a fault, whatever it is made of.
func TestValidateBlankAsks(t *testing.T) {
	lib := NewLibrary([]Article{{ID: "a", File: "a.md", Title: "问", Asks: []string{"怎么问", "\u3164", " \u2800\u200b"}}}, "")
	n := 0
	for _, f := range Validate(lib, day("2026-11-23")) {
		if f.Text == "one of the asks shows nothing" && f.Level == finding.Error {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d blank asks are found, want 2", n)
	}
}
