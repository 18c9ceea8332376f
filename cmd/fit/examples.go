package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
	"github.com/yingda/yingda/search/rank"
)

// indexGuide loads a guide over a base, which may be nil, and indexes it, learning everything.
func indexGuide(base, overlay fs.FS, model *rank.Model) (*kb.Library, *search.Index, error) {
	lib, faults, err := kb.Load(base, overlay, nil)
	if err := errors.Join(err, faults.Err()); err != nil {
		return nil, nil, err
	}
	ix, err := search.New(lib, search.Options{Model: model})
	return lib, ix, err
}

// example is one question ranked by a guide that has never seen it.
type example struct {
	fold   int // for cross-validation: questions with one answer share a fold
	weight float64
	query  string
	label  string
	want   map[string]bool // documents that are right; empty: out of scope
	docs   []string        // the finalists, in the order given to the ranker
	rank   rank.Ranking
}

// offtopic.txt holds questions that no payment guide answers.
//
//go:embed offtopic.txt
var offTopic string

const folds = 5

// rankGolden ranks the golden questions by the bundled guide.
func rankGolden(file string, model *rank.Model) (out []example, err error) {
	rows, err := readPairs(file)
	if err != nil {
		return nil, err
	}
	_, ix, err := indexGuide(content.FS(), nil, model)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		e := example{weight: 1, query: row[0], label: row[1], want: map[string]bool{}}
		for _, l := range strings.Split(row[1], "|") {
			switch l {
			case "OUT":
			case "HUMAN":
				e.want["intent:human"] = true
			default:
				e.want[l] = true
			}
		}
		e.fold = foldOf(strings.Split(row[1], "|")[0], row[0])
		e.rankBy(ix)
		out = append(out, e)
	}
	return out, nil
}

// foldOf keeps an answer's questions together; what has no answer is spread by its text.
func foldOf(label, question string) int {
	if label == "OUT" || label == "HUMAN" {
		label = question
	}
	sum := 0
	for _, b := range []byte(label) {
		sum = sum*31 + int(b)
	}
	return (sum%folds + folds) % folds
}

// The task drawn from pairs: guides of 60 articles, byAnswer up to six questions each, and as many
// questions about something else in the same field, and some about anything at all.
const (
	drawArticles    = 60
	drawDistractors = 90
	drawQuestions   = 6
	drawOffTopic    = 30
)

func rankPairs(file string, draws, phrasings int, model *rank.Model) ([]example, error) {
	rows, err := readPairs(file)
	if err != nil {
		return nil, err
	}
	byAnswer := map[string][]string{}
	var ids []string
	for _, r := range rows {
		if len(byAnswer[r[1]]) == 0 {
			ids = append(ids, r[1])
		}
		byAnswer[r[1]] = append(byAnswer[r[1]], r[0])
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return len(byAnswer[id]) <= phrasings })
	offTopicQuestions := slices.Concat(sections(offTopic)...)
	var out []example
	for d := range draws {
		rng := rand.New(rand.NewPCG(uint64(d), 1))
		drawn, err := drawGuide(ids, byAnswer, phrasings, rng, model, sample(rng, offTopicQuestions, drawOffTopic))
		if err != nil {
			return nil, err
		}
		out = append(out, drawn...)
	}
	for i := range out { // a file counts as much as another, whatever its size
		out[i].weight = 1000 / float64(len(out))
	}
	return out, nil
}

func sample(rng *rand.Rand, from []string, n int) []string {
	from = slices.Clone(from)
	rng.Shuffle(len(from), func(a, b int) { from[a], from[b] = from[b], from[a] })
	return from[:min(n, len(from))]
}

func drawGuide(ids []string, byAnswer map[string][]string, phrasings int, rng *rand.Rand, model *rank.Model, offTopicQuestions []string) (examples []example, err error) {
	order := rng.Perm(len(ids))
	guide := fstest.MapFS{}
	for n, i := range order[:min(len(order), drawArticles+drawDistractors)] {
		id := ids[i]
		qs := slices.Clone(byAnswer[id])
		rng.Shuffle(len(qs), func(a, b int) { qs[a], qs[b] = qs[b], qs[a] })
		e := example{label: "OUT", fold: foldOf(id, ""), want: map[string]bool{}}
		if n < drawArticles {
			if guide["guide/"+id+".md"], err = article(qs[:phrasings]); err != nil {
				return nil, err
			}
			qs = qs[phrasings:]
			e.label, e.want = id, map[string]bool{id: true}
		}
		for _, q := range qs[:min(len(qs), drawQuestions)] {
			e.query = q
			examples = append(examples, e)
		}
	}
	for _, q := range offTopicQuestions {
		examples = append(examples, example{label: "OUT", fold: foldOf("OUT", q), query: q, want: map[string]bool{}})
	}
	_, ix, err := indexGuide(guide, content.FS(), model)
	if err != nil {
		return nil, err
	}
	for i := range examples {
		examples[i].rankBy(ix)
	}
	return examples, nil
}

// article is an article with nothing but phrasings; JSON is YAML too.
func article(phrasings []string) (*fstest.MapFile, error) {
	fields, err := json.Marshal(map[string]any{"title": phrasings[0], "category": "drawn", "asks": phrasings[1:]})
	return &fstest.MapFile{Data: fmt.Appendf(nil, "---\n%s\n---\n\n%s\n", fields, phrasings[0])}, err
}

// rankBy fills the example's ranking.
func (e *example) rankBy(ix *search.Index) {
	e.rank = ix.Rank(ix.Normalize(e.query))
	for _, r := range e.rank.Ranked {
		e.docs = append(e.docs, ix.DocID(r.Doc))
	}
}

func readPairs(file string) ([][2]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var rows [][2]string
	for line := range strings.Lines(string(data)) {
		q, label, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if ok && label != "label" {
			rows = append(rows, [2]string{q, label})
		}
	}
	return rows, nil
}

// sections are the lines below each comment.
func sections(text string) [][]string {
	var out [][]string
	fresh := true
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
			fresh = true
		case line != "" && fresh:
			out = append(out, []string{line})
			fresh = false
		case line != "":
			out[len(out)-1] = append(out[len(out)-1], line)
		}
	}
	return out
}
