package rank

import (
	"errors"
	"hash/fnv"
)

// example is one phrasing as the regression sees it.
type example struct {
	key    uint64 // of its text and its class
	class  int
	vector vector
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

// fitRidge solves the regression over all examples, which stand in s in their order. Rows that
// prior has are kept, and the others are fitted to what those leave over: one step of block
// coordinate descent. With too little in common everything is solved.
func fitRidge(s *vectorSpace, examples []example, classes []string, prior *Learned) (*ridge, error) {
	r := &ridge{alpha: make([]float32, len(examples)*len(classes)), classes: len(classes)}
	fresh := r.reuse(examples, classes, prior)
	if maxFreshShare*len(fresh) > len(examples) {
		clear(r.alpha)
		fresh = fresh[:0]
		for i := range examples {
			fresh = append(fresh, i)
		}
	}
	if len(fresh) == 0 {
		return r, nil
	}
	g := newGramMatrix(len(fresh))
	residual := make([]float32, len(fresh)*len(classes))
	parallel(func(w int) {
		sim := make([]float32, len(examples))
		for i := w; i < len(fresh); i += workers {
			e := &examples[fresh[i]]
			s.similarities(e.vector, sim)
			row := g.row(i)
			for j := range row {
				row[j] = sim[fresh[j]]
			}
			out := residual[i*len(classes) : (i+1)*len(classes)]
			if len(fresh) < len(examples) {
				r.scores(sim, out)
			}
			for c := range out {
				out[c] = -out[c]
			}
			out[e.class]++
		}
	})
	if !g.factorize(float32(s.kernel.Ridge)) {
		return nil, errors.New("the phrasings' similarities are not positive definite: raise the ridge")
	}
	g.solve(residual, len(classes))
	for i, p := range fresh {
		copy(r.row(p), residual[i*len(classes):])
	}
	return r, nil
}

// reuse copies the rows that prior has and returns the examples that it lacks.
func (r *ridge) reuse(examples []example, classes []string, prior *Learned) (fresh []int) {
	for i := range examples {
		var row []float32
		if prior != nil {
			row = prior.rows[examples[i].key]
		}
		if row == nil {
			fresh = append(fresh, i)
			continue
		}
		for c, name := range classes {
			if column, ok := prior.classes[name]; ok {
				r.row(i)[c] = row[column]
			}
		}
	}
	return fresh
}
