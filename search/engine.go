package search

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/analyzer/custom" // registers the type of our analyzer
	_ "github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/index/upsidedown/store/gtreap"
	"github.com/blevesearch/bleve/v2/mapping"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/yingda/yingda/panics"
	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/zh"
)

// field is one field of an indexed document. Its text is tokens joined by blanks: we tokenise ourselves,
// so that index and ranker see the same.
type field int

const (
	fieldUnits   field = iota // units of the phrasings
	fieldBigrams              // pairs of units of the phrasings
	fieldBody                 // pairs of units of the body
	numFields
)

// name is the field's name in the index.
func (f field) name() string { return [...]string{"u", "g", "b"}[f] }

// kind is the kind of its tokens.
func (f field) kind() zh.TokenKind { return [...]zh.TokenKind{zh.Chars, zh.Bigrams, zh.Bigrams}[f] }

// boost is the weight of the field in the candidates' score: pairs say more, bodies are long and say less.
func (f field) boost() float64 { return [...]float64{1, 0.6, 0.3}[f] }

// engine proposes candidates out of Bleve's indexes.
type engine struct {
	shards       []bleve.Index
	postings     []*postings // of the shards
	accumulators sync.Pool   // of *accumulator
	maxTerms     int         // the most terms of a question; 0 means all
	tempDir      string      // a folder to remove when closed, or ""
}

func (e *engine) close() error {
	err := closeAll(e.shards)
	if e.tempDir != "" {
		err = errors.Join(err, os.RemoveAll(e.tempDir))
	}
	return err
}

// prunedTerms is how many terms of a question a large index is asked for: the most informative ones.
const prunedTerms = 14

// newMapping describes our fields to Bleve.
func newMapping() (mapping.IndexMapping, error) {
	const analyzer = "tokens"
	m := bleve.NewIndexMapping()
	m.ScoringModel = index.BM25Scoring
	if err := m.AddCustomAnalyzer(analyzer, map[string]any{"type": "custom", "tokenizer": "whitespace"}); err != nil {
		return nil, err
	}
	doc := bleve.NewDocumentStaticMapping()
	for f := range numFields {
		text := bleve.NewTextFieldMapping()
		text.Analyzer, text.Store, text.IncludeTermVectors, text.IncludeInAll, text.DocValues = analyzer, false, false, false, false
		doc.AddFieldMappingsAt(f.name(), text)
	}
	doc.AddSubDocumentMapping("_all", bleve.NewDocumentDisabledMapping()) // no composite field
	m.DefaultMapping = doc
	return m, nil
}

// largeGuide is the number of documents from which the index lives on disk and queries are pruned.
const largeGuide = 2000

// source makes what Bleve gets of each document.
type source struct {
	corpus   *rank.Corpus
	docs     []rank.Document
	progress func(done, total int)
}

// forEach calls add for every step-th document from the first-th on.
func (src source) forEach(first, step int, add func(id string, data any) error) error {
	for i := first; i < len(src.docs); i += step {
		if err := add(strconv.Itoa(i), src.fields(i)); err != nil {
			return fmt.Errorf("index %s: %w", src.docs[i].ID, err)
		}
		if first == 0 {
			src.progress(i+1, len(src.docs))
		}
	}
	return nil
}

// manyPhrasings is from how many phrasings on a document needs less of an index: its body, and the pairs
// that a single phrasing has, would triple the index and bring no candidate that the rest does not.
const manyPhrasings = 30

// fields are a document's tokens, each once: how often an article's author repeats a word says nothing about what
// customers ask. A large guide's bodies are left out: they would double the work and, measured, find next to nothing
// more.
func (src source) fields(doc int) map[string]any {
	var body []string
	atLeast := 2
	if len(src.docs[doc].Phrasings) < manyPhrasings {
		atLeast = 1
		if !src.large() {
			body = src.corpus.BodyTokens(doc)
		}
	}
	return map[string]any{
		fieldUnits.name():   strings.Join(src.corpus.Tokens(doc, zh.Chars, 1), " "),
		fieldBigrams.name(): strings.Join(src.corpus.Tokens(doc, zh.Bigrams, atLeast), " "),
		fieldBody.name():    strings.Join(body, " "),
	}
}

func (src source) large() bool { return len(src.docs) >= largeGuide }

// newEngine indexes the documents: in memory when the guide is small, else below dir. An index of
// the same revision that is already there is used again; a damaged one is made anew.
func newEngine(src source, dir, revision string) (*engine, error) {
	if !src.large() {
		ix, err := indexInMemory(src)
		if err != nil {
			return nil, err
		}
		return open([]bleve.Index{ix}, src.corpus.Space, 0, "")
	}
	tempDir := ""
	if dir == "" {
		var err error
		if tempDir, err = os.MkdirTemp("", "yingda-index-"); err != nil {
			return nil, fmt.Errorf("make room for the index: %w", err)
		}
		dir = tempDir
	}
	path := filepath.Join(dir, "index-"+revision)
	shards, opening := openShards(path)
	if opening != nil { // there is none yet, or it is damaged
		var err error
		if shards, err = indexOnDisk(src, path); err != nil {
			return nil, errors.Join(err, opening, os.RemoveAll(tempDir))
		}
	}
	return open(shards, src.corpus.Space, prunedTerms, tempDir)
}

// open reads the shards and makes an engine of them.
func open(shards []bleve.Index, space *rank.TokenSpace, maxTerms int, tempDir string) (*engine, error) {
	e := &engine{shards: shards, maxTerms: maxTerms, tempDir: tempDir}
	most := 0
	for _, shard := range shards {
		p, err := readPostings(shard, space)
		if err != nil {
			return nil, errors.Join(err, e.close())
		}
		e.postings = append(e.postings, p)
		most = max(most, len(p.docs))
	}
	e.accumulators.New = func() any { return &accumulator{sums: make([]sum, most)} }
	return e, nil
}

// indexInMemory makes one batch of all documents: Bleve does not merge segments in memory.
func indexInMemory(src source) (bleve.Index, error) {
	m, err := newMapping()
	if err != nil {
		return nil, fmt.Errorf("describe the index: %w", err)
	}
	// NewMemOnly would ignore the scoring model; a path of "" keeps scorch in memory.
	ix, err := bleve.NewUsing("", m, scorch.Name, gtreap.Name, nil)
	if err != nil {
		return nil, fmt.Errorf("make the index: %w", err)
	}
	batch := ix.NewBatch()
	if err := src.forEach(0, 1, batch.Index); err != nil {
		return nil, err
	}
	if err := ix.Batch(batch); err != nil {
		return nil, fmt.Errorf("index the guide: %w", err)
	}
	return ix, nil
}

// numShards is how many parts an index on disk has; each is built by a goroutine of its own. Documents
// are dealt out in turn, so that the parts' statistics are alike.
const numShards = 2

func shardPath(path string, shard int) string { return filepath.Join(path, strconv.Itoa(shard)) }

// openShards opens the shards of an index on disk that is as it was built; nothing is written there.
func openShards(path string) ([]bleve.Index, error) {
	if err := verifyManifest(path); err != nil {
		return nil, err
	}
	var shards []bleve.Index
	for i := range numShards {
		b, err := bleve.OpenUsing(shardPath(path, i), map[string]any{"read_only": true})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open the index: %w", err), closeAll(shards))
		}
		shards = append(shards, b)
	}
	return shards, nil
}

func closeAll(shards []bleve.Index) error {
	var errs []error
	for _, b := range shards {
		errs = append(errs, b.Close())
	}
	return errors.Join(errs...)
}

// indexOnDisk builds the index beside path, merged into few segments, then moves it there.
func indexOnDisk(src source, path string) ([]bleve.Index, error) {
	building := path + ".new"
	for _, old := range []string{path, building} {
		if err := os.RemoveAll(old); err != nil {
			return nil, fmt.Errorf("clear a damaged index: %w", err)
		}
	}
	errs := make([]error, numShards)
	var built panics.Group
	for i := range numShards {
		built.Go(func() { errs[i] = buildShard(src, i, building) })
	}
	built.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := errors.Join(writeManifest(building), os.Rename(building, path)); err != nil {
		return nil, fmt.Errorf("put the index in place: %w", err)
	}
	removeOlder(path)
	return openShards(path)
}

// removeOlder removes the indexes of other revisions beside path: each edit of a large guide leaves
// one. Whoever still has one open keeps it until he closes it; one that cannot be removed stays.
func removeOlder(path string) {
	older, err := filepath.Glob(filepath.Join(filepath.Dir(path), "index-*"))
	if err != nil {
		return
	}
	for _, dir := range older {
		if dir != path && !strings.HasSuffix(dir, ".new") { // that is being built
			_ = os.RemoveAll(dir)
		}
	}
}

// buildShard builds one part offline.
func buildShard(src source, shard int, dir string) error {
	m, err := newMapping()
	if err != nil {
		return fmt.Errorf("describe the index: %w", err)
	}
	b, err := bleve.NewBuilder(shardPath(dir, shard), m, map[string]any{"batchSize": 5000, "mergeMax": 20, "buildPathPrefix": dir})
	if err != nil {
		return fmt.Errorf("make the index: %w", err)
	}
	if err := errors.Join(src.forEach(shard, numShards, b.Index), b.Close()); err != nil {
		return fmt.Errorf("build the index: %w", err)
	}
	return nil
}
