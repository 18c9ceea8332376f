// Package fit fits the ranker's linear weights: a listwise softmax for the order, a logistic for the
// confidence, both with an L2 penalty. Everything is deterministic.
package fit

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"

	"github.com/yingda/yingda/search/rank"
)

// List is one question's finalists: the inputs of each, and which of them are right.
type List struct {
	Inputs [][]float64
	Right  []bool
	Weight float64 // how much the question counts
}

// Example is one question's evidence and whether its first article was right.
type Example struct {
	Inputs []float64
	Right  bool
	Weight float64
}

// Softmax fits the weights under which the right finalists get the most probability. Lists without a
// right one, or with nothing else, teach nothing. l2 is the penalty on standardised weights, by question.
func Softmax(names []string, lists []List, l2 float64) (rank.Linear, error) {
	var rows [][]float64
	var useful []List
	var sum float64
	for _, l := range lists {
		if slices.Contains(l.Right, true) && slices.Contains(l.Right, false) {
			useful = append(useful, l)
			rows = append(rows, l.Inputs...)
			sum += l.Weight
		}
	}
	mean, scale, err := standardise(rows, len(names))
	if err != nil {
		return rank.Linear{}, err
	}
	for i := range useful {
		useful[i].Inputs = standardised(useful[i].Inputs, mean, scale)
	}
	loss := func(w, grad []float64) float64 {
		total := penalty(w, grad, l2)
		for _, l := range useful {
			total += listLoss(l, w, grad, l.Weight/sum)
		}
		return total
	}
	w, err := minimise(loss, len(names))
	if err != nil {
		return rank.Linear{}, err
	}
	return linear(names, mean, scale, w, 0), nil
}

// listLoss adds −log of the probability of the right finalists, and its gradient.
func listLoss(l List, w, grad []float64, weight float64) float64 {
	scores := make([]float64, len(l.Inputs))
	for i, x := range l.Inputs {
		scores[i] = floats.Dot(w, x)
	}
	all := floats.LogSumExp(scores)
	var right []float64
	for i, s := range scores {
		if l.Right[i] {
			right = append(right, s)
		}
	}
	good := floats.LogSumExp(right)
	for i, x := range l.Inputs {
		g := math.Exp(scores[i] - all)
		if l.Right[i] {
			g -= math.Exp(scores[i] - good)
		}
		floats.AddScaled(grad, weight*g, x)
	}
	return weight * (all - good)
}

// Logistic fits the probability that an example is right.
func Logistic(names []string, examples []Example, l2 float64) (rank.Linear, error) {
	rows := make([][]float64, len(examples))
	var sum float64
	for i, c := range examples {
		rows[i] = c.Inputs
		sum += c.Weight
	}
	mean, scale, err := standardise(rows, len(names))
	if err != nil {
		return rank.Linear{}, err
	}
	rows = standardised(rows, mean, scale)
	n := len(names)
	loss := func(w, grad []float64) float64 {
		total := penalty(w[:n], grad[:n], l2)
		for i, c := range examples {
			z := floats.Dot(w[:n], rows[i]) + w[n]
			p := 1 / (1 + math.Exp(-z))
			g := p
			if c.Right {
				g = p - 1
				z = -z
			}
			weight := c.Weight / sum
			total += weight * math.Log1p(math.Exp(z))
			floats.AddScaled(grad[:n], weight*g, rows[i])
			grad[n] += weight * g
		}
		return total
	}
	w, err := minimise(loss, n+1)
	if err != nil {
		return rank.Linear{}, err
	}
	return linear(names, mean, scale, w[:n], w[n]), nil
}

// penalty starts a loss and its gradient with the L2 term.
func penalty(w, grad []float64, l2 float64) float64 {
	for i := range w {
		grad[i] = 2 * l2 * w[i]
	}
	return l2 * floats.Dot(w, w)
}

// minimise runs L-BFGS from zero; loss returns its value and sets the gradient.
func minimise(loss func(w, grad []float64) float64, dim int) ([]float64, error) {
	scratch := make([]float64, dim)
	problem := optimize.Problem{
		Func: func(w []float64) float64 { clear(scratch); return loss(w, scratch) },
		Grad: func(grad, w []float64) { clear(grad); loss(w, grad) },
	}
	res, err := optimize.Minimize(problem, make([]float64, dim), &optimize.Settings{GradientThreshold: 1e-6, MajorIterations: 400}, &optimize.LBFGS{})
	if err != nil && res == nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	return res.X, nil
}

func standardise(rows [][]float64, dim int) (mean, scale []float64, err error) {
	if len(rows) == 0 {
		return nil, nil, errors.New("fit: nothing to learn from")
	}
	mean, scale = make([]float64, dim), make([]float64, dim)
	for _, x := range rows {
		floats.Add(mean, x)
	}
	floats.Scale(1/float64(len(rows)), mean)
	for _, x := range rows {
		for i := range x {
			scale[i] += (x[i] - mean[i]) * (x[i] - mean[i])
		}
	}
	for i := range scale {
		scale[i] = max(math.Sqrt(scale[i]/float64(len(rows))), 1e-6)
	}
	return mean, scale, nil
}

func standardised(rows [][]float64, mean, scale []float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, x := range rows {
		out[i] = make([]float64, len(x))
		for j := range x {
			out[i][j] = (x[j] - mean[j]) / scale[j]
		}
	}
	return out
}

// linear rounds to what a reader of the file can take in; five digits lose nothing measurable.
func linear(names []string, mean, scale, w []float64, bias float64) rank.Linear {
	l := rank.Linear{Bias: round(bias)}
	for i, name := range names {
		l.Inputs = append(l.Inputs, rank.Input{Name: name, Mean: round(mean[i]), Scale: round(scale[i]), Weight: round(w[i])})
	}
	return l
}

func round(x float64) float64 {
	if x == 0 {
		return 0
	}
	digits := math.Pow(10, 5-math.Ceil(math.Log10(math.Abs(x))))
	return math.Round(x*digits) / digits
}
