package rank

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func inputNames(l Linear) []string {
	var out []string
	for _, in := range l.Inputs {
		out = append(out, in.Name)
	}
	return out
}

// weights.json is for exactly the features and the evidence that the code computes.
func TestDefaultModel(t *testing.T) {
	m, err := DefaultModel()
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]Weights{"rich": m.Rich, "sparse": m.Sparse, "blank": Untrained(DefaultKernel()).Rich} {
		if got := inputNames(w.Rank); !slices.Equal(got, Features()) {
			t.Errorf("%s ranks by %s", name, strings.Join(got, " "))
		}
		if got := inputNames(w.Confidence); !slices.Equal(got, Evidence()) {
			t.Errorf("%s is sure by %s", name, strings.Join(got, " "))
		}
		for _, in := range slices.Concat(w.Rank.Inputs, w.Confidence.Inputs) {
			if !(in.Scale > 0) || math.IsInf(in.Scale, 0) || math.IsNaN(in.Mean+in.Weight) || math.IsInf(in.Mean+in.Weight, 0) {
				t.Errorf("%s: %+v cannot be weighed", name, in)
			}
		}
	}
	for _, c := range []struct {
		phrasings []int // of each document
		want      *Weights
	}{
		{[]int{15, 15, 15}, &m.Rich},
		{[]int{14, 14, 14}, &m.Sparse},
		{[]int{1, 2, 90}, &m.Sparse}, // the middle one tokenCounts
		{[]int{1, 1, 90}, &m.Single},
		{nil, &m.Single},
	} {
		docs := make([]Document, len(c.phrasings))
		for i, n := range c.phrasings {
			docs[i].Phrasings = make([]string, n)
		}
		if m.weights(docs) != c.want {
			t.Errorf("a guide with %v phrasings gets other weights", c.phrasings)
		}
	}
}

func TestHasInputs(t *testing.T) {
	l := Linear{Inputs: []Input{{Name: "a"}, {Name: "b"}}}
	for _, c := range []struct {
		in   []string
		want bool
	}{{[]string{"a", "b"}, true}, {[]string{"b", "a"}, false}, {[]string{"a"}, false}, {[]string{"a", "b", "c"}, false}} {
		if got := l.hasInputs(c.in); got != c.want {
			t.Errorf("hasInputs(%v) = %v", c.in, got)
		}
	}
}

func TestLinearSum(t *testing.T) {
	l := Linear{Bias: 1, Inputs: []Input{{Mean: 2, Scale: 4, Weight: 3}, {Scale: 1, Weight: -1}}}
	if got := l.Sum([]float64{10, 5}); got != 1+3*2-5 {
		t.Errorf("Sum = %v, want 2", got)
	}
}

func TestSoftmax(t *testing.T) {
	for _, c := range []struct{ in, want []float64 }{
		{[]float64{5}, []float64{1}},
		{[]float64{1, 1}, []float64{0.5, 0.5}},
		{[]float64{math.Log(3), 0}, []float64{0.75, 0.25}},
		{[]float64{1e6, 0}, []float64{1, 0}}, // no overflow
	} {
		ranked := make([]Ranked, len(c.in))
		for i := range ranked {
			ranked[i].Score = c.in[i]
		}
		softmax(ranked)
		for i, want := range c.want {
			if math.Abs(ranked[i].Prob-want) > 1e-9 {
				t.Errorf("softmax(%v)[%d] = %v, want %v", c.in, i, ranked[i].Prob, want)
			}
		}
	}
}

// Reorder sorts by the new weights, says where each stood, and leaves what it was given alone.
func TestReorder(t *testing.T) {
	w := Untrained(DefaultKernel()).Rich // the ridge score alone
	var old Ranking
	for doc, ridge := range []float64{0.1, 0.7, 0.7, 0.4} {
		f := make([]float64, len(Features()))
		f[slices.Index(Features(), "ridge")] = ridge
		old.Ranked = append(old.Ranked, Ranked{Doc: doc, Features: f})
	}
	old.query = queryEvidence{1, 2, 3}
	got, order := w.Reorder(old)
	if want := []int{1, 2, 3, 0}; !slices.Equal(order, want) {
		t.Errorf("order = %v, want %v: equals stay as they stood", order, want)
	}
	sum := 0.0
	for i, r := range got.Ranked {
		sum += r.Prob
		if r.Doc != order[i] {
			t.Errorf("place %d has document %d, and order says %d", i, r.Doc, order[i])
		}
		if i > 0 && r.Prob > got.Ranked[i-1].Prob {
			t.Errorf("place %d is likelier than the one before", i)
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("the probabilities sum to %v", sum)
	}
	if old.Ranked[0].Doc != 0 || old.Ranked[0].Prob != 0 {
		t.Error("the ranking that was given has changed")
	}
	if len(got.Evidence) != len(Evidence()) || got.Confidence != 0.5 {
		t.Errorf("%d pieces of evidence make %v, want %d and 0.5, for a blank model knows nothing", len(got.Evidence), got.Confidence, len(Evidence()))
	}
	ev := func(name string) float64 { return got.Evidence[slices.Index(Evidence(), name)] }
	for name, want := range map[string]float64{
		"prob": got.Ranked[0].Prob, "margin": 0, "margin3": 0.3, "score": 0.7, "ridge": 0.7, "ridge_margin": 0,
		"length": 1, "outside_ridge": 2, "outside_best": 3,
	} {
		if math.Abs(ev(name)-want) > 1e-9 {
			t.Errorf("%s = %v, want %v", name, ev(name), want)
		}
	}
}
