package budget

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCompare sees a tenth more where the noise is small, and never calls noise a change.
func TestCompare(t *testing.T) {
	quiet := []float64{99, 100, 101, 100, 99, 101, 100}
	noisy := []float64{70, 100, 130, 80, 120, 100, 75}
	times := func(samples []float64, factor float64) []float64 {
		out := make([]float64, len(samples))
		for i, s := range samples {
			out[i] = s * factor
		}
		return out
	}
	for _, c := range []struct {
		name          string
		was, is       []float64
		atLeast       bool
		dearer, blind bool
	}{
		{"the same", quiet, quiet, false, false, false},
		{"a tenth dearer", quiet, times(quiet, 1.10), false, true, false},
		{"a little dearer", quiet, times(quiet, 1.03), false, false, false},
		{"cheaper", quiet, times(quiet, .5), false, false, false},
		{"a tenth dearer in noise", noisy, times(noisy, 1.10), false, false, true},
		{"twice as dear in noise", noisy, times(noisy, 2), false, true, false},
		{"a tenth less throughput", quiet, times(quiet, 1/1.10), true, true, false},
		{"more throughput", quiet, times(quiet, 2), true, false, false},
		{"something of nothing", times(quiet, 0), quiet, false, true, false},
		{"nothing of nothing", times(quiet, 0), times(quiet, 0), false, false, false},
	} {
		f := figure(Steady)
		f.AtLeast = c.atLeast
		changes := Baseline{}.With(runOf(f, c.was...)).Compare(runOf(f, c.is...), []Figure{f})
		if len(changes) != 1 {
			t.Fatalf("%s: %v", c.name, changes)
		}
		if got := changes[0]; got.Dearer() != c.dearer || got.Blind() != c.blind {
			t.Errorf("%s: dearer %t, blind %t: %v", c.name, got.Dearer(), got.Blind(), got)
		}
	}
}

// TestCompareWhatIsThere compares what both know.
func TestCompareWhatIsThere(t *testing.T) {
	f := figure(Exact)
	if got := (Baseline{}).Compare(runOf(f, 1), []Figure{f}); len(got) != 0 {
		t.Error("compared with nothing: ", got)
	}
	if got := (Baseline{"f": {Median: 1}}).Compare(runOf(f), []Figure{f}); len(got) != 0 {
		t.Error("compared what was not measured: ", got)
	}
}

// TestBlind asks for more samples where the noise of a figure that is kept hides a tenth.
func TestBlind(t *testing.T) {
	quiet, noisy := []float64{99, 100, 101, 100}, []float64{90, 100, 110, 100}
	for _, c := range []struct {
		kind    Kind
		samples []float64
		want    bool
	}{
		{Steady, quiet, false},
		{Steady, noisy, true},
		{Steady, slices.Repeat(noisy, 20), false},
		{Loose, noisy, false},
		{Steady, nil, false},
	} {
		f := figure(c.kind)
		if got := runOf(f, c.samples...).Blind([]Figure{f}); got != c.want {
			t.Errorf("%d samples of kind %d: blind %t", len(c.samples), c.kind, got)
		}
	}
}

func TestSave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baseline.json")
	old := Baseline{"f": {Median: 1}, "g": {Median: 2}}
	if err := old.With(runOf(figure(Steady), 123.456, 123.456, 120)).Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := LoadBaseline(path)
	if err != nil || got["f"].Median != 123.5 || got["g"] != old["g"] || old["f"].Median != 1 {
		t.Error(got, old, err)
	}
	if kept := (Baseline{}).With(runOf(figure(Loose), 1)); len(kept) != 0 {
		t.Error("a loose figure was kept: ", kept)
	}
}

func TestPrint(t *testing.T) {
	least := Figure{Measure: "m", Name: "throughput", Unit: "×", Limit: .15, AtLeast: true}
	free := Figure{Measure: "m", Name: "free"}
	figures := []Figure{figure(Exact), least, free}
	for value, want := range map[float64]string{200: "NO", 100: "yes", 90: "yes", 50: "stretch", 10: "stretch"} {
		r := NewRun(figures)
		r.Add("f", value)
		r.Add("throughput", .15)
		r.Add("free", 1)
		var out strings.Builder
		if err := Print(&out, r, figures, Baseline{"f": {Median: 95}}); err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(out.String(), "\n")
		if len(rows) != 5 {
			t.Fatalf("%d rows:\n%s", len(rows), out.String())
		}
		if cells := strings.Fields(rows[1]); cells[len(cells)-2] != want || cells[len(cells)-1] != "95" {
			t.Errorf("%v is %v, want %s", value, cells, want)
		}
		if !strings.Contains(rows[2], " yes ") || strings.Contains(rows[3], "yes") {
			t.Error(out.String())
		}
	}
	if err := Print(io.Discard, NewRun(figures), figures, nil); err == nil {
		t.Error("figures were printed that nothing took")
	}
	if got := (Figure{Limit: 8}).verdict(0); got != "yes" {
		t.Errorf("nothing of 8 is %q", got)
	}
	if least.verdict(.1) != "NO" || least.verdict(.2) != "yes" {
		t.Error("the least is no least")
	}
}

// TestFigures keeps the table right: each name once, and its limits in order.
func TestFigures(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Figures() {
		if seen[f.Name] || f.Measure == "" {
			t.Errorf("%q is there twice, or nothing takes it", f.Name)
		}
		seen[f.Name] = true
		if f.Stretch != 0 && (f.Stretch < f.Limit) == f.AtLeast {
			t.Errorf("%q: %v is no better than %v", f.Name, f.Stretch, f.Limit)
		}
	}
}
