package fit

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Softmax must find which input tells the right one apart.
func TestSoftmax(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var lists []List
	for range 200 {
		l := List{Weight: 1}
		right := rng.IntN(5)
		for i := range 5 {
			signal := rng.NormFloat64()
			if i == right {
				signal += 3
			}
			l.Inputs = append(l.Inputs, []float64{signal, rng.NormFloat64()})
			l.Right = append(l.Right, i == right)
		}
		lists = append(lists, l)
	}
	got, err := Softmax([]string{"signal", "noise"}, lists, 1e-3)
	if err != nil {
		t.Fatal(err)
	}
	if signal, noise := got.Inputs[0].Weight, got.Inputs[1].Weight; signal < 1 || math.Abs(noise) > 0.5 {
		t.Errorf("weights %v and %v: the signal must count, the noise hardly", signal, noise)
	}
}

// Logistic must give back the probabilities that made the cases.
func TestLogistic(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	truth := func(x float64) float64 { return 1 / (1 + math.Exp(-2*x+1)) }
	var cases []Example
	for range 5000 {
		x := rng.NormFloat64()
		cases = append(cases, Example{Inputs: []float64{x}, Right: rng.Float64() < truth(x), Weight: 1})
	}
	got, err := Logistic([]string{"x"}, cases, 1e-6)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []float64{-2, 0, 1} {
		if p := 1 / (1 + math.Exp(-got.Sum([]float64{x}))); math.Abs(p-truth(x)) > 0.05 {
			t.Errorf("p(%v) = %v, want %v", x, p, truth(x))
		}
	}
}

func TestNothingToLearn(t *testing.T) {
	if _, err := Softmax([]string{"x"}, nil, 1); err == nil {
		t.Error("Softmax of nothing is no error")
	}
	if _, err := Logistic([]string{"x"}, nil, 1); err == nil {
		t.Error("Logistic of nothing is no error")
	}
}
