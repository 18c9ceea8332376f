// Package search finds the articles that answer a question: Bleve proposes candidates, package rank
// orders them and says how sure it is. It is the only package that knows Bleve.
package search

import (
	"cmp"
	"context"
	"slices"

	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/search/zh"
)

// MaxQuestion is the most runes of a question that are looked at.
const MaxQuestion = 500

// Options say how an Index is made.
type Options struct {
	// Dir is where the index of a large guide is kept; "" means a temporary folder. A small guide's
	// index is in memory.
	Dir string
	// Progress, when not nil, is told how many documents are indexed.
	Progress func(done, total int)
	// Model replaces the weights that ship with the program.
	Model *rank.Model
}

// Index is a searchable copy of one guide. It is a kb.Searcher.
type Index struct {
	analyzer *zh.Analyzer
	speller  *zh.Speller
	engine   *engine
	ranker   *rank.Ranker
	docs     []rank.Doc
	titles   []string    // of docs
	intents  []kb.Intent // of docs; IntentNone for an article
}

var _ kb.Searcher = (*Index)(nil)

// New indexes lib.
func New(lib *kb.Library, opts Options) (*Index, error) {
	if opts.Progress == nil {
		opts.Progress = func(int, int) {}
	}
	model := opts.Model
	if model == nil {
		var err error
		if model, err = rank.DefaultModel(); err != nil {
			return nil, err
		}
	}
	analyzer, err := zh.NewAnalyzer(vocabulary(&lib.Lexicon))
	if err != nil {
		return nil, err
	}
	ix := &Index{analyzer: analyzer}
	ix.addDocs(lib)
	ix.speller = newSpeller(analyzer, ix.docs, lib)
	words := rank.Words{Names: lib.Lexicon.Names, Kinds: lib.Lexicon.Kinds}
	if ix.ranker, err = rank.New(ix.docs, analyzer, words, model); err != nil {
		return nil, err
	}
	if ix.engine, err = newEngine(analyzer, ix.docs, opts.Dir, lib.Revision, opts.Progress); err != nil {
		return nil, err
	}
	return ix, nil
}

// Close frees the index.
func (ix *Index) Close() error { return ix.engine.close() }

func vocabulary(l *kb.Lexicon) zh.Vocabulary {
	v := zh.Vocabulary{Polite: l.Polite, Same: l.Same}
	for _, t := range l.Typos {
		v.Mends = append(v.Mends, zh.Mend{Wrong: t.Wrong, Right: t.Right, Near: t.Near})
	}
	return v
}

// addDocs makes a document of every article and of every intent.
func (ix *Index) addDocs(lib *kb.Library) {
	for i := range lib.Articles {
		a := &lib.Articles[i]
		ix.add(rank.Doc{ID: a.ID, Phrasings: a.Phrasings(), Not: a.Not, Body: a.Body}, a.Title, kb.IntentNone)
	}
	for _, intent := range []kb.Intent{kb.IntentHuman, kb.IntentGreet, kb.IntentThanks, kb.IntentBye} {
		if said := lib.Phrases.Intents[intent]; len(said) > 0 {
			ix.add(rank.Doc{ID: "intent:" + string(intent), Phrasings: said}, "", intent)
		}
	}
}

func (ix *Index) add(d rank.Doc, title string, intent kb.Intent) {
	ix.docs = append(ix.docs, d)
	ix.titles = append(ix.titles, title)
	ix.intents = append(ix.intents, intent)
}

// Search ranks the guide against q. It implements kb.Searcher.
func (ix *Index) Search(ctx context.Context, q kb.Query) (kb.Result, error) {
	text := ix.Normalize(q.Text)
	ranking, err := ix.rank(ctx, text)
	if err != nil {
		return kb.Result{}, err
	}
	out := kb.Result{Text: text, Confidence: ranking.Confidence}
	limit := cmp.Or(q.Limit, kb.DefaultLimit)
	for i, r := range ranking.Ranked {
		if intent := ix.intents[r.Doc]; intent != kb.IntentNone {
			if i == 0 {
				out.Intent = intent
			}
			continue
		}
		if len(out.Hits) < limit {
			out.Hits = append(out.Hits, kb.Hit{ID: ix.docs[r.Doc].ID, Title: ix.titles[r.Doc], Score: r.Prob})
		}
	}
	return out, nil
}

// Normalize is the question as the index understands it: cut, folded, its typos mended, its pinyin read.
func (ix *Index) Normalize(text string) string {
	return ix.speller.Mend(ix.analyzer.Fold(cut(text, MaxQuestion)))
}

// Rank is the whole ranking of a normalised question, with features; ids are those of Doc.
func (ix *Index) Rank(ctx context.Context, normalized string) (rank.Ranking, error) {
	return ix.rank(ctx, normalized)
}

// Doc is the id of a ranked document: an article's, or "intent:…".
func (ix *Index) Doc(i int) string { return ix.docs[i].ID }

func (ix *Index) rank(ctx context.Context, text string) (rank.Ranking, error) {
	candidates, err := ix.engine.propose(ctx, ix.terms(text))
	if err != nil {
		return rank.Ranking{}, err
	}
	return ix.ranker.Rank(text, candidates), nil
}

// The weight of each field in the candidates' score: pairs say more, bodies are long and say less.
const (
	boostUnits   = 1.0
	boostBigrams = 0.6
	boostBody    = 0.3
)

// terms are what the engine is asked for.
func (ix *Index) terms(text string) []term {
	tokens := ix.analyzer.Tokens(text)
	var terms []term
	seen := map[string]bool{}
	add := func(field, token string, boost float64) {
		if !seen[field+token] {
			seen[field+token] = true
			terms = append(terms, term{field, token, boost})
		}
	}
	for _, t := range tokens[zh.Chars] {
		add(fieldUnits, t, boostUnits)
	}
	for _, t := range tokens[zh.Bigrams] {
		add(fieldBigrams, t, boostBigrams)
		add(fieldBody, t, boostBody)
	}
	if limit := ix.engine.terms; limit > 0 && len(terms) > limit {
		slices.SortStableFunc(terms, func(a, b term) int {
			return cmp.Compare(ix.ranker.Information(b.token)*b.boost, ix.ranker.Information(a.token)*a.boost)
		})
		terms = terms[:limit]
	}
	return terms
}

// cut returns the first n runes of s.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
