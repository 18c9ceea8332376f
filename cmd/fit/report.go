package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/search/rank/fit"
)

// Penalties on standardised weights; chosen by cross-validation.
const (
	rankPenalty       = 0.002
	confidencePenalty = 0.001
)

// lists are the examples as the order's fit needs them.
func lists(examples []example) []fit.List {
	var out []fit.List
	for _, e := range examples {
		l := fit.List{Weight: e.weight}
		for i, r := range e.rank.Ranked {
			l.Inputs = append(l.Inputs, r.Features)
			l.Right = append(l.Right, e.want[e.docs[i]])
		}
		out = append(out, l)
	}
	return out
}

// reorder are the examples as m ranks them, and as sure as m is.
func reorder(examples []example, m *rank.Weights) []example {
	out := slices.Clone(examples)
	for i := range out {
		e := &out[i]
		if len(e.rank.Ranked) == 0 {
			continue
		}
		again, order := m.Reorder(e.rank)
		docs := make([]string, len(order))
		for place, old := range order {
			docs[place] = e.docs[old]
		}
		e.rank, e.docs = again, docs
	}
	return out
}

// rankOfRight is where the first right document stands, from 1; 0 for none.
func (e *example) rankOfRight() int {
	return 1 + slices.IndexFunc(e.docs, func(id string) bool { return e.want[id] })
}

// articleRank is rankOfRight among the articles that a reply lists: intents are none of them.
func (e *example) articleRank() int {
	pos := e.rankOfRight()
	if pos == 0 || e.label == "HUMAN" {
		return pos
	}
	for _, id := range e.docs[:pos-1] {
		if strings.HasPrefix(id, "intent:") {
			pos--
		}
	}
	return pos
}

func logisticExamples(all []example) []fit.Example {
	var out []fit.Example
	for _, j := range all {
		if len(j.docs) > 0 {
			out = append(out, fit.Example{Inputs: j.rank.Evidence, Right: j.rankOfRight() == 1, Weight: j.weight})
		}
	}
	return out
}

func fitAll(examples []example, m *rank.Weights) error {
	var err error
	if m.Rank, err = fit.Softmax(rank.Features(), lists(examples), rankPenalty); err != nil {
		return err
	}
	m.Confidence, err = fit.Logistic(rank.Evidence(), logisticExamples(reorder(examples, m)), confidencePenalty)
	return err
}

// crossValidate fits on four fifths, judges the last, and prints what came out.
func crossValidate(name string, examples []example) error {
	var all []example
	for f := range folds {
		var train, test []example
		for _, e := range examples {
			if e.fold == f {
				test = append(test, e)
			} else {
				train = append(train, e)
			}
		}
		var fold rank.Weights
		if err := fitAll(train, &fold); err != nil {
			return err
		}
		all = append(all, reorder(test, &fold)...)
	}
	report(name, all)
	return nil
}

// report prints the scores of cross-validation; the first is "first right, of those in scope".
func report(name string, all []example) {
	var n, first, third float64
	var right, out []float64 // confidences: in scope and first right; out of scope
	for _, j := range all {
		if len(j.want) == 0 {
			out = append(out, j.rank.Confidence)
			continue
		}
		n++
		if j.rankOfRight() == 1 {
			right = append(right, j.rank.Confidence)
		}
		switch j.articleRank() {
		case 1:
			first++
			third++
		case 2, 3:
			third++
		}
	}
	if n == 0 {
		return
	}
	fmt.Printf("%s: %.0f questions, top-1 %.3f, top-3 %.3f, ECE %.3f\n", name, n, first/n, third/n, calibrationError(all))
	slices.Sort(right)
	for _, keep := range []float64{0.8, 0.9, 0.95} {
		if len(right) == 0 || len(out) == 0 {
			break
		}
		t := right[int(float64(len(right))*(1-keep))]
		fa := 0.0
		for _, c := range out {
			if c >= t {
				fa++
			}
		}
		fmt.Printf("  keeping %.0f%% of the right answers (p ≥ %.3f) answers %.3f of the out-of-scope questions\n", 100*keep, t, fa/float64(len(out)))
	}
	thresholds(all)
}

// thresholds shows what a threshold on the confidence buys.
func thresholds(all []example) {
	for _, t := range []float64{0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85} {
		var n, right, wrong, outs, outAnswered float64
		for _, j := range all {
			answered := 0.0
			if j.rank.Confidence >= t {
				answered = 1
			}
			switch {
			case len(j.want) == 0:
				outs++
				outAnswered += answered
			case j.rankOfRight() == 1:
				n++
				right += answered
			default:
				n++
				wrong += answered
			}
		}
		fmt.Printf("  p ≥ %.2f: answered right %.3f, wrong %.3f, out of scope answered %.3f\n", t, right/n, wrong/n, outAnswered/math.Max(1, outs))
	}
}

// calibrationError is the expected calibration error over ten bins.
func calibrationError(all []example) float64 {
	all = slices.SortedFunc(slices.Values(all), func(a, b example) int { return cmp.Compare(a.rank.Confidence, b.rank.Confidence) })
	var sum, total float64
	for b := range 10 {
		part := all[len(all)*b/10 : len(all)*(b+1)/10]
		var conf, right, w float64
		for _, j := range part {
			w += j.weight
			conf += j.weight * j.rank.Confidence
			if j.rankOfRight() == 1 {
				right += j.weight
			}
		}
		sum += math.Abs(conf - right)
		total += w
	}
	return sum / total
}
