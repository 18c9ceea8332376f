package cli

import (
	"errors"
	"slices"
	"testing"

	"github.com/yingda/yingda/bot/eval"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/search"
	"github.com/yingda/yingda/search/rank"
)

// baseline is the stored run that `make check` compares with.
const baseline = "../../../content/golden.baseline.json"

// some is every how-many-th question that TestGate asks: all would take the race detector minutes.
const some = 4

// TestGate lets the weights that ship pass, and stops weights that are spoilt: each in a way in
// which a weight file goes wrong.
func TestGate(t *testing.T) {
	before, err := readRun(baseline)
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := guide.Open("", nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := readQuestions(nil)
	if err != nil {
		t.Fatal(err)
	}
	var questions []eval.Question
	for i := 0; i < len(all); i += some {
		questions = append(questions, all[i])
	}
	for _, c := range []struct {
		name  string
		spoil func(*rank.Weights)
		fell  []string // scores that must be named, of all that fell
	}{
		{"as shipped", func(*rank.Weights) {}, nil},
		{"the order is upside down", func(w *rank.Weights) {
			for i := range w.Rank.Inputs {
				w.Rank.Inputs[i].Weight *= -1
			}
		}, []string{"top-1", "top-3", "answered right"}},
		{"never sure", func(w *rank.Weights) { w.Confidence.Bias -= 4 }, []string{"answered right"}},
		{"always sure", func(w *rank.Weights) { w.Confidence.Bias += 4 }, []string{"answered wrong", "false answers on OUT"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			model, err := rank.DefaultModel()
			if err != nil {
				t.Fatal(err)
			}
			c.spoil(&model.Rich)
			comparison := eval.Compare(before, ask(t, questions, search.Options{Model: model, Prior: shipped.Index}))
			var fell []string
			for _, ch := range comparison.Changes {
				if ch.Fell {
					fell = append(fell, ch.From.Name)
				}
			}
			err = comparison.Err()
			for _, name := range c.fell {
				if !slices.Contains(fell, name) {
					t.Errorf("%s has not fallen, only %v", name, fell)
				}
			}
			if errors.Is(err, eval.ErrFell) != (len(c.fell) > 0) {
				t.Errorf("the gate says: %v", err)
			}
		})
	}
}

// ask puts the questions to the bundled guide.
func ask(t *testing.T, questions []eval.Question, o search.Options) []eval.Outcome {
	t.Helper()
	lib, err := guide.Load(content.FS(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ix, err := search.New(lib, o)
	if err != nil {
		t.Fatal(err)
	}
	g := guide.Of(lib, ix)
	outcomes, err := eval.Run(t.Context(), g.Bot, questions, nil)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}
