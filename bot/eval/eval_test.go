package eval

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
)

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

// TestScores shows what one outcome counts as, and whether it is the wanted one.
func TestScores(t *testing.T) {
	for _, c := range []struct {
		labels string
		reply  chat.Reply
		want   string // the scores that count it
		wanted bool
	}{
		{"a", reply(chat.Answer, "a b", ""), "top-1, top-3, answered right", true},
		{"b|a", reply(chat.Answer, "a b", ""), "top-1, top-3, answered right", true},
		{"a", reply(chat.Answer, "b a", ""), "top-3, answered wrong", false},
		{"a", reply(chat.Answer, "b c a", ""), "top-3, answered wrong", false},
		{"a", reply(chat.Answer, "b c d a", ""), "answered wrong", false},
		{"a", reply(chat.Answer, "", ""), "answered wrong", false},
		{"a", reply(chat.Clarify, "a b", "a b human"), "top-1, top-3, clarified right", false},
		{"a", reply(chat.Clarify, "b c", "b c human"), "", false},
		{"a", reply(chat.Decline, "a", "a human"), "top-1, top-3", false}, // offered, but declined
		{"a", reply(chat.Escalate, "", ""), "", false},
		{"OUT", reply(chat.Decline, "a", ""), "", true},
		{"OUT", reply(chat.Clarify, "a", "a"), "", true}, // a question back is no false answer
		{"OUT", reply(chat.Answer, "a", ""), "false answers on OUT", false},
		{"HUMAN", reply(chat.Escalate, "", ""), "", true},
		{"HUMAN", reply(chat.Answer, "a", ""), "missed people on HUMAN", false},
		{"HUMAN", reply(chat.Greet, "", ""), "missed people on HUMAN", false},
	} {
		o := outcome(Question{Labels: strings.Split(c.labels, "|")}, bot.Outcome{Reply: c.reply})
		var got []string
		for _, s := range Scores([]Outcome{o}) {
			if s.N == 1 {
				got = append(got, s.Name)
			}
		}
		if strings.Join(got, ", ") != c.want || o.wanted() != c.wanted {
			t.Errorf("%s, and the reply is %s %v: counts as %v, wanted %t; want %s, %t", c.labels, c.reply.Decision, c.reply.Articles, got, o.wanted(), c.want, c.wanted)
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
	outcomes, err := Run(t.Context(), echo{}, qs, func(done, total int) { progress += fmt.Sprintf(" %d/%d", done, total) })
	if err != nil || progress != " 1/3 2/3 3/3" {
		t.Errorf("Run: %v, progress%s", err, progress)
	}
	want := []Outcome{
		{Question: "a", Labels: []string{"a"}, Decision: chat.Answer, Place: 1, Articles: []string{"a"}},
		{Question: "b", Labels: []string{"x"}, Decision: chat.Answer, Articles: []string{"b"}},
		{Question: "c", Labels: []string{"OUT"}, Decision: chat.Answer, Articles: []string{"c"}},
	}
	if !reflect.DeepEqual(outcomes, want) {
		t.Errorf("Run = %+v, want %+v", outcomes, want)
	}
}

func TestRunError(t *testing.T) {
	_, err := Run(t.Context(), echo{}, []Question{{Text: "坏", Labels: []string{"a"}, Line: 7}}, nil)
	if !errors.Is(err, errStep) || !strings.HasPrefix(err.Error(), "line 7: ") {
		t.Errorf("Run: %v, want the bot's error and the line", err)
	}
}
