package eval

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/yingda/yingda/chat"
)

// Change is how one score moved between two runs, over the questions that both have.
type Change struct {
	From    Score   `json:"from"`
	To      Score   `json:"to"`
	Lost    int     `json:"lost"`    // questions that were good and are bad
	Won     int     `json:"won"`     // questions that were bad and are good
	Allowed float64 `json:"allowed"` // the worst share that is still noise
	Fell    bool    `json:"fell"`    // it is worse than that
}

// Flip is a question of which a score changed.
type Flip struct {
	Question string        `json:"question"`
	Was      chat.Decision `json:"was"`
	Is       chat.Decision `json:"is"`
	Lost     []string      `json:"lost,omitempty"` // names of scores
	Won      []string      `json:"won,omitempty"`
}

// Comparison tells what changed since an earlier run. A question is known by its text and its labels.
type Comparison struct {
	Compared int      `json:"compared"`
	Added    []string `json:"added,omitempty"`   // questions that the earlier run does not have: left out
	Removed  []string `json:"removed,omitempty"` // questions that only the earlier run has: left out
	Changes  []Change `json:"changes"`
	Flips    []Flip   `json:"flips,omitempty"`
}

// gated are the measures that must not fall. A question that is asked back is no fall once it is
// answered right: so the two count together.
func gated() []measure {
	ms := measures()
	i := slices.IndexFunc(ms, func(m measure) bool { return m.name == clarifiedRight })
	ms[i] = measure{"answered or clarified", inScope, false, func(o *Outcome) bool {
		return clarified(o) || o.Decision == chat.Answer && o.Place == 1
	}}
	return ms
}

func (m *measure) good(o *Outcome) bool { return m.holds(o) != m.bad }

// Compare matches the questions of two runs and weighs the difference of every score.
func Compare(before, after []Outcome) Comparison {
	old := map[string]*Outcome{}
	for i := range before {
		old[before[i].key()] = &before[i]
	}
	var c Comparison
	var was, is []Outcome
	matched := map[string]bool{}
	for i := range after {
		o := &after[i]
		switch key := o.key(); {
		case matched[key]: // asked twice
		case old[key] == nil:
			c.Added = append(c.Added, o.Question)
		default:
			matched[key] = true
			was, is = append(was, *old[key]), append(is, *o)
		}
	}
	for i := range before {
		if !matched[before[i].key()] {
			c.Removed = append(c.Removed, before[i].Question)
		}
	}
	c.Compared = len(is)
	lost, won := map[string]int{}, map[string]int{}
	for i := range is {
		f := flip(&was[i], &is[i])
		for _, name := range f.Lost {
			lost[name]++
		}
		for _, name := range f.Won {
			won[name]++
		}
		if len(f.Lost)+len(f.Won) > 0 {
			c.Flips = append(c.Flips, f)
		}
	}
	for _, m := range gated() {
		c.Changes = append(c.Changes, m.weigh(Change{From: m.score(was), To: m.score(is), Lost: lost[m.name], Won: won[m.name]}))
	}
	return c
}

func (o *Outcome) key() string { return o.Question + "\t" + strings.Join(o.Labels, "|") }

func flip(was, is *Outcome) Flip {
	f := Flip{Question: is.Question, Was: was.Decision, Is: is.Decision}
	for _, m := range gated() {
		switch {
		case m.of != is.scope():
		case m.good(was) && !m.good(is):
			f.Lost = append(f.Lost, m.name)
		case !m.good(was) && m.good(is):
			f.Won = append(f.Won, m.name)
		}
	}
	return f
}

// weigh tells whether a score's change is more than noise.
func (m *measure) weigh(c Change) Change {
	most := c.noise()
	if m.name == missedPeople { // a promise, not a statistic
		most = 0
	}
	c.Fell = c.Lost-c.Won > most
	allowed := Score{N: c.From.N - most, Of: c.From.Of}
	if m.bad {
		allowed.N = c.From.N + most
	}
	c.Allowed = allowed.Share()
	return c
}

// significance is how unlikely a fall must be before it is called one.
const significance = 0.05

// noise is the largest net loss that chance explains. It is a sign test: were the two runs equally
// good, each of the n questions that flipped would be lost or won by the toss of a coin, and a net
// loss of 2k−n is noise while k heads or more come in 5 % of the cases at least.
func (c *Change) noise() int {
	n := c.Lost + c.Won
	most := n
	for most > 0 && tail(n, most) < significance {
		most--
	}
	return max(0, 2*most-n)
}

// tail is the probability of k heads or more in n tosses.
func tail(n, k int) float64 {
	sum := 0.0
	for ; k <= n; k++ {
		sum += math.Exp(logFactorial(n) - logFactorial(k) - logFactorial(n-k) - float64(n)*math.Ln2)
	}
	return sum
}

func logFactorial(n int) float64 {
	v, _ := math.Lgamma(float64(n + 1))
	return v
}

// ErrFell says that a score fell by more than its noise.
var ErrFell = errors.New("worse than the stored run")

// Err is nil unless a score fell; it names every one that did.
func (c *Comparison) Err() error {
	var fell []string
	for _, ch := range c.Changes {
		if ch.Fell {
			fell = append(fell, fmt.Sprintf("%s went from %.3f to %.3f, allowed is %.3f (%d questions lost, %d won)",
				ch.From.Name, ch.From.Share(), ch.To.Share(), ch.Allowed, ch.Lost, ch.Won))
		}
	}
	switch {
	case c.Compared == 0:
		return fmt.Errorf("%w: it has none of these questions, so nothing can be compared", ErrFell)
	case len(fell) > 0:
		return fmt.Errorf("%w:\n  %s", ErrFell, strings.Join(fell, "\n  "))
	}
	return nil
}

// PrintComparison writes what flipped, and every score before and after.
func PrintComparison(w io.Writer, c *Comparison, name string) {
	fmt.Fprintf(w, "\nagainst %s: %d questions compared\n", name, c.Compared)
	for _, f := range c.Flips {
		var what []string
		if len(f.Lost) > 0 {
			what = append(what, "lost "+strings.Join(f.Lost, ", "))
		}
		if len(f.Won) > 0 {
			what = append(what, "won "+strings.Join(f.Won, ", "))
		}
		fmt.Fprintf(w, "    %s\n        was %s, is %s: %s\n", f.Question, f.Was, f.Is, strings.Join(what, "; "))
	}
	for _, q := range c.Added {
		fmt.Fprintf(w, "    new, left out: %s\n", q)
	}
	for _, q := range c.Removed {
		fmt.Fprintf(w, "    gone, left out: %s\n", q)
	}
	fmt.Fprintf(w, "%-24s  from      to  lost   won  allowed\n", "")
	for _, ch := range c.Changes {
		verdict := ""
		if ch.Fell {
			verdict = "  FELL"
		}
		fmt.Fprintf(w, "%-24s%6.3f  %6.3f%6d%6d  %7.3f%s\n", ch.From.Name, ch.From.Share(), ch.To.Share(), ch.Lost, ch.Won, ch.Allowed, verdict)
	}
}
