// Package eval scores a bot on labelled questions.
package eval

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
)

// Labels that are no article.
const (
	Out   = "OUT"   // must be declined
	Human = "HUMAN" // must escalate
)

// Question is one labelled question.
type Question struct {
	Text   string
	Labels []string // ids of good articles, or Out or Human alone
	Line   int
}

// Read parses lines of question, tab, label; several good labels are split by "|". A first line
// "question<TAB>label" is a heading.
func Read(r io.Reader) ([]Question, error) {
	var qs []Question
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	line := 1
	for ; sc.Scan(); line++ {
		text := strings.TrimSuffix(strings.TrimPrefix(sc.Text(), "\ufeff"), "\r")
		if strings.TrimSpace(text) == "" || line == 1 && text == "question\tlabel" {
			continue
		}
		q, label, ok := strings.Cut(text, "\t")
		labels := strings.Split(label, "|")
		for i := range labels {
			labels[i] = strings.TrimSpace(labels[i])
		}
		switch {
		case !ok || slices.Contains(labels, ""):
			return nil, fmt.Errorf("line %d: no label; write the question, a tab, and an article's id, OUT or HUMAN", line)
		case strings.TrimSpace(q) == "":
			return nil, fmt.Errorf("line %d: no question before the tab", line)
		case strings.Contains(label, "\t"):
			return nil, fmt.Errorf("line %d: a third column; write only the question, a tab, and its labels split by |", line)
		}
		qs = append(qs, Question{Text: q, Labels: labels, Line: line})
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", line, err)
	}
	return qs, nil
}

// Outcome is what became of one question. Its JSON form is what a later run is compared with.
type Outcome struct {
	Question   string        `json:"question"`
	Labels     []string      `json:"labels"`
	Decision   chat.Decision `json:"decision"`
	Rule       bot.Rule      `json:"rule,omitempty"`       // what decided
	Place      int           `json:"place,omitempty"`      // of the first right article, from 1; 0: not among them
	Offered    bool          `json:"offered,omitempty"`    // a right article is among the options
	Confidence float64       `json:"confidence,omitempty"` // the reply's
	Articles   []string      `json:"articles,omitempty"`   // ids, best first
	Why        *Why          `json:"why,omitempty"`        // of a miss, when it was asked for
}

// Run asks every question in a fresh conversation. progress, when not nil, is told how many are done.
func Run(ctx context.Context, b bot.Stepper, qs []Question, progress func(done, total int)) ([]Outcome, error) {
	outcomes := make([]Outcome, 0, len(qs))
	for i, q := range qs {
		out, err := b.Step(ctx, new(bot.Session), chat.Message{Channel: "eval", Text: q.Text})
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", q.Line, err)
		}
		outcomes = append(outcomes, outcome(q, out))
		if progress != nil {
			progress(i+1, len(qs))
		}
	}
	return outcomes, nil
}

func outcome(q Question, out bot.Outcome) Outcome {
	r := out.Reply
	o := Outcome{Question: q.Text, Labels: q.Labels, Decision: r.Decision, Rule: out.Rule, Confidence: r.Confidence}
	for i, a := range r.Articles {
		o.Articles = append(o.Articles, a.ID)
		if o.Place == 0 && slices.Contains(q.Labels, a.ID) {
			o.Place = i + 1
		}
	}
	o.Offered = slices.ContainsFunc(r.Options, func(op chat.Option) bool { return slices.Contains(q.Labels, op.ID) })
	return o
}

// scope is what a question asks for.
type scope int

const (
	inScope scope = iota // an article
	outside              // nothing that the guide has
	person
)

func (o *Outcome) scope() scope {
	switch {
	case slices.Contains(o.Labels, Out):
		return outside
	case slices.Contains(o.Labels, Human):
		return person
	}
	return inScope
}

// wanted tells whether the outcome is what the label asks for.
func (o *Outcome) wanted() bool {
	switch o.scope() {
	case outside:
		return o.Decision != chat.Answer
	case person:
		return o.Decision == chat.Escalate
	case inScope:
	}
	return o.Decision == chat.Answer && o.Place == 1
}

// first is the id of the first article, or "".
func (o *Outcome) first() string {
	if len(o.Articles) == 0 {
		return ""
	}
	return o.Articles[0]
}
