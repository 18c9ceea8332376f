package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	blevesearch "github.com/blevesearch/bleve/v2/search"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/yingda/yingda/search/rank"
)

// postings are what one Bleve index knows, read once into flat arrays: which documents have a token, field by
// field, and what BM25 makes of that.
type postings struct {
	docs   []int32 // a document's number in the index → its place in the guide, in order
	fields [numFields]fieldPostings
}

// fieldPostings are the postings of one field. A document has each of its tokens once.
type fieldPostings struct {
	list       []int32   // token → its list, and 1; 0 for none
	ends       []int32   // of each list, in numbers
	numbers    []int32   // the documents' numbers, list after list, each in order
	saturation []float32 // number of a document → BM25 of a token that it has, but for the token's weight
}

// readPostings reads all that ix holds, by the numbers that its tokens have in space.
func readPostings(ix index.Index, space *rank.TokenSpace) (p *postings, err error) {
	reader, err := ix.Reader()
	if err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	bm25, ok := reader.(index.BM25Reader)
	if !ok {
		return nil, errors.New("read the index: it does not know BM25")
	}
	docs, err := readDocs(reader)
	if err != nil {
		return nil, fmt.Errorf("read the index's documents: %w", err)
	}
	p = &postings{docs: slices.Sorted(slices.Values(docs))}
	numbers := make([]int32, len(docs)) // by Bleve's, which are in no order
	for bleve, doc := range docs {
		number, _ := slices.BinarySearch(p.docs, doc)
		numbers[bleve] = int32(number)
	}
	for f := range numFields {
		if err = p.fields[f].read(bm25, f, space, numbers); err != nil {
			return nil, fmt.Errorf("read the field %s of the index: %w", f.name(), err)
		}
	}
	return p, nil
}

// readDocs lists the documents' places in the guide by Bleve's numbers of them.
func readDocs(r index.IndexReader) (docs []int32, err error) {
	all, err := r.DocIDReaderAll()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, all.Close()) }()
	for {
		number, err := all.Next()
		if err != nil || number == nil {
			return docs, err
		}
		id, err := r.ExternalID(number)
		if err != nil {
			return nil, err
		}
		doc, err := strconv.Atoi(id)
		if err != nil || number.Value() != uint64(len(docs)) { // nothing is ever deleted of an index
			return nil, fmt.Errorf("it holds a foreign document %q", id)
		}
		docs = append(docs, int32(doc))
	}
}

// read reads the postings of one field; numbers are the documents' by Bleve's numbers of them.
func (fp *fieldPostings) read(r index.BM25Reader, f field, space *rank.TokenSpace, numbers []int32) (err error) {
	distinct, err := r.FieldCardinality(f.name())
	if err != nil || distinct == 0 {
		return err
	}
	dict, err := r.FieldDict(f.name())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dict.Close()) }()
	meanLength := math.Ceil(float64(distinct) / float64(len(numbers))) // as Bleve has it: tokens of the field by documents
	*fp = fieldPostings{list: make([]int32, space.Size(f.kind())), saturation: make([]float32, len(numbers))}
	for {
		entry, err := dict.Next()
		if err != nil || entry == nil {
			fp.numbers = slices.Clone(fp.numbers) // without the room that growing left
			return err
		}
		number, ok := space.Find(f.kind(), entry.Term)
		if !ok {
			return fmt.Errorf("it holds a foreign token %q", entry.Term)
		}
		if err := fp.readList(r, f, entry.Term, meanLength, numbers); err != nil {
			return err
		}
		fp.list[number] = int32(len(fp.ends))
	}
}

// readList appends the documents that have one token.
func (fp *fieldPostings) readList(r index.IndexReader, f field, token string, meanLength float64, numbers []int32) (err error) {
	list, err := r.TermFieldReader(context.Background(), []byte(token), f.name(), true, true, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	var at index.TermFieldDoc
	from := len(fp.numbers)
	for {
		posting, err := list.Next(&at)
		if err != nil {
			return err
		}
		if posting == nil {
			slices.Sort(fp.numbers[from:])
			fp.ends = append(fp.ends, int32(len(fp.numbers)))
			return nil
		}
		if posting.Freq != 1 {
			return fmt.Errorf("a document has the token %q %d times", token, posting.Freq)
		}
		number := numbers[posting.ID.Value()]
		fp.numbers = append(fp.numbers, number)
		length := 1 / (posting.Norm * posting.Norm)
		fp.saturation[number] = float32(blevesearch.BM25_k1 / (1 + blevesearch.BM25_k1*(1-blevesearch.BM25_b+blevesearch.BM25_b*length/meanLength)))
	}
}

// docs are the numbers of the documents that have a token.
func (fp *fieldPostings) docs(token int32) []int32 {
	if int(token) >= len(fp.list) || fp.list[token] == 0 {
		return nil
	}
	list, from := fp.list[token]-1, int32(0)
	if list > 0 {
		from = fp.ends[list-1]
	}
	return fp.numbers[from:fp.ends[list]]
}

// idf is how rare a token is that so many documents have, in nats.
func (fp *fieldPostings) idf(docs int) float64 {
	return math.Log(1 + (float64(len(fp.saturation)-docs)+0.5)/(float64(docs)+0.5))
}
