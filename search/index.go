// Package search finds the articles that answer a question: Bleve proposes candidates, package rank
// orders them and says how sure it is. It is the only package that knows Bleve.
package search

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/panics"
	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/zh"
)

// MaxQuestion is the most runes of a question that are looked at.
const MaxQuestion = 500

// Options say how an Index is built.
type Options struct {
	// Dir is where the index of a large guide is kept; "" means a temporary folder. A small guide's
	// index is in memory.
	Dir string
	// Progress, when not nil, is told how many documents are indexed.
	Progress func(done, total int)
	// Learned is what an earlier index of this guide, or of one like it, has learnt: it saves seconds.
	Learned *rank.Learned
	// Tables, when not nil, saves building them.
	Tables *zh.Tables
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
	titles   []string        // of docs
	intents  []kb.Intent     // of docs; IntentNone for an article
	exact    *exactPhrasings // nil for a large guide
}

var _ kb.Searcher = (*Index)(nil)

// New indexes lib.
func New(lib *kb.Library, opts Options) (*Index, error) {
	if opts.Progress == nil {
		opts.Progress = func(int, int) {}
	}
	if opts.Model == nil {
		var err error
		if opts.Model, err = rank.DefaultModel(); err != nil {
			return nil, err
		}
	}
	if opts.Tables == nil {
		opts.Tables = zh.NewTables()
	}
	ix := &Index{tables: opts.Tables, analyzer: zh.NewAnalyzer(vocabulary(&lib.Lexicon))}
	ix.addDocs(lib)
	corpus, folded := rank.NewCorpus(rank.Options{
		Docs: ix.docs, Outside: lib.Outside, Analyzer: ix.analyzer, Background: opts.Tables.Background, Model: opts.Model,
		Words: rank.Words{Names: lib.Lexicon.Names, Kinds: lib.Lexicon.Kinds},
	})
	src := source{corpus, ix.docs, opts.Progress}
	if !src.large() {
		ix.exact = newExactPhrasings(ix.docs, folded)
	}
	var built panics.Group
	var err, engineErr error
	built.Go(func() { ix.engine, engineErr = newEngine(src, opts.Dir, lib.Revision) })
	ix.ranker, err = rank.New(corpus, opts.Model, opts.Learned)
	ix.speller = zh.NewSpeller(opts.Tables, lib.Lexicon.Polite, slices.Concat(slices.Concat(folded...), slices.Concat(lib.Lexicon.Same...)))
	built.Wait()
	if err = errors.Join(err, engineErr); err != nil {
		return nil, err
	}
	return ix, nil
}

// Close frees the index.
func (ix *Index) Close() error { return ix.engine.close() }

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

// Tables are those of the language that ix was made with.
func (ix *Index) Tables() *zh.Tables { return ix.tables }

// Learned is what the ranker has learnt, to start from after an edit; nil for a large guide.
func (ix *Index) Learned() *rank.Learned { return ix.ranker.Learned() }

// Missing is how many phrasings of the guide l does not have.
func (ix *Index) Missing(l *rank.Learned) int { return ix.ranker.Missing(l) }

// Search ranks the guide against q. It implements kb.Searcher.
func (ix *Index) Search(_ context.Context, q kb.Query) (kb.Result, error) {
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
	if ix.exact == nil || len(r.Ranked) == 0 {
		return r.Confidence, false
	}
	if doc, ok := ix.exact.find(text); !ok || doc != r.Ranked[0].Doc {
		return r.Confidence, false
	}
	return max(r.Confidence, exactConfidence), true
}

// Normalize is the question as the index understands it: cut, folded, its typos mended, its pinyin read.
func (ix *Index) Normalize(text string) string {
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
