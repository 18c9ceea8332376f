// Fit fits the ranking weights that ship with the program, and compiles the bundled guide.
// `make fit` does both, `make learn` only the latter. docs/ranking.md tells what
// is fitted to what, and why.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/guide"
	"github.com/yingda/yingda/search"
	"github.com/yingda/yingda/search/rank"
)

// options are the flags.
type options struct {
	golden, pairs, single, weights, topics, compiled string
	draws, phrasings                                 int
	learnOnly, measure                               bool
}

func main() {
	var o options
	flag.StringVar(&o.golden, "golden", "content/golden.tsv", "questions about the bundled guide: `FILE` of question and label")
	flag.StringVar(&o.pairs, "pairs", "", "other questions with the id of their answer: `FILE` of question and id; guides are drawn from it")
	flag.StringVar(&o.single, "single", "", "more such questions for guides of one phrasing an article: `FILE`")
	flag.StringVar(&o.weights, "weights", "search/rank/weights.json", "where to write the weights: `FILE`")
	flag.StringVar(&o.topics, "topics", "search/rank/topics.bin", "where to write what words are about: `FILE`")
	flag.StringVar(&o.compiled, "compiled", "content/compiled.bin", "where to write the compiled guide: `FILE`")
	flag.IntVar(&o.draws, "draws", 60, "how many guides to draw from -pairs")
	flag.IntVar(&o.phrasings, "phrasings", 3, "phrasings an article of a drawn guide, for -measure")
	flag.BoolVar(&o.learnOnly, "learn", false, "keep the weights; only compile the guide anew")
	flag.BoolVar(&o.measure, "measure", false, "write nothing; only print what the present weights do on guides drawn from -pairs")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "fit:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	model, err := rank.DefaultModel()
	if err != nil && o.learnOnly {
		return err
	}
	if err != nil { // weights for other features: begin from none
		model = rank.Untrained(rank.DefaultKernel())
	}
	if o.measure {
		drawn, err := rankPairs(o.pairs, o.draws, o.phrasings, model)
		report("pairs", drawn)
		return err
	}
	if !o.learnOnly {
		if err := fitWeights(o, model); err != nil {
			return err
		}
	}
	return learn(o.compiled, model)
}

func fitWeights(o options, model *rank.Model) error {
	if err := fitTopics(o.topics, model); err != nil {
		return err
	}
	guide, err := rankGolden(o.golden, model)
	if err != nil {
		return err
	}
	if err := errors.Join(crossValidate("guide", guide), fitAll(guide, &model.Rich)); err != nil {
		return err
	}
	if o.pairs != "" {
		if err := fitPairs(o, model); err != nil {
			return err
		}
	}
	data, err := json.MarshalIndent(model, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(o.weights, append(data, '\n'), 0o644)
}

// fitPairs fits the weights for guides with few phrasings an article, and those for one phrasing.
func fitPairs(o options, model *rank.Model) error {
	few, err := rankPairs(o.pairs, o.draws, 3, model)
	if err != nil {
		return err
	}
	single, err := rankPairs(o.pairs, o.draws, 1, model)
	if err != nil {
		return err
	}
	if o.single != "" {
		more, err := rankPairs(o.single, o.draws, 1, model)
		if err != nil {
			return err
		}
		single = append(single, more...)
	}
	return errors.Join(
		crossValidate("pairs, 3 phrasings", few), fitAll(few, &model.Sparse),
		crossValidate("pairs, 1 phrasing", single), fitAll(single, &model.Single))
}

// learn compiles the bundled guide, learning everything.
func learn(file string, model *rank.Model) error {
	data, revision, err := guide.CompileBundled(search.Options{Model: model})
	if err != nil {
		return err
	}
	packed, err := content.Pack(data, revision)
	if err != nil {
		return err
	}
	return os.WriteFile(file, packed, 0o644)
}
