package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/yingda/yingda/bot/eval"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
)

// mostReasons is how many features a missed question is explained by.
const mostReasons = 4

// explain tells which features made the bot miss a question: it is an eval.Explainer.
func (g *guide) explain(ctx context.Context, question string, wanted []string) (eval.Why, error) {
	e, err := g.index.Explain(ctx, question)
	if err != nil {
		return eval.Why{}, err
	}
	if len(e.Ranked) == 0 {
		return eval.Why{What: "nothing in the guide is like it"}, nil
	}
	first := &e.Ranked[0]
	if slices.Contains(wanted, eval.Out) {
		return eval.Why{What: "what makes " + first.ID + " seem right", Reasons: strongest(e.Evidence, func(x float64) bool { return x > 0 })}, nil
	}
	place := -1
	for _, id := range wanted {
		if id == eval.Human {
			id = "intent:" + string(kb.IntentHuman)
		}
		if at := e.Find(id); at >= 0 && (place < 0 || at < place) {
			place = at
		}
	}
	switch {
	case place < 0:
		return eval.Why{What: fmt.Sprintf("not among the %d nearest; the first is %s", len(e.Ranked), first.ID)}, nil
	case place == 0:
		return eval.Why{What: fmt.Sprintf("ranked first, but only %.2f sure", e.Confidence), Reasons: strongest(e.Evidence, func(x float64) bool { return x < 0 })}, nil
	}
	better := &e.Ranked[place]
	return eval.Why{What: first.ID + " over " + better.ID, Reasons: strongest(difference(first, better), func(float64) bool { return true })}, nil
}

// difference is what each feature adds to a more than to b.
func difference(a, b *search.DocExplanation) []search.Contribution {
	out := slices.Clone(a.Features)
	for i := range out {
		out[i].Adds -= b.Features[i].Adds
	}
	return out
}

// strongest are the contributions that weigh most among those wanted.
func strongest(all []search.Contribution, want func(adds float64) bool) []eval.Reason {
	all = slices.DeleteFunc(slices.Clone(all), func(c search.Contribution) bool { return !want(c.Adds) })
	slices.SortStableFunc(all, byWeight)
	var out []eval.Reason
	for _, c := range all[:min(len(all), mostReasons)] {
		out = append(out, eval.Reason{Feature: c.Name, Adds: c.Adds})
	}
	return out
}

// byWeight orders contributions, the one that moves a sum most first.
func byWeight(a, b search.Contribution) int { return cmp.Compare(math.Abs(b.Adds), math.Abs(a.Adds)) }
