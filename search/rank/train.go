package rank

import (
	"errors"
	"hash/fnv"
	"slices"
)

// outsideClass is the name of the class of what the guide does not answer.
const outsideClass = "outside"

// examples are the rows that the regression learns from: the phrasings, and behind them what is outside the guide.
type examples struct {
	keys    []uint64 // of a row's text and class
	classOf []int32
	classes []string // the documents' ids, and outsideClass
}

func newExamples(c *Corpus) *examples {
	e := &examples{keys: c.keys, classOf: make([]int32, 0, len(c.keys))}
	for doc := range c.docs {
		e.classes = append(e.classes, c.docs[doc].ID)
		for i, to := c.phrasingsOf(doc); i < to; i++ {
			e.classOf = append(e.classOf, int32(doc))
		}
	}
	for range c.outside.len() {
		e.classOf = append(e.classOf, int32(len(c.docs)))
	}
	e.classes = append(e.classes, outsideClass)
	return e
}

// exampleKey names a phrasing of a class.
func exampleKey(class, folded string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(class + "\x00" + folded)) // a hash never fails
	return h.Sum64()
}

// maxFreshShare is the share of new phrasings, as 1/maxFreshShare, above which starting from what was
// learnt saves nothing.
const maxFreshShare = 4

// fitRidge solves the regression over all examples, whose rows are the first of c. Rows that
// prior has are kept, and the others are fitted to what those leave over: one step of block
// coordinate descent. With too little in common everything is solved.
func fitRidge(c *Corpus, p *postings, e *examples, prior *Ranker) (*ridge, error) {
	rows, classes := len(e.keys), len(e.classes)
	r := &ridge{alpha: make([]float32, rows*classes), classes: classes}
	fresh := r.reuse(e, prior)
	if maxFreshShare*len(fresh) > rows {
		clear(r.alpha)
		fresh = fresh[:0]
		for i := range rows {
			fresh = append(fresh, i)
		}
	}
	if len(fresh) == 0 {
		r.round()
		return r, nil
	}
	g := newGramMatrix(len(fresh))
	residual := make([]float32, len(fresh)*classes) // class after class
	parallel(func(w int) {
		sim, out := make([]float32, c.rows()), make([]float32, classes)
		var v vector
		for i := w; i < len(fresh); i += workers {
			c.exampleVector(&v, fresh[i])
			p.similarities(&v, sim)
			row := g.row(i)
			for j := range row {
				row[j] = sim[fresh[j]]
			}
			if len(fresh) < rows {
				r.scores(sim[:rows], out)
			}
			for class, score := range out {
				residual[class*len(fresh)+i] = -score
			}
			residual[int(e.classOf[fresh[i]])*len(fresh)+i]++
		}
	})
	if !g.factorize(float32(c.Space.kernel.Ridge)) {
		return nil, errors.New("the phrasings' similarities are not positive definite: raise the ridge")
	}
	g.solve(residual)
	for i, row := range fresh {
		for class := range r.row(row) {
			r.row(row)[class] = residual[class*len(fresh)+i]
		}
	}
	r.round()
	return r, nil
}

// exampleVector weighs the text of an example into v.
func (c *Corpus) exampleVector(v *vector, row int) {
	if phrasings := c.phrasings.len(); row < phrasings {
		c.vectorOf(v, &c.phrasings, row)
	} else {
		c.vectorOf(v, &c.outside, row-phrasings)
	}
}

// reuse copies the rows that prior has and returns the examples that it lacks.
func (r *ridge) reuse(e *examples, prior *Ranker) (fresh []int) {
	had := map[uint64]int{}
	var columnOf []int // class → its column in prior; -1 for none
	if prior != nil && prior.ridge != nil {
		for row, key := range prior.examples.keys {
			had[key] = row
		}
		for _, name := range e.classes {
			columnOf = append(columnOf, slices.Index(prior.examples.classes, name))
		}
	}
	for i, key := range e.keys {
		row, ok := had[key]
		if !ok {
			fresh = append(fresh, i)
			continue
		}
		for class, column := range columnOf {
			if column >= 0 {
				r.row(i)[class] = prior.ridge.at(row, column)
			}
		}
	}
	return fresh
}
