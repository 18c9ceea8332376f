package search

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/analyzer/custom" // registers the type of the analyzer
	_ "github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/index/upsidedown/store/gtreap"
	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/yingda/yingda/bot/eval"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search/rank"
)

func bundledLibrary(t testing.TB) *kb.Library {
	t.Helper()
	lib, faults, err := kb.Load(content.FS(), nil, nil)
	if err := errors.Join(err, faults.Err()); err != nil {
		t.Fatal(err)
	}
	return lib
}

// goldenQuestions are the golden questions' texts.
func goldenQuestions(t testing.TB) []string {
	t.Helper()
	f, err := content.FS().Open("golden.tsv")
	if err != nil {
		t.Fatal(err)
	}
	golden, err := eval.Read(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(golden))
	for i, q := range golden {
		out[i] = q.Text
	}
	return out
}

// splicedLibrary is a guide of n articles whose phrasings are the bundled guide's, each a first and a second half.
func splicedLibrary(t testing.TB, n int) *kb.Library {
	t.Helper()
	bundled := bundledLibrary(t)
	var pool [][]rune
	for i := range bundled.Articles {
		for _, p := range bundled.Articles[i].Phrasings() {
			pool = append(pool, []rune(p))
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	splice := func() string {
		a, b := pool[rng.IntN(len(pool))], pool[rng.IntN(len(pool))]
		return string(a[:1+len(a)/2]) + string(b[len(b)/2:])
	}
	articles := make([]kb.Article, n)
	for i := range articles {
		articles[i] = kb.Article{ID: fmt.Sprint("a", i), Title: splice(), Asks: []string{splice(), splice()}, Not: []string{splice()}, Body: splice()}
	}
	lib := kb.NewLibrary(articles, fmt.Sprint("spliced-", n))
	lib.Lexicon = bundled.Lexicon
	return lib
}

// newBleve has Bleve index the documents by its own mapping, as one index for each of ours.
func newBleve(t *testing.T, src source, shards int) bleve.Index {
	t.Helper()
	m := bleve.NewIndexMapping()
	m.ScoringModel = index.BM25Scoring
	if err := m.AddCustomAnalyzer("tokens", map[string]any{"type": "custom", "tokenizer": "whitespace"}); err != nil {
		t.Fatal(err)
	}
	for f := range numFields {
		text := bleve.NewTextFieldMapping()
		text.Analyzer, text.Store = "tokens", false
		m.DefaultMapping.AddFieldMappingsAt(f.name(), text)
	}
	all := bleve.NewIndexAlias()
	for first := range shards {
		ix, err := bleve.NewUsing("", m, scorch.Name, gtreap.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		batch := ix.NewBatch()
		for doc := first; doc < len(src.docs); doc += shards {
			fields := map[string]any{}
			for f, tokens := range src.fields(doc) {
				fields[field(f).name()] = strings.Join(tokens, " ")
			}
			if err := batch.Index(strconv.Itoa(doc), fields); err != nil {
				t.Fatal(err)
			}
		}
		if err := ix.Batch(batch); err != nil {
			t.Fatal(err)
		}
		all.Add(ix)
		t.Cleanup(func() {
			if err := ix.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return all
}

// bleveCandidates are what Bleve itself finds for a disjunction of the terms.
func bleveCandidates(t *testing.T, all bleve.Index, space *rank.TokenSpace, terms []term) []rank.Candidate {
	t.Helper()
	queries := make([]query.Query, len(terms))
	for i, term := range terms {
		q := query.NewTermQuery(word(space, term))
		q.SetField(term.field.name())
		q.SetBoost(term.field.boost())
		queries[i] = q
	}
	found, err := all.SearchInContext(t.Context(), bleve.NewSearchRequestOptions(query.NewDisjunctionQuery(queries), maxCandidates, 0, false))
	if err != nil {
		t.Fatal(err)
	}
	out := make([]rank.Candidate, len(found.Hits))
	for i, hit := range found.Hits {
		doc, err := strconv.Atoi(hit.ID)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = rank.Candidate{Doc: doc, BM25: hit.Score}
	}
	return out
}

// word is a term's token; those that the guide lacks are alike to an index.
func word(space *rank.TokenSpace, t term) string {
	if int(t.token) >= space.Size(t.field.kind()) {
		return "\x00"
	}
	return space.Text(t.field.kind(), t.token)
}

// TestCandidatesAreBleves: the candidates and their scores are those of Bleve's own search. Of documents that are
// alike either may come first, or be the last one in.
func TestCandidatesAreBleves(t *testing.T) {
	golden := goldenQuestions(t)
	few := bundledLibrary(t)
	for i := range few.Articles {
		few.Articles[i].Asks = few.Articles[i].Asks[:2]
	}
	model := rank.Untrained(rank.DefaultKernel()) // candidates need no training, which would take long
	for name, c := range map[string]struct {
		lib       *kb.Library
		questions []string
	}{
		"bundled":         {bundledLibrary(t), golden},
		"few phrasings":   {few, golden[:500]}, // with bodies
		"10,000 articles": {splicedLibrary(t, 10_000), append(golden[:300:300], "费率")},
	} {
		ix, err := New(c.lib, Options{Dir: t.TempDir(), Model: model})
		if err != nil {
			t.Fatal(err)
		}
		_, options, err := prepare(c.lib, &Options{Model: model})
		if err != nil {
			t.Fatal(err)
		}
		corpus, _ := rank.NewCorpus(options)
		bleves := newBleve(t, source{corpus, ix.docs, nil}, len(ix.engine.postings))
		for _, question := range c.questions {
			q := ix.ranker.Query(ix.Tokenize(ix.Normalize(question)))
			terms := ix.engine.terms(nil, q)
			got, want := ix.engine.candidates(nil, terms), bleveCandidates(t, bleves, ix.ranker.Space(), terms)
			if !sameCandidates(got, want) {
				t.Errorf("%s, %q: candidates\n%v\nBleve's are\n%v", name, question, got, want)
			}
			ix.ranker.Release(q)
		}
	}
}

func sameCandidates(got, want []rank.Candidate) bool {
	const most = 1e-6
	scores := map[int]float64{}
	for _, c := range want {
		scores[c.Doc] = c.BM25
	}
	for i, c := range got {
		if i >= len(want) || math.Abs(c.BM25-want[i].BM25) > most {
			return false
		}
		last := want[len(want)-1].BM25
		if score, found := scores[c.Doc]; found && math.Abs(c.BM25-score) > most || !found && math.Abs(c.BM25-last) > most {
			return false
		}
	}
	return len(got) == len(want)
}
