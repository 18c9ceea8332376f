// Package bench measures what the program costs, and compares it with its budgets (package budget) and with what it cost
// when the baseline was stored.
package bench

import (
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/yingda/yingda/bench/budget"
)

// measure is a part of the run that can be run alone: it takes all figures that name it.
type measure struct {
	name string
	run  func(b *testing.B, run *budget.Run)
}

// measures are all, in the order in which they are run.
func measures() []measure {
	return []measure{
		{"requests", measureRequests},
		{"counts", func(b *testing.B, run *budget.Run) { measureCounts(b, run) }},
		{"question", measureQuestion},
		{"inbox", measureInbox},
		{"start", measureStart},
		{"streams", measureStreams},
		{"sizes", measureSizes},
		{"commits", measureCommits},
		{"telegram", measureTelegram},
		{"wechat", measureWechat},
		{"masking", measureMasking},
		{"restart", measureRestart},
		{"soak", measureSoak},
	}
}

const baselinePath = "baseline.json"

// secondLooks is how often a measure is taken again, for more samples.
const secondLooks = 2

// What is done with the baseline; both take the measures alone that it keeps figures of.
var (
	save = flag.Bool("save", false, "store what is measured as the baseline")
	gate = flag.Bool("gate", false, "fail when something became dearer than the baseline says")
)

// BenchmarkBudgets takes every measure and prints its figures beside their limits. Run it with -benchtime 1x; one measure
// alone by -bench Budgets/NAME.
func BenchmarkBudgets(b *testing.B) {
	baseline, err := budget.LoadBaseline(baselinePath)
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range measures() {
		figures := budget.FiguresOf(m.name)
		if (*save || *gate) && !slices.ContainsFunc(figures, budget.Figure.Kept) {
			continue
		}
		run := budget.NewRun(figures)
		ran := false // -bench may name another one
		well := b.Run(m.name, func(b *testing.B) {
			m.run(b, run)
			for n := 0; n < secondLooks && wantsMore(baseline, run, figures); n++ {
				m.run(b, run)
			}
			ran = true
		})
		if !well || !ran {
			continue
		}
		if err := budget.Print(os.Stdout, run, figures, baseline); err != nil {
			b.Error(err)
		}
		if *save {
			baseline = baseline.With(run)
			if err := baseline.Save(baselinePath); err != nil {
				b.Error(err)
			}
		}
		if *gate {
			failDearer(b, baseline.Compare(run, figures))
		}
	}
}

// wantsMore tells whether more samples are wanted: where something seems dearer, or noise hides whether it is.
func wantsMore(baseline budget.Baseline, run *budget.Run, figures []budget.Figure) bool {
	seemsDearer := slices.ContainsFunc(baseline.Compare(run, figures), budget.Change.Dearer)
	return *gate && seemsDearer || (*gate || *save) && run.Blind(figures)
}

// failDearer fails the test for each figure that became dearer, and says what the noise hides.
func failDearer(tb testing.TB, changes []budget.Change) {
	tb.Helper()
	for _, c := range changes {
		switch {
		case c.Dearer():
			tb.Errorf("dearer: %v", c)
		case c.Blind():
			tb.Logf("too noisy to tell: %v", c)
		}
	}
}

// TestMeasures finds the measure of each figure, and a figure of each measure.
func TestMeasures(t *testing.T) {
	taken := map[string]bool{}
	for _, m := range measures() {
		taken[m.name] = false
	}
	for _, f := range budget.Figures() {
		if _, ok := taken[f.Measure]; !ok {
			t.Errorf("no measure %q takes %q", f.Measure, f.Name)
		}
		taken[f.Measure] = true
	}
	for name, has := range taken {
		if !has {
			t.Errorf("the measure %q takes no figure", name)
		}
	}
}

// TestBaseline finds each figure of the stored baseline in the table, as one that is kept: a renamed one would be compared
// with nothing, unseen.
func TestBaseline(t *testing.T) {
	baseline, err := budget.LoadBaseline(baselinePath)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range budget.Figures() {
		if f.Kept() {
			delete(baseline, f.Name)
		}
	}
	for name := range baseline {
		t.Errorf("the table keeps no figure %q", name)
	}
}
