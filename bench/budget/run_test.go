package budget

import (
	"math"
	"testing"
)

func figure(kind Kind) Figure {
	return Figure{Measure: "m", Name: "f", Unit: "µs", Kind: kind, Limit: 100, Stretch: 50}
}

// runOf is a run with these samples of one figure.
func runOf(f Figure, samples ...float64) *Run {
	r := NewRun([]Figure{f})
	for _, s := range samples {
		r.Add(f.Name, s)
	}
	return r
}

func TestValue(t *testing.T) {
	for _, c := range []struct {
		samples []float64
		want    Value
	}{
		{[]float64{7}, Value{Median: 7}},
		{[]float64{9, 1, 5}, Value{5, 1.2533 * 1.4826 * 4 / math.Sqrt(3) / 5}},
		{[]float64{1, 2, 3, 1000}, Value{2.5, 1.2533 * 1.4826 * 1 / 2 / 2.5}}, // one wild sample does no harm
		{[]float64{0, 0, 0}, Value{}},
	} {
		got, ok := runOf(figure(Exact), c.samples...).Value("f")
		if !ok || got.Median != c.want.Median || math.Abs(got.Noise-c.want.Noise) > 1e-9 {
			t.Errorf("%v: %v, want %v", c.samples, got, c.want)
		}
	}
	if _, ok := runOf(figure(Exact)).Value("f"); ok {
		t.Error("a value of no samples")
	}
}

func TestAddCPU(t *testing.T) {
	r := NewRun([]Figure{{Name: "ask cpu"}, {Name: "ask cpu/bare"}})
	r.AddCPU("ask", 600, 30)
	micros, _ := r.Value("ask cpu")
	ratio, _ := r.Value("ask cpu/bare")
	if micros.Median != 600 || ratio.Median != 20 {
		t.Error(micros, ratio)
	}
}

func TestAddUnknown(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a figure was added that is not in the table")
		}
	}()
	runOf(figure(Exact)).Add("g", 1)
}
