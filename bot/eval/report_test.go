package eval

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// outcomes are one of each sort.
func sample() []Outcome {
	return []Outcome{
		{Question: "甲", Labels: []string{"fee"}, Decision: chat.Answer, Rule: bot.RuleRanking, Place: 1, Confidence: 0.95, Articles: []string{"fee", "rate"}},
		{Question: "乙", Labels: []string{"rate", "fee"}, Decision: chat.Answer, Rule: bot.RuleRanking, Confidence: 0.85, Articles: []string{"boot"}},
		{Question: "丙", Labels: []string{"rate"}, Decision: chat.Answer, Rule: bot.RuleCode, Confidence: 0.97, Articles: []string{"boot"}},
		{Question: "丁", Labels: []string{"boot"}, Decision: chat.Clarify, Rule: bot.RuleRanking, Place: 2, Offered: true, Confidence: 0.4, Articles: []string{"fee", "boot"}},
		{Question: "戊", Labels: []string{"gone"}, Decision: chat.Decline, Rule: bot.RuleRanking, Confidence: 0.1},
		{Question: "己", Labels: []string{Out}, Decision: chat.Answer, Rule: bot.RuleRanking, Confidence: 0.8, Articles: []string{"fee"}},
		{Question: "庚", Labels: []string{Human}, Decision: chat.Escalate, Rule: bot.RulePerson, Confidence: 1},
	}
}

func category(id string) string {
	return map[string]string{"fee": "fees", "rate": "fees", "boot": "machine"}[id]
}

// TestPrint shows all that `yingda eval` prints of a run.
func TestPrint(t *testing.T) {
	var b bytes.Buffer
	err := Explain(t.Context(), nil, nil)
	outcomes := sample()
	err = errors.Join(err, Explain(t.Context(), outcomes, func(_ context.Context, question string, wanted []string) (Why, error) {
		if question == "戊" {
			return Why{What: "nothing in the guide is like it"}, nil
		}
		return Why{What: "boot over " + wanted[0], Reasons: []Reason{{"best", 1.234}, {"not", -0.5}}}, nil
	}))
	r := NewReport(outcomes, category)
	if err = errors.Join(err, PrintScores(&b, r.Scores)); err != nil {
		t.Fatal(err)
	}
	PrintCategories(&b, r.Categories)
	PrintCalibration(&b, r.Calibration)
	PrintMisses(&b, r.Outcomes)
	PrintConfusions(&b, r.Confused)
	b.WriteString("\nA file of nothing:\n")
	if err := PrintScores(&b, Scores(nil)); err != nil {
		t.Fatal(err)
	}
	PrintCategories(&b, nil)
	PrintRobustness(&b, nil)
	golden(t, "print.txt", b.String())
}

func TestExplainError(t *testing.T) {
	err := Explain(t.Context(), sample(), func(context.Context, string, []string) (Why, error) { return Why{}, errStep })
	if !errors.Is(err, errStep) || !strings.Contains(err.Error(), "乙") {
		t.Errorf("Explain = %v, want the error and the question", err)
	}
}

// TestCalibrate spreads 100 questions over the confidence.
func TestCalibrate(t *testing.T) {
	var outcomes []Outcome
	for i := range 100 {
		o := Outcome{Question: fmt.Sprint(i), Labels: []string{"a"}, Confidence: (float64(i) + 0.5) / 100}
		if i%10 < i/10 { // 0 of the first ten, 9 of the last ten are right
			o.Place = 1
		}
		outcomes = append(outcomes, o, Outcome{Labels: []string{Human}, Confidence: 1}) // a wish for a person counts nowhere
	}
	c := Calibrate(outcomes)
	if math.Abs(c.Error-0.05) > 1e-9 || c.Questions != 100 {
		t.Errorf("Calibrate: error %.4f over %d questions, want 0.05 over 100", c.Error, c.Questions)
	}
	for i, b := range c.EqualWidth {
		want := Bin{10, float64(i)/10 + 0.05, float64(i) / 10}
		if b.Questions != want.Questions || math.Abs(b.Confidence-want.Confidence) > 1e-9 || b.Right != want.Right {
			t.Errorf("bin %d is %+v, want %+v", i, b, want)
		}
	}
	outside := []Outcome{{Labels: []string{Out}, Place: 0, Confidence: 0.5}, {Labels: []string{"a"}, Place: 1, Confidence: 1}}
	if c := Calibrate(outside); math.Abs(c.Error-0.25) > 1e-9 || c.EqualWidth[9].Questions != 1 {
		t.Errorf("nothing is right on OUT: %+v", c)
	}
	if c := Calibrate(nil); c.Error != 0 || c.Questions != 0 {
		t.Errorf("of nothing: %+v", c)
	}
}

func TestWriteDiagram(t *testing.T) {
	var b bytes.Buffer
	if err := NewReport(sample(), category).WriteDiagram(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "diagram.svg", b.String())
}

// TestStoredRun reads back what was written, in full and as a baseline.
func TestStoredRun(t *testing.T) {
	r := NewReport(sample(), category)
	r.Comparison = &Comparison{Compared: 7}
	r.Robustness = []Robustness{{Noise: "typo", Asked: 1}}
	var full, small bytes.Buffer
	if err := errors.Join(r.WriteJSON(&full), r.WriteBaseline(&small)); err != nil {
		t.Fatal(err)
	}
	golden(t, "run.json", full.String())
	golden(t, "baseline.json", small.String())
	got, err := ReadRun(&full)
	if err != nil || !reflect.DeepEqual(got, r.Outcomes) {
		t.Errorf("ReadRun = %+v, %v", got, err)
	}
	got, err = ReadRun(&small)
	if err != nil || len(got) != len(r.Outcomes) {
		t.Fatalf("ReadRun = %+v, %v", got, err)
	}
	if !reflect.DeepEqual(Scores(got), r.Scores) {
		t.Errorf("the baseline scores %v, the run %v", Scores(got), r.Scores)
	}
}

func TestReadRunFaults(t *testing.T) {
	for _, in := range []string{
		"", "top-1 0.9", "{}", `{"outcomes":[]}`, `{"outcomes":[{}]}`, `{"outcomes":[{"question":"甲","labels":["a"]}]}`,
		`{"outcomes":[{"question":"甲","labels":["a"],"decision":"answer","place":-1}]}`,
		`{"outcomes":[{"question":"甲","labels":["a"],"decision":"answer"}]} {}`,
	} {
		if got, err := ReadRun(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), "yingda eval -save") {
			t.Errorf("ReadRun(%q) = %v, %v; want an error that says what to do", in, got, err)
		}
	}
}

func FuzzReadRun(f *testing.F) {
	f.Add(`{"outcomes":[{"question":"甲","labels":["a"],"decision":"answer","place":1}]}`)
	f.Fuzz(func(t *testing.T, in string) {
		run, err := ReadRun(strings.NewReader(in))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := NewReport(run, category).WriteJSON(&b); err != nil {
			t.Fatalf("what was read from %q cannot be written: %v", in, err)
		}
		if again, err := ReadRun(&b); err != nil || len(again) != len(run) {
			t.Fatalf("ReadRun(%q) is written as something else: %v", in, err)
		}
	})
}

// full is a writer on a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrInvalid }

func TestWriteErrors(t *testing.T) {
	r := NewReport(sample(), category)
	for name, err := range map[string]error{
		"scores": PrintScores(full{}, r.Scores), "JSON": r.WriteJSON(full{}), "baseline": r.WriteBaseline(full{}), "diagram": r.WriteDiagram(full{}),
	} {
		if !errors.Is(err, os.ErrInvalid) {
			t.Errorf("%s: %v, want the writer's error", name, err)
		}
	}
}

// TestRobust asks an echo with a noise that breaks every second draw.
func TestRobust(t *testing.T) {
	qs := []Question{{Text: "a", Labels: []string{"a"}}, {Text: "b", Labels: []string{"b"}}, {Text: "1", Labels: []string{"1"}}}
	clean, err := Run(t.Context(), echo{}, qs, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Robust(t.Context(), echo{}, clean, []Noise{{Name: "typo", Draws: 2, Apply: func(text string, draw int) (string, bool) {
		return strings.Repeat(text, draw+1), text != "1"
	}}})
	if err != nil || len(rows) != 1 || rows[0].Asked != 4 || rows[0].Lost() != 50 {
		t.Errorf("Robust = %+v, %v; want 4 asked and 50 points lost", rows, err)
	}
	var b strings.Builder
	PrintRobustness(&b, rows)
	PrintSpoilt(&b, rows)
	golden(t, "robust.txt", b.String())
	_, err = Robust(t.Context(), echo{}, clean, []Noise{{"typo", 1, func(string, int) (string, bool) { return "坏", true }}})
	if !errors.Is(err, errStep) || !strings.HasPrefix(err.Error(), "with typo: line 1: ") {
		t.Errorf("Robust = %v, want the bot's error", err)
	}
}
