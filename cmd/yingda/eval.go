package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/yingda/yingda/bot/eval"
	"github.com/yingda/yingda/content"
)

func evalCommand() command {
	return command{
		name: "eval", args: "[FILE.tsv]", short: "score the answers to labelled questions; without a file, to the guide's golden ones",
		examples: `
			yingda eval
			yingda eval -misses questions.tsv
			yingda eval -content ./guide questions.tsv   # question, tab, id of the right article, OUT or HUMAN`,
		run: runEval,
	}
}

func runEval(ctx context.Context, t terminal, c command, args []string) (err error) {
	s := newSettings(c)
	dir := s.text("content", "YINGDA_CONTENT", "", "`DIR` of the guide instead of the bundled one")
	misses := s.bool("misses", "also list the questions that went wrong: asked, got, wanted")
	files, err := s.parse(t, args)
	if err != nil {
		return err
	}
	questions, err := readQuestions(files)
	if err != nil {
		return err
	}
	g, err := openGuide(*dir, "", t.err)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	scores, err := eval.Run(ctx, g.bot, questions, bar(t.err, "asking"))
	if err != nil {
		return err
	}
	if *misses {
		for _, m := range scores.Misses {
			fmt.Fprintf(t.out, "%s\n    got %s (%.2f), wanted %s\n", m.Question.Text, m.Got(), m.Reply.Confidence, strings.Join(m.Question.Labels, " or "))
		}
	}
	return scores.Print(t.out)
}

// readQuestions reads the one file named, or the golden questions.
func readQuestions(files []string) ([]eval.Question, error) {
	var in io.ReadCloser
	var err error
	name := "golden.tsv"
	switch len(files) {
	case 0:
		in, err = content.FS().Open(name)
	case 1:
		name = files[0]
		in, err = os.Open(name)
	default:
		return nil, usagef("one file at a time, not %d", len(files))
	}
	if err != nil {
		return nil, usageError{err.Error()}
	}
	questions, err := eval.Read(in)
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, usagef("%s: %v", name, err)
	}
	return questions, nil
}
