package fit

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/yingda/yingda/search/rank"
)

// raw is the weight of an input as it is, before it was standardised.
func raw(in rank.Input) float64 { return in.Weight / in.Scale }

// Softmax must give back the weights by which the right ones were drawn.
func TestSoftmaxRecovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	names, truth := []string{"a", "b", "noise"}, []float64{1.5, -0.7, 0}
	var lists []List
	for range 4000 {
		l := List{Weight: 1, Right: make([]bool, 6)}
		best, at := math.Inf(-1), 0
		for i := range l.Right {
			// An input's mean and scale must make no difference.
			x := []float64{rng.NormFloat64(), 5 + 2*rng.NormFloat64(), 0.3 * rng.NormFloat64()}
			score := -math.Log(rng.ExpFloat64()) // Gumbel noise: the best is a draw from the softmax
			for j := range x {
				score += truth[j] * x[j]
			}
			if score > best {
				best, at = score, i
			}
			l.Inputs = append(l.Inputs, x)
		}
		l.Right[at] = true
		lists = append(lists, l)
	}
	got, err := Softmax(names, lists, 1e-6)
	if err != nil {
		t.Fatal(err)
	}
	for i, in := range got.Inputs {
		if in.Name != names[i] || math.Abs(raw(in)-truth[i]) > 0.15 {
			t.Errorf("%s weighs %v, want %s %v", in.Name, raw(in), names[i], truth[i])
		}
	}
}

func TestLogisticRecovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	truth, bias := []float64{2, -0.5, 0}, -1.0
	var cases []Example
	for range 20000 {
		x := []float64{rng.NormFloat64(), 3 + 2*rng.NormFloat64(), rng.NormFloat64()}
		z := bias
		for j := range x {
			z += truth[j] * x[j]
		}
		cases = append(cases, Example{Inputs: x, Right: rng.Float64() < 1/(1+math.Exp(-z)), Weight: 1})
	}
	got, err := Logistic([]string{"a", "b", "noise"}, cases, 1e-7)
	if err != nil {
		t.Fatal(err)
	}
	for i, in := range got.Inputs {
		if math.Abs(raw(in)-truth[i]) > 0.12 {
			t.Errorf("%s weighs %v, want %v", in.Name, raw(in), truth[i])
		}
	}
	if b := got.Sum(make([]float64, 3)); math.Abs(b-bias) > 0.15 {
		t.Errorf("the bias is %v, want %v", b, bias)
	}
}

// A case of no weight teaches nothing; a penalty draws the weights to zero.
func TestWeightAndPenalty(t *testing.T) {
	lists := []List{
		{Inputs: [][]float64{{1}, {0}}, Right: []bool{true, false}, Weight: 1},
		{Inputs: [][]float64{{1}, {0}}, Right: []bool{false, true}, Weight: 0},
	}
	weight := func(l2 float64) float64 {
		got, err := Softmax([]string{"x"}, lists, l2)
		if err != nil {
			t.Fatal(err)
		}
		return got.Inputs[0].Weight
	}
	if loose, tight := weight(0.01), weight(10); tight <= 0 || loose <= 2*tight {
		t.Errorf("penalty 0.01 gives %v, 10 gives %v: want positive and much less", loose, tight)
	}
}

// Lists without a right one, or with nothing else, teach nothing.
func TestSoftmaxUselessLists(t *testing.T) {
	for name, right := range map[string][]bool{"none": {false, false}, "all": {true, true}} {
		if _, err := Softmax([]string{"x"}, []List{{Inputs: [][]float64{{1}, {2}}, Right: right, Weight: 1}}, 1); err == nil {
			t.Errorf("%s is right: no error", name)
		}
	}
}

func TestRound(t *testing.T) {
	for _, c := range []struct{ in, want float64 }{{0, 0}, {0.12345678, 0.12346}, {-123456.7, -123460}, {1, 1}, {-6.7520004e-10, -6.752e-10}} {
		if got := round(c.in); math.Abs(got-c.want) > 1e-9*math.Abs(c.want) {
			t.Errorf("round(%v) = %v, want %v", c.in, got, c.want)
		}
	}
}
