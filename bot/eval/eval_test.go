package eval

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestRead(t *testing.T) {
	one := []Question{{Text: "报05", Labels: []string{"txn-response-code"}, Line: 1}}
	for _, c := range []struct {
		in   string
		want []Question
	}{
		{"", nil},
		{"question\tlabel\n", nil},
		{"报05\ttxn-response-code", one},
		{"\ufeff报05\ttxn-response-code\r\n", one},
		{"报05\t txn-response-code \n\n", one},
		{"\ufeffquestion\tlabel\r\n\r\n甲 乙\ta|b\n丙\tOUT\n丁\tHUMAN\n", []Question{
			{"甲 乙", []string{"a", "b"}, 3}, {"丙", []string{Out}, 4}, {"丁", []string{Human}, 5},
		}},
		{"甲\ta | b", []Question{{"甲", []string{"a", "b"}, 1}}},
		{"甲\ta\nquestion\tlabel", []Question{{"甲", []string{"a"}, 1}, {"question", []string{"label"}, 2}}}, // a heading stands first
	} {
		got, err := Read(strings.NewReader(c.in))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("Read(%q) = %v, %v; want %v", c.in, got, err, c.want)
		}
	}
}

func TestReadFaults(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"甲", "line 1: no label"},
		{"question\tlabel\n甲\ta\n\n乙", "line 4: no label"},
		{"甲\t", "line 1: no label"},
		{"甲\t  ", "line 1: no label"},
		{"甲\ta||b", "line 1: no label"},
		{"甲\ta\n \ta", "line 2: no question"},
		{"甲\ta\tb", "line 1: a third column"},
		{"甲\ta\n" + strings.Repeat("长", 1<<20), "line 2: "},
	} {
		if got, err := Read(strings.NewReader(c.in)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("Read(%.20q) = %v, %v; want the error %q", c.in, got, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, in := range []string{"question\tlabel\n甲\ta|b\n", "甲\tOUT\r\n", "\ufeff\t|"} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		qs, err := Read(strings.NewReader(in))
		if err != nil {
			return
		}
		for _, q := range qs {
			if strings.TrimSpace(q.Text) == "" || len(q.Labels) == 0 || q.Labels[0] == "" || q.Line < 1 {
				t.Fatalf("Read(%q) lets %+v pass", in, q)
			}
		}
	})
}

// reply is a decision, its articles, and its options.
func reply(d chat.Decision, articles, options string) chat.Reply {
	r := chat.Reply{Decision: d}
	for _, id := range strings.Fields(articles) {
		r.Articles = append(r.Articles, chat.Article{ID: id})
	}
	for _, id := range strings.Fields(options) {
		r.Options = append(r.Options, chat.Option{ID: id})
	}
	return r
}

func TestCount(t *testing.T) {
	for _, c := range []struct {
		labels string
		reply  chat.Reply
		want   Scores
		good   bool
	}{
		{"a", reply(chat.Answer, "a b", ""), Scores{InScope: 1, Top1: 1, Top3: 1, AnsweredRight: 1}, true},
		{"b|a", reply(chat.Answer, "a b", ""), Scores{InScope: 1, Top1: 1, Top3: 1, AnsweredRight: 1}, true},
		{"a", reply(chat.Answer, "b a", ""), Scores{InScope: 1, Top3: 1, AnsweredWrong: 1}, false},
		{"a", reply(chat.Answer, "b c a", ""), Scores{InScope: 1, Top3: 1, AnsweredWrong: 1}, false},
		{"a", reply(chat.Answer, "b c d a", ""), Scores{InScope: 1, AnsweredWrong: 1}, false},
		{"a", reply(chat.Answer, "", ""), Scores{InScope: 1, AnsweredWrong: 1}, false},
		{"a", reply(chat.Clarify, "a b", "a b human"), Scores{InScope: 1, Top1: 1, Top3: 1, ClarifiedRight: 1}, false},
		{"a", reply(chat.Clarify, "b c", "b c human"), Scores{InScope: 1}, false},
		{"a", reply(chat.Decline, "a", "a human"), Scores{InScope: 1, Top1: 1, Top3: 1}, false}, // offered, but declined
		{"a", reply(chat.Escalate, "", ""), Scores{InScope: 1}, false},
		{"OUT", reply(chat.Decline, "a", ""), Scores{Out: 1}, true},
		{"OUT", reply(chat.Clarify, "a", "a"), Scores{Out: 1}, true}, // a question back is no false answer
		{"OUT", reply(chat.Answer, "a", ""), Scores{Out: 1, FalseAnswers: 1}, false},
		{"HUMAN", reply(chat.Escalate, "", ""), Scores{Human: 1}, true},
		{"HUMAN", reply(chat.Answer, "a", ""), Scores{Human: 1, MissedPeople: 1}, false},
		{"HUMAN", reply(chat.Greet, "", ""), Scores{Human: 1, MissedPeople: 1}, false},
	} {
		var got Scores
		good := got.count(Question{Labels: strings.Split(c.labels, "|")}, c.reply)
		if good != c.good || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s, and the reply is %s %v: %+v, %t; want %+v, %t", c.labels, c.reply.Decision, c.reply.Articles, got, good, c.want, c.good)
		}
	}
}

// echo is a bot whose every message is its reply's first article, answered.
type echo struct{}

var errStep = errors.New("no index")

func (echo) Step(_ context.Context, s *bot.Session, m chat.Message) (bot.Outcome, error) {
	if len(s.Offered) > 0 {
		return bot.Outcome{}, errors.New("the session is not fresh")
	}
	s.Offered = []chat.Option{{}}
	if m.Text == "坏" {
		return bot.Outcome{}, errStep
	}
	return bot.Outcome{Reply: reply(chat.Answer, m.Text, "")}, nil
}

func TestRun(t *testing.T) {
	qs, err := Read(strings.NewReader("a\ta\nb\tx\nc\tOUT\n"))
	if err != nil {
		t.Fatal(err)
	}
	progress := ""
	s, err := Run(t.Context(), echo{}, qs, func(done, total int) { progress += fmt.Sprintf(" %d/%d", done, total) })
	if err != nil || progress != " 1/3 2/3 3/3" {
		t.Errorf("Run: %v, progress%s", err, progress)
	}
	var misses []string
	for _, m := range s.Misses {
		misses = append(misses, fmt.Sprintf("%d: %s", m.Question.Line, m.Got()))
	}
	if got := strings.Join(misses, ", "); got != "2: answer b, 3: answer c" || s.InScope != 2 || s.Top1 != 1 || s.FalseAnswers != 1 {
		t.Errorf("Run = %+v, misses %s", s, got)
	}
	if got := (Miss{Reply: chat.Reply{Decision: chat.Greet}}).Got(); got != "greet" {
		t.Errorf("Got = %q", got)
	}
}

func TestRunError(t *testing.T) {
	_, err := Run(t.Context(), echo{}, []Question{{Text: "坏", Labels: []string{"a"}, Line: 7}}, nil)
	if !errors.Is(err, errStep) || !strings.HasPrefix(err.Error(), "line 7: ") {
		t.Errorf("Run: %v, want the bot's error and the line", err)
	}
}

func TestPrint(t *testing.T) {
	var b strings.Builder
	for _, s := range []Scores{
		{InScope: 800, Top1: 700, Top3: 760, AnsweredRight: 600, AnsweredWrong: 20, ClarifiedRight: 90, Out: 100, FalseAnswers: 3, Human: 70, MissedPeople: 1},
		{}, // a file of nothing
	} {
		if err := s.Print(&b); err != nil {
			t.Fatal(err)
		}
		b.WriteString("\n")
	}
	golden := filepath.Join("testdata", "print.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("Print writes\n%s\nwant\n%s", b.String(), want)
	}
}

// full is a writer on a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrInvalid }

func TestPrintError(t *testing.T) {
	if err := new(Scores).Print(full{}); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("Print = %v, want the writer's error", err)
	}
}
