package rank

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/yingda/yingda/zh"
)

// madeExamples are n phrasings of a few classes, in a space of their own. Phrasings of one class share words.
func madeExamples(n, classes int) (*vectorSpace, []example, []string) {
	rng := rand.New(rand.NewPCG(5, 6))
	texts := make([][]zh.Text, classes)
	for i := range n {
		class := i % classes
		var tokens []string
		for range 4 {
			tokens = append(tokens, fmt.Sprintf("c%d.%d", class, rng.IntN(8)), fmt.Sprint("any", rng.IntN(40)))
		}
		texts[class] = append(texts[class], zh.Text{Folded: fmt.Sprint("phrasing ", i), Tokens: zh.Tokens{tokens, tokens, tokens}})
	}
	s := newVectorSpace(DefaultKernel(), zh.Background{}, texts)
	var examples []example
	var names []string
	for class, said := range texts {
		names = append(names, fmt.Sprint("class", class))
		for _, t := range said {
			v := s.vector(t.Tokens)
			s.addPhrasing(v)
			examples = append(examples, example{exampleKey(names[class], t.Folded), class, v})
		}
	}
	return s, examples, names
}

// priorOf is what r has learnt, without the rows that lacks chooses.
func priorOf(r *ridge, examples []example, names []string, lacks func(i int) bool) *Learned {
	l := &Learned{classes: map[string]int{}, rows: map[uint64][]float32{}}
	for c, name := range names {
		l.classes[name] = c
	}
	for i, e := range examples {
		if !lacks(i) {
			l.rows[e.key] = slices.Clone(r.row(i))
		}
	}
	return l
}

func ridgeOf(t *testing.T, s *vectorSpace, examples []example, names []string, prior *Learned) *ridge {
	t.Helper()
	r, err := fitRidge(s, examples, names, prior)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestFitRidge solves the regression itself: (K + λI)·alpha must be the classes' indicator.
func TestFitRidge(t *testing.T) {
	s, examples, names := madeExamples(90, 6)
	r := ridgeOf(t, s, examples, names, nil)
	sim, score := make([]float32, len(examples)), make([]float32, len(names))
	for i, e := range examples {
		s.similarities(e.vector, sim)
		r.scores(sim, score)
		for c, x := range score {
			got := float64(x) + s.kernel.Ridge*float64(r.row(i)[c])
			if want := float64(boolToInt(c == e.class)); math.Abs(got-want) > 1e-3 {
				t.Fatalf("phrasing %d, class %d: %v, want %v", i, c, got, want)
			}
		}
	}
}

func TestFitRidgeFromPrior(t *testing.T) {
	s, examples, names := madeExamples(300, 6)
	full := ridgeOf(t, s, examples, names, nil)
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
		r := ridgeOf(t, s, examples, names, priorOf(full, examples, names, c.lacks))
		sim, got, want := make([]float32, len(examples)), make([]float32, len(names)), make([]float32, len(names))
		worst := 0.0
		for _, e := range examples {
			s.similarities(e.vector, sim)
			r.scores(sim, got)
			full.scores(sim, want)
			for class := range got {
				worst = max(worst, math.Abs(float64(got[class]-want[class])))
			}
		}
		if worst > c.off {
			t.Errorf("%s: a score is off by %v, want at most %v", c.name, worst, c.off)
		}
	}
}

// A prior without the new rows is kept as it is: rows are found by text, columns by name.
func TestFitRidgeKeepsColumnsByName(t *testing.T) {
	s, examples, names := madeExamples(60, 3)
	full := ridgeOf(t, s, examples, names, nil)
	prior := priorOf(full, examples, names, func(int) bool { return false })
	for key, row := range prior.rows {
		prior.rows[key] = []float32{row[2], 7, row[0], row[1]}
	}
	prior.classes = map[string]int{names[0]: 2, names[1]: 3, names[2]: 0, "gone": 1}
	if got := ridgeOf(t, s, examples, names, prior); !slices.Equal(got.alpha, full.alpha) {
		t.Error("the columns of a prior in another order were mixed up")
	}
}
