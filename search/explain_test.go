package search_test

import (
	"math"
	"testing"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
	"github.com/yingda/yingda/search/rank"
)

// TestExplain takes rankings apart and puts them together again.
func TestExplain(t *testing.T) {
	ix := newBundled(t)
	for _, question := range []string{"费绿多少", "机器坏了找谁", "转人工", "拉卡拉股票能买吗", "跳商户怎么办"} {
		e := ix.Explain(question)
		if len(e.Ranked) < 2 {
			t.Fatalf("Explain(%q) = %v", question, e)
		}
		for _, d := range e.Ranked {
			if sum := total(e.Bias, d.Features); math.Abs(sum-d.Score) > 1e-9 {
				t.Errorf("%q, %s: the features add up to %.6f, the score is %.6f", question, d.ID, sum, d.Score)
			}
		}
		if p := 1 / (1 + math.Exp(-total(e.EvidenceBias, e.Evidence))); math.Abs(p-e.RawConfidence) > 1e-9 {
			t.Errorf("%q: the evidence makes %.6f, the confidence is %.6f", question, p, e.RawConfidence)
		}
		found := find(t, ix, question)
		if e.Confidence != found.Confidence || e.Text != found.Text {
			t.Errorf("%q is explained as %q, %.3f, and found as %q, %.3f", question, e.Text, e.Confidence, found.Text, found.Confidence)
		}
		if found.Intent == kb.IntentNone && e.Find(found.Hits[0].ID) != 0 {
			t.Errorf("%q: %s is found, %s explained", question, found.Hits[0].ID, e.Ranked[0].ID)
		}
	}
}

// TestExplainOfAnotherModel explains weights that are not those of the program, and the
// confidence of a question that is one of the guide's own phrasings.
func TestExplainOfAnotherModel(t *testing.T) {
	model, err := rank.DefaultModel()
	if err != nil {
		t.Fatal(err)
	}
	model.Rich.Rank.Inputs[0].Weight += 1
	model.Rich.Confidence.Bias -= 20
	lib, faults, err := kb.Load(content.FS(), nil, nil)
	if err != nil || faults.Err() != nil {
		t.Fatal(err, faults.Err())
	}
	ix := newIndex(t, lib, search.Options{Prior: newBundled(t), Model: model})
	e := ix.Explain("跳商户怎么办")
	if e.Ranked[0].Features[0].Weight != model.Rich.Rank.Inputs[0].Weight {
		t.Fatalf("Explain = %v", e)
	}
	if found := find(t, ix, "跳商户怎么办"); !e.Exact || e.RawConfidence > 0.5 || e.Confidence < 0.9 || e.Confidence != found.Confidence {
		t.Errorf("a title: exact %t, judged %.3f, confidence %.3f; Search says %.3f", e.Exact, e.RawConfidence, e.Confidence, found.Confidence)
	}
}

func total(bias float64, parts []search.Contribution) float64 {
	for _, c := range parts {
		bias += c.Adds
	}
	return bias
}

func TestExplainOfNothing(t *testing.T) {
	ix := newBundled(t)
	for _, question := range []string{"", "  ？！"} {
		if e := ix.Explain(question); len(e.Ranked) != 0 || e.Confidence != 0 {
			t.Errorf("Explain(%q) = %v; want none", question, e)
		}
	}
	if e := ix.Explain("跳商户怎么办"); !e.Exact || e.Find("nosuch") != -1 {
		t.Errorf("a title is explained as %v; want it exact", e)
	}
}
