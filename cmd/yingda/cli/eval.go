package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/yingda/yingda/bot/eval"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/zh"
	"github.com/yingda/yingda/zh/noise"
)

func evalCommand() command {
	return command{
		name: "eval", args: "[FILE.tsv]", short: "score the answers to labelled questions; without a file, to the guide's golden ones",
		examples: `
			yingda eval
			yingda eval -misses questions.tsv
			yingda eval -content ./guide questions.tsv   # question, tab, id of the right article, OUT or HUMAN
			yingda eval -save before.json && yingda eval -content ./edited -against before.json`,
		run: runEval,
	}
}

// evalFlags are what `yingda eval` may be asked for.
type evalFlags struct {
	content, against, save, diagram *string
	misses, robust, json            *bool
}

func runEval(ctx context.Context, t terminal, s *settings, args []string) error {
	var f evalFlags
	f.content = s.text("content", "YINGDA_CONTENT", "", "`DIR` of the guide instead of the bundled one")
	f.misses = s.bool("misses", "also list the questions that went wrong: asked, got, wanted, why; and what is confused most")
	f.robust = s.bool("robust", "also ask the same questions with typos, in pinyin, in other scripts")
	f.json = s.bool("json", "print everything as JSON, a line for every question")
	f.against = s.text("against", "", "", "compare with the run in `FILE` and fail when a score fell by more than its noise")
	f.save = s.text("save", "", "", "write the outcomes to `FILE`, for -against")
	f.diagram = s.text("diagram", "", "", "draw how far the confidence can be trusted, as an SVG picture, to `FILE`")
	files, err := s.parse(t, args)
	if err != nil {
		return err
	}
	questions, err := readQuestions(files)
	if err != nil {
		return err
	}
	baseline, err := readRun(*f.against)
	if err != nil {
		return err
	}
	return withGuide(*f.content, t, func(g *guide.Guide) error {
		report, err := evaluate(ctx, t, g, f, questions)
		if err != nil {
			return err
		}
		if baseline != nil {
			c := eval.Compare(baseline, report.Outcomes)
			report.Comparison = &c
		}
		err = errors.Join(printReport(t.out, report, f), writeTo(*f.save, report.WriteBaseline), writeTo(*f.diagram, report.WriteDiagram))
		if err == nil && report.Comparison != nil {
			err = report.Comparison.Err()
		}
		return err
	})
}

// evaluate asks the questions, and whatever else the flags want to know.
func evaluate(ctx context.Context, t terminal, g *guide.Guide, f evalFlags, questions []eval.Question) (*eval.Report, error) {
	outcomes, err := eval.Run(ctx, g.Bot, questions, t.progress().Stage("asking"))
	if err != nil {
		return nil, err
	}
	if *f.misses {
		explainMiss := func(_ context.Context, question string, wanted []string) (eval.Why, error) {
			return explain(g, question, wanted), nil
		}
		if err := eval.Explain(ctx, outcomes, explainMiss); err != nil {
			return nil, err
		}
	}
	report := eval.NewReport(outcomes, func(id string) string {
		if a, ok := g.Library.Article(id); ok {
			return a.Category
		}
		return ""
	})
	if *f.robust {
		report.Robustness, err = eval.Robust(ctx, g.Bot, outcomes, noises(g))
		if err != nil {
			return nil, err
		}
	}
	return report, nil
}

func noises(g *guide.Guide) []eval.Noise {
	kinds := noise.Kinds(zh.NewTables())
	all := make([]eval.Noise, len(kinds))
	for i, k := range kinds {
		all[i] = eval.Noise{Name: k.Name, Draws: k.Draws, Apply: k.Apply}
	}
	return all
}

func printReport(w io.Writer, r *eval.Report, f evalFlags) error {
	if *f.json {
		return r.WriteJSON(w)
	}
	if err := eval.PrintScores(w, r.Scores); err != nil {
		return err
	}
	eval.PrintCategories(w, r.Categories)
	eval.PrintCalibration(w, r.Calibration)
	if *f.misses {
		eval.PrintMisses(w, r.Outcomes)
		eval.PrintConfusions(w, r.Confused)
		eval.PrintSpoilt(w, r.Robustness)
	}
	eval.PrintRobustness(w, r.Robustness)
	if r.Comparison != nil {
		eval.PrintComparison(w, r.Comparison, *f.against)
	}
	return nil
}

// readRun reads a stored run; without a name there is none.
func readRun(name string) ([]eval.Outcome, error) {
	if name == "" {
		return nil, nil
	}
	in, err := os.Open(name)
	return readInput(name, in, err, eval.ReadRun)
}

// readInput reads an open file, unless it could not be opened, and closes it. The error is a usageError.
func readInput[T any](name string, in io.ReadCloser, err error, read func(io.Reader) (T, error)) (value T, _ error) {
	if err != nil {
		return value, usageError{err.Error()}
	}
	value, err = read(in)
	if err = errors.Join(err, in.Close()); err != nil {
		return value, usagef("%s: %v", name, err)
	}
	return value, nil
}

// writeTo makes a file of what write writes; without a name it does nothing.
func writeTo(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := errors.Join(write(out), out.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// readQuestions reads the one file named, or the golden questions.
func readQuestions(files []string) ([]eval.Question, error) {
	switch len(files) {
	case 0:
		const golden = "golden.tsv"
		in, err := content.FS().Open(golden)
		return readInput(golden, in, err, eval.Read)
	case 1:
		in, err := os.Open(files[0])
		return readInput(files[0], in, err, eval.Read)
	}
	return nil, usagef("one file at a time, not %d", len(files))
}
