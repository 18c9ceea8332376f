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

// Miss is a question whose outcome was not the wanted one.
type Miss struct {
	Question Question
	Reply    chat.Reply
}

// Got is what the bot did, short: its decision and its first article.
func (m Miss) Got() string {
	got := string(m.Reply.Decision)
	if len(m.Reply.Articles) > 0 {
		got += " " + m.Reply.Articles[0].ID
	}
	return got
}

// Scores are counts over one file of questions.
type Scores struct {
	InScope, Top1, Top3, AnsweredRight, AnsweredWrong, ClarifiedRight int
	Out, FalseAnswers                                                 int
	Human, MissedPeople                                               int
	Misses                                                            []Miss
}

// Stepper is the bot as eval needs it.
type Stepper interface {
	Step(ctx context.Context, s *bot.Session, m chat.Message) (bot.Outcome, error)
}

// Run asks every question in a fresh conversation. progress, when not nil, is told how many are done.
func Run(ctx context.Context, b Stepper, qs []Question, progress func(done, total int)) (Scores, error) {
	var s Scores
	for i, q := range qs {
		out, err := b.Step(ctx, new(bot.Session), chat.Message{Channel: "eval", Text: q.Text})
		if err != nil {
			return s, fmt.Errorf("line %d: %w", q.Line, err)
		}
		if !s.count(q, out.Reply) {
			s.Misses = append(s.Misses, Miss{q, out.Reply})
		}
		if progress != nil {
			progress(i+1, len(qs))
		}
	}
	return s, nil
}

// count adds one outcome and tells whether it was the wanted one.
func (s *Scores) count(q Question, r chat.Reply) bool {
	switch {
	case slices.Contains(q.Labels, Out):
		s.Out++
		if r.Decision == chat.Answer {
			s.FalseAnswers++
			return false
		}
		return true
	case slices.Contains(q.Labels, Human):
		s.Human++
		if r.Decision != chat.Escalate {
			s.MissedPeople++
			return false
		}
		return true
	}
	s.InScope++
	at := slices.IndexFunc(r.Articles, func(a chat.Article) bool { return slices.Contains(q.Labels, a.ID) })
	s.Top1 += count(at == 0)
	s.Top3 += count(at >= 0 && at < 3)
	s.AnsweredRight += count(r.Decision == chat.Answer && at == 0)
	s.AnsweredWrong += count(r.Decision == chat.Answer && at != 0)
	s.ClarifiedRight += count(r.Decision == chat.Clarify && slices.ContainsFunc(r.Options, func(o chat.Option) bool { return slices.Contains(q.Labels, o.ID) }))
	return at == 0 && r.Decision == chat.Answer
}

func count(ok bool) int {
	if ok {
		return 1
	}
	return 0
}

// Print writes the scores as `yingda eval` shows them.
func (s *Scores) Print(w io.Writer) error {
	for _, row := range []struct {
		name    string
		n, from int
	}{
		{"top-1", s.Top1, s.InScope},
		{"top-3", s.Top3, s.InScope},
		{"answered right", s.AnsweredRight, s.InScope},
		{"answered wrong", s.AnsweredWrong, s.InScope},
		{"clarified right", s.ClarifiedRight, s.InScope},
		{"false answers on OUT", s.FalseAnswers, s.Out},
		{"missed people on HUMAN", s.MissedPeople, s.Human},
	} {
		share := "     –"
		if row.from > 0 {
			share = fmt.Sprintf("%6.3f", float64(row.n)/float64(row.from))
		}
		if _, err := fmt.Fprintf(w, "%-24s%s  %5d of %d\n", row.name, share, row.n, row.from); err != nil {
			return err
		}
	}
	return nil
}
