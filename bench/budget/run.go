package budget

import (
	"fmt"
	"math"
	"slices"
)

// Run is what one run found: of each figure a sample a round.
type Run struct {
	known   map[string]Figure
	samples map[string][]float64
}

// NewRun makes a run without samples, of these figures.
func NewRun(figures []Figure) *Run {
	r := &Run{known: map[string]Figure{}, samples: map[string][]float64{}}
	for _, f := range figures {
		r.known[f.Name] = f
	}
	return r
}

// Add adds one sample, in the figure's unit. It panics on a figure that is not in the table: that is a slip of the
// measure, which no run can mend.
func (r *Run) Add(name string, sample float64) {
	if _, ok := r.known[name]; !ok {
		panic(fmt.Sprintf("no figure %q", name))
	}
	r.samples[name] = append(r.samples[name], sample)
}

// AddCPU adds to the figure "NAME cpu" what somebody's work took, in µs, and to "NAME cpu/bare" how many times what the bare handler
// took for a request in the same round.
func (r *Run) AddCPU(name string, micros, bareMicros float64) {
	r.Add(name+" cpu", micros)
	r.Add(name+" cpu/bare", micros/bareMicros)
}

// Value is what a run makes of a figure's samples, or what the baseline keeps of them.
type Value struct {
	Median float64 `json:"median"`
	// Noise is the standard error of the median, as a share of it: what another run of the same program may differ by.
	Noise float64 `json:"noise"`
}

// Value returns what the run found of a figure; false when it was not measured.
func (r *Run) Value(name string) (Value, bool) {
	samples := r.samples[name]
	if len(samples) == 0 {
		return Value{}, false
	}
	m := median(samples)
	if m == 0 || len(samples) == 1 {
		return Value{Median: m}, true
	}
	off := make([]float64, len(samples))
	for i, s := range samples {
		off[i] = math.Abs(s - m)
	}
	// For samples that are normally distributed: the deviation is 1.48 times the median distance, and the median's
	// error 1.25 times the mean's.
	const deviation, ofMedian = 1.4826, 1.2533
	return Value{Median: m, Noise: ofMedian * deviation * median(off) / math.Sqrt(float64(len(samples))) / math.Abs(m)}, true
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
