package eval

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/yingda/yingda/chat"
)

// run is n questions in scope, of which the first right are answered right, the rest wrong; the
// marks flip single ones.
func run(n, right int, flipped ...int) []Outcome {
	out := make([]Outcome, n)
	for i := range out {
		out[i] = Outcome{Question: fmt.Sprint("问", i), Labels: []string{"a"}, Decision: chat.Answer}
		if i < right {
			out[i].Place = 1
		}
	}
	for _, i := range flipped {
		out[i].Place = 1 - out[i].Place
	}
	return out
}

// TestCompare shows where noise ends.
func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name      string
		after     []Outcome
		lost, won int
		allowed   float64 // of top-1; 0.9 is before
		fell      bool
	}{
		{"the same", run(100, 90), 0, 0, 0.90, false},
		{"a few flips both ways", run(100, 90, 0, 1, 2, 95, 96), 3, 2, 0.87, false},
		{"four lost", run(100, 86), 4, 0, 0.86, false}, // by the toss of a coin in 6 % of the cases
		{"five lost", run(100, 85), 5, 0, 0.87, true},  // in 3 %
		{"ten lost and three won", run(100, 80, 95, 96, 97), 10, 3, 0.85, true},
		{"nine lost and four won", run(100, 81, 95, 96, 97, 98), 9, 4, 0.85, false},
		{"better", run(100, 99), 0, 9, 0.85, false},
	} {
		got := Compare(run(100, 90), c.after)
		top := got.Changes[0]
		if top.Lost != c.lost || top.Won != c.won || top.Fell != c.fell || fmt.Sprintf("%.2f", top.Allowed) != fmt.Sprintf("%.2f", c.allowed) || len(got.Flips) != c.lost+c.won {
			t.Errorf("%s: top-1 %+v, %d flips; want %d lost, %d won, allowed %.2f, fell %t", c.name, top, len(got.Flips), c.lost, c.won, c.allowed, c.fell)
		}
		if err := got.Err(); errors.Is(err, ErrFell) != c.fell {
			t.Errorf("%s: Err = %v, want a fall: %t", c.name, err, c.fell)
		}
	}
}

// TestCompareNames tells which score fell, from what to what, and what was allowed.
func TestCompareNames(t *testing.T) {
	c := Compare(run(100, 90), run(100, 80))
	for _, want := range []string{
		"worse than the stored run:",
		"top-1 went from 0.900 to 0.800, allowed is 0.840 (10 questions lost, 0 won)",
		"answered wrong went from 0.100 to 0.200, allowed is 0.160 (10 questions lost, 0 won)",
	} {
		if err := c.Err(); !strings.Contains(err.Error(), want) {
			t.Errorf("Err = %v, want %q in it", err, want)
		}
	}
}

// TestComparePeople allows nobody to be missed who was reached before.
func TestComparePeople(t *testing.T) {
	reached := Outcome{Question: "人呢", Labels: []string{Human}, Decision: chat.Escalate}
	missed := reached
	missed.Decision = chat.Clarify
	if c := Compare([]Outcome{reached}, []Outcome{missed}); c.Err() == nil {
		t.Error("a person is missed who was reached before, and nothing is said")
	}
	if c := Compare([]Outcome{missed}, []Outcome{reached}); c.Err() != nil {
		t.Errorf("a person is reached who was missed before: %v", c.Err())
	}
}

// TestCompareClarified is no fall when what was asked back is answered right.
func TestCompareClarified(t *testing.T) {
	before := run(20, 20)
	for i := range before {
		before[i].Decision, before[i].Offered = chat.Clarify, true
	}
	if c := Compare(before, run(20, 20)); c.Err() != nil {
		t.Error(c.Err())
	}
	if c := Compare(run(20, 20), before); c.Err() == nil {
		t.Error("nothing is answered any more, and nothing is said")
	}
}

// TestCompareUnmatched leaves out what only one run has; a question with other labels is another one.
func TestCompareUnmatched(t *testing.T) {
	before, after := run(5, 5), run(6, 0)
	after[0].Labels = []string{"b"}
	after[1] = before[1]
	after = append(after, after[1]) // asked twice
	c := Compare(before, after)
	if c.Compared != 4 || strings.Join(c.Added, " ") != "问0 问5" || strings.Join(c.Removed, " ") != "问0" || c.Changes[0].Lost != 3 {
		t.Errorf("Compare = %+v", c)
	}
	if c := Compare(before, after[5:6]); c.Err() == nil || !strings.Contains(c.Err().Error(), "nothing can be compared") {
		t.Errorf("Err = %v, want that nothing can be compared", c.Err())
	}
	var b strings.Builder
	PrintComparison(&b, &c, "base.json")
	golden(t, "compare.txt", b.String())
}
