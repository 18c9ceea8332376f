package rank

import (
	"errors"
	"fmt"

	"github.com/yingda/yingda/flatfile"
	"github.com/yingda/yingda/zh"
)

// Save adds r to a file, from which Open makes one that ranks alike.
func (r *Ranker) Save(b *flatfile.Builder) {
	r.corpus.save(b)
	flatfile.Add(b, "rank/about", r.about)
	if r.ridge != nil {
		flatfile.Add(b, "ridge/weights", r.ridge.units())
		flatfile.Add(b, "ridge/unit", []float32{r.ridge.unit})
		for kind := range r.postings.rows {
			saveLists(b, ofKind("postings/rows", kind), r.postings.rows[kind])
			flatfile.Add(b, ofKind("postings/weights", kind), r.postings.weights[kind])
		}
	}
}

// Open is the ranker that Save added to f, made of the same options. It reads f in place.
func Open(o Options, f *flatfile.File) (*Ranker, error) {
	c := openCorpus(o, f)
	r := newRanker(c, o.Model)
	r.about = flatfile.Slice[float32](f, "rank/about")
	if err := errors.Join(f.Err(), c.consistent()); err != nil || !c.ridgeFeasible() {
		return r, err
	}
	p := &postings{power: c.power}
	for kind := range p.rows {
		p.rows[kind] = openLists[int32](f, ofKind("postings/rows", kind))
		p.weights[kind] = flatfile.Slice[float32](f, ofKind("postings/weights", kind))
	}
	units, unit := flatfile.Slice[int16](f, "ridge/weights"), flatfile.Slice[float32](f, "ridge/unit")
	e := newExamples(c)
	if len(unit) == 1 && len(units) == len(e.keys)*len(e.classes) {
		r.useRidge(openRidge(units, unit[0], len(e.classes)), p, e)
	}
	return r, f.Err()
}

// consistent tells whether what was read belongs to the documents that it was read for.
func (c *Corpus) consistent() error {
	if len(c.firstPhrasing) != len(c.docs)+1 || len(c.keys) != c.phrasings.len()+c.outside.len() {
		return fmt.Errorf("%w: it is of other documents", flatfile.ErrForeign)
	}
	return nil
}

func (c *Corpus) save(b *flatfile.Builder) {
	for kind := range c.Space.kinds {
		k := &c.Space.kinds[kind]
		saveLists(b, ofKind("space/text", kind), k.table.text)
		flatfile.Add(b, ofKind("space/slots", kind), k.table.slots)
		flatfile.Add(b, ofKind("space/docs", kind), k.docs)
		flatfile.Add(b, ofKind("space/info", kind), k.info)
		flatfile.Add(b, ofKind("space/everyday", kind), k.everyday)
		flatfile.Add(b, ofKind("space/topics", kind), k.topics)
		saveLists(b, ofKind("corpus/phrasings", kind), c.phrasings[kind])
		saveLists(b, ofKind("corpus/outside", kind), c.outside[kind])
		saveLists(b, ofKind("corpus/near-misses", kind), c.nearMisses[kind])
		saveLists(b, ofKind("corpus/tokens", kind), c.tokens[kind].tokens)
		flatfile.Add(b, ofKind("corpus/counts", kind), c.tokens[kind].counts)
	}
	flatfile.Add(b, "space/unseen", []float64{c.Space.unseen})
	flatfile.Add(b, "corpus/first-phrasing", c.firstPhrasing)
	flatfile.Add(b, "corpus/first-near-miss", c.firstNearMiss)
	flatfile.Add(b, "corpus/negative", c.negative)
	flatfile.Add(b, "corpus/keys", c.keys)
	flatfile.Add(b, "corpus/shared-info", c.sharedInfo)
	saveLists(b, "corpus/body", c.body)
	saveLists(b, "corpus/names", c.names)
	saveLists(b, "corpus/kinds", c.kinds)
	saveLists(b, "corpus/terms", c.terms)
}

// openCorpus is the corpus that save added to f; f.Err tells what was not there.
func openCorpus(o Options, f *flatfile.File) *Corpus {
	c := newCorpus(o)
	for kind := range c.Space.kinds {
		k := &c.Space.kinds[kind]
		k.table = tokenTable{openLists[byte](f, ofKind("space/text", kind)), flatfile.Slice[int32](f, ofKind("space/slots", kind))}
		k.docs = flatfile.Slice[int32](f, ofKind("space/docs", kind))
		k.info = flatfile.Slice[float32](f, ofKind("space/info", kind))
		k.everyday = flatfile.Slice[float32](f, ofKind("space/everyday", kind))
		k.topics = flatfile.Slice[int32](f, ofKind("space/topics", kind))
		c.phrasings[kind] = openLists[int32](f, ofKind("corpus/phrasings", kind))
		c.outside[kind] = openLists[int32](f, ofKind("corpus/outside", kind))
		c.nearMisses[kind] = openLists[int32](f, ofKind("corpus/near-misses", kind))
		c.tokens[kind].tokens = openLists[int32](f, ofKind("corpus/tokens", kind))
		c.tokens[kind].counts = flatfile.Slice[uint8](f, ofKind("corpus/counts", kind))
		c.tokens[kind].mark(k.table.len())
	}
	if unseen := flatfile.Slice[float64](f, "space/unseen"); len(unseen) > 0 {
		c.Space.unseen = unseen[0]
	}
	c.firstPhrasing = flatfile.Slice[int32](f, "corpus/first-phrasing")
	c.firstNearMiss = flatfile.Slice[int32](f, "corpus/first-near-miss")
	c.negative = flatfile.Slice[bool](f, "corpus/negative")
	c.keys = flatfile.Slice[uint64](f, "corpus/keys")
	c.sharedInfo = flatfile.Slice[float64](f, "corpus/shared-info")
	c.body = openLists[int32](f, "corpus/body")
	c.names = openLists[int32](f, "corpus/names")
	c.kinds = openLists[int32](f, "corpus/kinds")
	c.terms = openLists[int32](f, "corpus/terms")
	return c
}

// ofKind is the name of what there is of each kind of token.
func ofKind(name string, kind int) string {
	return [...]string{zh.Chars: "chars/", zh.Concepts: "concepts/", zh.Bigrams: "bigrams/"}[kind] + name
}

func saveLists[T flatfile.Number](b *flatfile.Builder, name string, l lists[T]) {
	flatfile.Add(b, name+"/starts", l.starts)
	flatfile.Add(b, name, l.items)
}

func openLists[T flatfile.Number](f *flatfile.File, name string) lists[T] {
	return lists[T]{flatfile.Slice[uint32](f, name+"/starts"), flatfile.Slice[T](f, name)}
}
