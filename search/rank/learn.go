package rank

import (
	"errors"
	"hash/fnv"
	"math"
)

// Learned is what the regression made of a guide, to start from when the same guide, or an edited
// one, is ranked again: solving it anew takes seconds, starting from it milliseconds.
type Learned struct {
	classes map[string]int // document id → column; outside the guide is "outside"
	rows    map[uint64][]float32
}

// outsideClass is the name of the class of what the guide does not answer.
const outsideClass = "outside"

// example is one phrasing as the regression sees it.
type example struct {
	key    uint64 // of its text and its class
	class  int
	vector vector
}

// key names a phrasing of a class.
func key(class, folded string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(class + "\x00" + folded)) // a hash never fails
	return h.Sum64()
}

// learnAnew is the share of new phrasings, as 1/learnAnew, above which starting from what was
// learnt saves nothing.
const learnAnew = 4

// learnRidge solves the regression over all examples, which stand in s in their order. Rows that
// prior has are kept, and the others are fitted to what those leave over: one step of block
// coordinate descent. With too little in common everything is solved.
func learnRidge(s *space, examples []example, classes []string, prior *Learned) (*ridge, error) {
	r := &ridge{alpha: make([]float32, len(examples)*len(classes)), classes: len(classes)}
	fresh := r.keep(examples, classes, prior)
	if learnAnew*len(fresh) > len(examples) {
		clear(r.alpha)
		fresh = fresh[:0]
		for i := range examples {
			fresh = append(fresh, i)
		}
	}
	if len(fresh) == 0 {
		return r, nil
	}
	g := newGram(len(fresh))
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

// keep copies the rows that prior has and returns the examples that it lacks.
func (r *ridge) keep(examples []example, classes []string, prior *Learned) (fresh []int) {
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

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }
