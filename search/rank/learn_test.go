package rank

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/yingda/yingda/zh"
)

// madeCorpus has n phrasings of a few documents. Phrasings of one document share characters.
func madeCorpus(n, docs int) (*Corpus, *postings, *examples) {
	rng := rand.New(rand.NewPCG(5, 6))
	all := make([]Document, docs)
	for i := range n {
		d := &all[i%docs]
		d.ID = fmt.Sprint("class", i%docs)
		var text []rune
		for range 4 {
			text = append(text, rune(0x4e00+8*(i%docs)+rng.IntN(8)), rune(0x6e00+rng.IntN(40)))
		}
		d.Phrasings = append(d.Phrasings, string(text))
	}
	c, _ := NewCorpus(Options{Docs: all, Analyzer: zh.NewAnalyzer(zh.Vocabulary{}), Background: zh.Background{}, Model: Untrained(DefaultKernel())})
	return c, newPostings(c), newExamples(c)
}

// priorOf is what r has learnt, without the rows that lacks chooses.
func priorOf(r *ridge, e *examples, lacks func(i int) bool) *Ranker {
	keys := slices.Clone(e.keys)
	for i := range keys {
		if lacks(i) {
			keys[i]++ // another text's
		}
	}
	return &Ranker{ridge: r, examples: &examples{keys: keys, classes: e.classes}}
}

func ridgeOf(t *testing.T, c *Corpus, p *postings, e *examples, prior *Ranker) *ridge {
	t.Helper()
	r, err := fitRidge(c, p, e, prior)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// scoresOf are a regression's scores of every example, one place a class.
func scoresOf(c *Corpus, p *postings, e *examples, r *ridge) [][]float32 {
	var v vector
	sim, out := make([]float32, c.rows()), make([][]float32, len(e.keys))
	for i := range out {
		c.exampleVector(&v, i)
		p.similarities(&v, sim)
		out[i] = make([]float32, len(e.classes))
		r.scores(sim[:len(e.keys)], out[i])
	}
	return out
}

// TestFitRidge solves the regression itself: (K + λI)·alpha must be the classes' indicator.
func TestFitRidge(t *testing.T) {
	c, p, e := madeCorpus(90, 6)
	r := ridgeOf(t, c, p, e, nil)
	for i, score := range scoresOf(c, p, e, r) {
		for class, x := range score {
			got := float64(x) + c.Space.kernel.Ridge*float64(r.row(i)[class])
			if want := float64(boolToInt(class == int(e.classOf[i]))); math.Abs(got-want) > 1e-3 {
				t.Fatalf("phrasing %d, class %d: %v, want %v", i, class, got, want)
			}
		}
	}
}

func TestFitRidgeFromPrior(t *testing.T) {
	corpus, p, e := madeCorpus(300, 6)
	full := ridgeOf(t, corpus, p, e, nil)
	want := scoresOf(corpus, p, e, full)
	for _, c := range []struct {
		name  string
		lacks func(i int) bool
		off   float64 // the most by which a score may be off
	}{
		{"all rows", func(int) bool { return false }, 0},
		{"a tenth is new", func(i int) bool { return i%10 == 3 }, 0.05},
		{"a third is new: all is learnt anew", func(i int) bool { return i%3 == 0 }, 0},
		{"nothing in common", func(int) bool { return true }, 0},
	} {
		worst := 0.0
		for i, got := range scoresOf(corpus, p, e, ridgeOf(t, corpus, p, e, priorOf(full, e, c.lacks))) {
			for class := range got {
				worst = max(worst, math.Abs(float64(got[class]-want[i][class])))
			}
		}
		if worst > c.off {
			t.Errorf("%s: a score is off by %v, want at most %v", c.name, worst, c.off)
		}
	}
}

// TestPackedRidge: packing changes neither scores nor rows.
func TestPackedRidge(t *testing.T) {
	c, p, e := madeCorpus(90, 6)
	r := ridgeOf(t, c, p, e, nil)
	want, rows := scoresOf(c, p, e, r), slices.Clone(r.alpha)
	r.pack()
	if r.alpha != nil {
		t.Error("both layouts are kept")
	}
	for i, got := range scoresOf(c, p, e, r) {
		for class := range got {
			if math.Abs(float64(got[class]-want[i][class])) > 1e-5 {
				t.Errorf("example %d, class %d: packed %v, before %v", i, class, got[class], want[i][class])
			}
		}
		for class, want := range rows[i*r.classes : (i+1)*r.classes] {
			if r.at(i, class) != want {
				t.Errorf("row %d, class %d has changed", i, class)
			}
		}
	}
}

// A prior without the new rows is kept as it is: rows are found by text, columns by name.
func TestFitRidgeKeepsColumnsByName(t *testing.T) {
	c, p, e := madeCorpus(60, 3)
	full := ridgeOf(t, c, p, e, nil)
	prior := &Ranker{
		ridge:    &ridge{classes: 5},
		examples: &examples{keys: e.keys, classes: []string{e.classes[2], "gone", e.classes[0], e.classes[1], outsideClass}},
	}
	for i := range e.keys {
		row := full.row(i)
		prior.ridge.alpha = append(prior.ridge.alpha, row[2], 7, row[0], row[1], row[3])
	}
	if got := ridgeOf(t, c, p, e, prior); !slices.Equal(got.alpha, full.alpha) {
		t.Error("the columns of a prior in another order were mixed up")
	}
}
