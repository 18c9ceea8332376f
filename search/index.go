// Package search finds the articles that answer a question: Bleve proposes candidates, package rank
// orders them and says how sure it is. It is the only package that knows Bleve.
package search

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

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
	titles   []string       // of docs
	intents  []kb.Intent    // of docs; IntentNone for an article
	exact    map[string]int // phrasing without punctuation → its document; nil for a large guide
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
	analyzer := zh.NewAnalyzer(vocabulary(&lib.Lexicon))
	ix := &Index{tables: opts.Tables, analyzer: analyzer}
	ix.addDocs(lib)
	c := newCorpus(analyzer, ix.docs)
	ix.exact = make(map[string]int, len(c.texts)*30)
	for i, phrasings := range c.texts {
		for _, t := range phrasings {
			ix.exact[withoutPunctuation(t.Folded)] = i
		}
	}
	var built panics.Group
	var err, engineErr error
	built.Go(func() {
		ix.engine, engineErr = newEngine(c, opts.Dir, lib.Revision, opts.Progress)
	})
	ix.ranker, err = rank.New(rank.Options{
		Docs: ix.docs, Texts: c.texts, Outside: lib.Outside, Analyzer: analyzer, Background: opts.Tables.Background, Model: opts.Model, Learned: opts.Learned,
		Words: rank.Words{Names: lib.Lexicon.Names, Kinds: lib.Lexicon.Kinds},
	})
	ix.speller = c.newSpeller(opts.Tables, lib)
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
	out := kb.Result{Text: text}
	out.Confidence, _ = ix.confidence(text, ranking)
	limit := cmp.Or(q.Limit, kb.DefaultLimit)
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
	doc, ok := ix.exact[withoutPunctuation(text)]
	if !ok || len(r.Ranked) == 0 || r.Ranked[0].Doc != doc {
		return r.Confidence, false
	}
	return max(r.Confidence, exactConfidence), true
}

// withoutPunctuation is text without what makes no difference between two phrasings: blanks and punctuation.
func withoutPunctuation(text string) string {
	var b strings.Builder
	for _, u := range zh.Units(nil, text) {
		b.WriteString(text[u.Start:u.End])
	}
	return b.String()
}

// Normalize is the question as the index understands it: cut, folded, its typos mended, its pinyin read.
func (ix *Index) Normalize(text string) string {
	return ix.speller.Correct(ix.analyzer.Fold(truncate(text, MaxQuestion)))
}

// Tokenize takes a normalised text apart, as ranking compares it.
func (ix *Index) Tokenize(normalized string) zh.Text {
	return zh.Text{Folded: normalized, Tokens: ix.analyzer.Tokens(normalized)}
}

// Rank is the whole ranking of a normalised question, with features; ids are those of DocID.
func (ix *Index) Rank(normalized string) rank.Ranking {
	text := ix.Tokenize(normalized)
	return ix.ranker.Rank(text, ix.engine.candidates(ix.terms(text.Tokens)))
}

// DocID is the id of a ranked document: an article's, or "intent:…".
func (ix *Index) DocID(i int) string { return ix.docs[i].ID }

// terms are what the engine is asked for.
func (ix *Index) terms(tokens zh.Tokens) []term {
	terms := make([]term, 0, len(tokens[zh.Chars])+2*len(tokens[zh.Bigrams]))
	add := func(f field, token string, info float64) {
		if !ix.engine.lacks(f) && !slices.ContainsFunc(terms, func(t term) bool { return t.token == token && t.field == f }) {
			terms = append(terms, term{f, token, f.boost() * info})
		}
	}
	for _, t := range tokens[zh.Chars] {
		add(fieldUnits, t, ix.ranker.Information(zh.Chars, t))
	}
	for _, t := range tokens[zh.Bigrams] {
		info := ix.ranker.Information(zh.Bigrams, t)
		add(fieldBigrams, t, info)
		add(fieldBody, t, info)
	}
	if limit := ix.engine.maxTerms; limit > 0 && len(terms) > limit {
		slices.SortStableFunc(terms, func(a, b term) int { return cmp.Compare(b.info, a.info) })
		terms = terms[:limit]
	}
	return terms
}

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
