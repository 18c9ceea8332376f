// Package search finds the articles that answer a question: Bleve proposes candidates, package rank
// orders them and says how sure it is. It is the only package that knows Bleve.
package search

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"

	"github.com/yingda/yingda/flatfile"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/panics"
	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/zh"
)

// MaxQuestion is the most runes of a question that are looked at.
const MaxQuestion = 500

// Options say how an Index is made.
type Options struct {
	// Dir is where the index of a large guide is built; "" is the system's temporary folder. A small
	// guide's index is in memory.
	Dir string
	// Progress, when not nil, is told how many documents are indexed.
	Progress func(done, total int)
	// Prior is an earlier index of this guide, or of one like it: what it has learnt saves seconds.
	Prior *Index
	// Model replaces the weights that ship with the program.
	Model *rank.Model
}

// Index is a searchable copy of one guide. It is a kb.Searcher.
type Index struct {
	tables   *zh.Tables
	analyzer *zh.Analyzer
	speller  *zh.Speller
	engine   *engine
	ranker   *rank.Ranker
	docs     []rank.Document
	titles   []string       // of docs
	intents  []kb.Intent    // of docs; IntentNone for an article
	exact    exactPhrasings // none of a large guide
	file     *flatfile.File // that the slices of the others lie in, while ix is alive; nil where they are on the heap
}

var _ kb.Searcher = (*Index)(nil)

// New indexes lib.
func New(lib *kb.Library, opts Options) (*Index, error) {
	ix, o, err := prepare(lib, &opts)
	if err != nil {
		return nil, err
	}
	corpus, folded := rank.NewCorpus(o)
	src := source{corpus, ix.docs, opts.Progress}
	if src.progress == nil {
		src.progress = func(int, int) {}
	}
	if !src.large() {
		ix.exact = newExactPhrasings(ix.docs, folded)
	}
	var prior *rank.Ranker
	if opts.Prior != nil {
		prior = opts.Prior.ranker
	}
	var built panics.Group
	var all []*postings
	var indexErr error
	built.Go(func() { all, indexErr = indexAll(src, opts.Dir) })
	ix.ranker, err = rank.New(corpus, opts.Model, prior)
	ix.speller = zh.NewSpeller(ix.tables, lib.Lexicon.Polite, slices.Concat(slices.Concat(folded...), slices.Concat(lib.Lexicon.Same...)))
	built.Wait()
	if err = errors.Join(err, indexErr); err != nil {
		return nil, err
	}
	ix.engine = newEngine(all)
	runtime.KeepAlive(opts.Prior)
	return ix, nil
}

// prepare is an index without what is computed from the texts, and what the ranker is made of. It completes opts.
func prepare(lib *kb.Library, opts *Options) (*Index, rank.Options, error) {
	if opts.Model == nil {
		var err error
		if opts.Model, err = rank.DefaultModel(); err != nil {
			return nil, rank.Options{}, err
		}
	}
	ix := &Index{tables: zh.NewTables(), analyzer: zh.NewAnalyzer(vocabulary(&lib.Lexicon))}
	ix.addDocs(lib)
	return ix, rank.Options{
		Docs: ix.docs, Outside: lib.Outside, Analyzer: ix.analyzer, Background: ix.tables.Background, Model: opts.Model,
		Words: rank.Words{Names: lib.Lexicon.Names, Kinds: lib.Lexicon.Kinds},
	}, nil
}

func vocabulary(l *kb.Lexicon) zh.Vocabulary {
	v := zh.Vocabulary{StopWords: l.Polite, Synonyms: l.Same}
	for _, t := range l.Typos {
		v.Corrections = append(v.Corrections, zh.Correction(t))
	}
	return v
}

// addDocs makes a document of every article and of every intent.
func (ix *Index) addDocs(lib *kb.Library) {
	for i := range lib.Articles {
		a := &lib.Articles[i]
		ix.add(rank.Document{ID: a.ID, Phrasings: a.Phrasings(), Not: a.Not, Body: a.Body}, a.Title, kb.IntentNone)
	}
	for _, intent := range kb.Intents() {
		if phrasings := lib.Phrases.Intents[intent]; len(phrasings) > 0 {
			ix.add(rank.Document{ID: "intent:" + string(intent), Phrasings: phrasings}, "", intent)
		}
	}
}

func (ix *Index) add(d rank.Document, title string, intent kb.Intent) {
	ix.docs = append(ix.docs, d)
	ix.titles = append(ix.titles, title)
	ix.intents = append(ix.intents, intent)
}

// Search ranks the guide against q. It implements kb.Searcher.
func (ix *Index) Search(_ context.Context, q kb.Query) (kb.Result, error) {
	defer runtime.KeepAlive(ix)
	text := ix.Normalize(q.Text)
	ranking := ix.Rank(text)
	limit := cmp.Or(q.Limit, kb.DefaultLimit)
	out := kb.Result{Text: text, Hits: make([]kb.Hit, 0, min(limit, len(ranking.Ranked)))}
	out.Confidence, _ = ix.confidence(text, ranking)
	for _, r := range ranking.Ranked {
		switch intent := ix.intents[r.Doc]; {
		case intent == kb.IntentNone && len(out.Hits) < limit:
			out.Hits = append(out.Hits, kb.Hit{ID: ix.docs[r.Doc].ID, Title: ix.titles[r.Doc], Score: r.Prob})
		case intent != kb.IntentNone && out.Intent == kb.IntentNone:
			out.Intent, out.IntentScore = intent, r.Prob
		}
	}
	return out, nil
}

// exactConfidence is the probability that a question which is, word for word, one of the guide's own
// phrasings is about its article: the guide's author may still have meant another.
const exactConfidence = 0.98

// confidence is the ranking's, raised where the normalised question is, word for word, a phrasing of the first document.
func (ix *Index) confidence(text string, r rank.Ranking) (p float64, exact bool) {
	if len(r.Ranked) == 0 {
		return r.Confidence, false
	}
	if doc, ok := ix.exact.find(text); !ok || doc != r.Ranked[0].Doc {
		return r.Confidence, false
	}
	return max(r.Confidence, exactConfidence), true
}

// Normalize is the question as the index understands it: cut, folded, its typos mended, its pinyin read.
func (ix *Index) Normalize(text string) string {
	defer runtime.KeepAlive(ix)
	return ix.speller.Correct(ix.analyzer.Fold(truncate(text, MaxQuestion)))
}

// Tokenize takes a normalised text apart, as ranking compares it.
func (ix *Index) Tokenize(normalized string) zh.Text {
	return zh.Text{Folded: normalized, Tokens: ix.analyzer.Tokens(normalized)}
}

// usualUnits is how many units a question seldom exceeds: so many find room without an allocation.
const usualUnits = 64

// Rank is the whole ranking of a normalised question, with features; ids are those of DocID.
func (ix *Index) Rank(normalized string) rank.Ranking {
	defer runtime.KeepAlive(ix)
	var terms [2 * usualUnits]term
	var best [maxCandidates + 1]rank.Candidate
	q := ix.ranker.Query(ix.Tokenize(normalized))
	ranking := ix.ranker.Rank(q, ix.engine.candidates(best[:0], ix.engine.terms(terms[:0], q)))
	ix.ranker.Release(q)
	return ranking
}

// DocID is the id of a ranked document: an article's, or "intent:…".
func (ix *Index) DocID(i int) string { return ix.docs[i].ID }

// truncate returns the first n runes of s.
func truncate(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
