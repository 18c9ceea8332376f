package search

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/character"
	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/index/scorch"
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

// largeGuide is the number of documents from which the index is built on disk and questions are pruned.
const largeGuide = 2000

// source makes what Bleve gets of each document.
type source struct {
	corpus   *rank.Corpus
	docs     []rank.Document
	progress func(done, total int)
}

func (src source) large() bool { return len(src.docs) >= largeGuide }

// forEach calls add for every step-th document from the first-th on.
func (src source) forEach(first, step int, add func(index.Document) error) error {
	blanks := &analysis.DefaultAnalyzer{Tokenizer: character.NewCharacterTokenizer(func(r rune) bool { return r != ' ' })}
	for i := first; i < len(src.docs); i += step {
		doc := document.NewDocument(strconv.Itoa(i))
		for f, tokens := range src.fields(i) {
			if len(tokens) > 0 {
				doc.AddField(document.NewTextFieldCustom(field(f).name(), nil, []byte(strings.Join(tokens, " ")), index.IndexField, blanks))
			}
		}
		if err := add(doc); err != nil {
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
func (src source) fields(doc int) (tokens [numFields][]string) {
	atLeast := 2
	if len(src.docs[doc].Phrasings) < manyPhrasings {
		atLeast = 1
		if !src.large() {
			tokens[fieldBody] = src.corpus.BodyTokens(doc)
		}
	}
	tokens[fieldUnits] = src.corpus.Tokens(doc, zh.Chars, 1)
	tokens[fieldBigrams] = src.corpus.Tokens(doc, zh.Bigrams, atLeast)
	return tokens
}

// indexAll has Bleve index the documents, and returns the postings of each index that it made: one in memory, or
// numShards on disk below dir, which are removed again, where the guide is large. A dir of "" is the system's
// temporary folder.
func indexAll(src source, dir string) (all []*postings, err error) {
	if !src.large() {
		p, err := indexInMemory(src)
		return []*postings{p}, err
	}
	room, err := os.MkdirTemp(dir, "index-")
	if err != nil {
		return nil, fmt.Errorf("make room for the index: %w", err)
	}
	all = make([]*postings, numShards)
	errs := make([]error, numShards)
	var built panics.Group
	for shard := range numShards {
		built.Go(func() { all[shard], errs[shard] = indexShard(src, shard, filepath.Join(room, strconv.Itoa(shard))) })
	}
	built.Wait()
	return all, errors.Join(errors.Join(errs...), os.RemoveAll(room))
}

// indexInMemory makes one batch of all documents: Bleve does not merge segments in memory.
func indexInMemory(src source) (*postings, error) {
	const workers = 2
	queue := index.NewAnalysisQueue(workers)
	defer queue.Close()
	ix, err := scorch.NewScorch(scorch.Name, map[string]any{"path": ""}, queue)
	if err != nil {
		return nil, fmt.Errorf("make the index: %w", err)
	}
	if err := ix.Open(); err != nil {
		return nil, fmt.Errorf("make the index: %w", err)
	}
	batch := index.NewBatch()
	err = src.forEach(0, 1, func(doc index.Document) error { batch.Update(doc); return nil })
	if err == nil {
		err = ix.Batch(batch)
	}
	var p *postings
	if err == nil {
		p, err = readPostings(ix, src.corpus.Space)
	}
	return p, errors.Join(err, ix.Close())
}

// numShards is how many parts a large guide's index has; each is built by a goroutine of its own. Documents
// are dealt out in turn, so that the parts' statistics are alike.
const numShards = 2

// indexShard builds one part offline, in the folder path.
func indexShard(src source, shard int, path string) (*postings, error) {
	if err := os.Mkdir(path, 0o700); err != nil {
		return nil, fmt.Errorf("make the index: %w", err)
	}
	b, err := scorch.NewBuilder(map[string]any{"path": path, "batchSize": 5000, "mergeMax": 20, "buildPathPrefix": path})
	if err != nil {
		return nil, fmt.Errorf("make the index: %w", err)
	}
	if err := errors.Join(src.forEach(shard, numShards, b.Index), b.Close()); err != nil {
		return nil, fmt.Errorf("build the index: %w", err)
	}
	ix, err := scorch.NewScorch(scorch.Name, map[string]any{"path": path, "read_only": true}, nil)
	if err != nil {
		return nil, fmt.Errorf("open the index: %w", err)
	}
	if err := ix.Open(); err != nil {
		return nil, fmt.Errorf("open the index: %w", err)
	}
	p, err := readPostings(ix, src.corpus.Space)
	return p, errors.Join(err, ix.Close())
}
