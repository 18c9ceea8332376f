package rank

import (
	"errors"

	"gonum.org/v1/gonum/mat"
)

// ridge is kernel ridge regression from phrasings to documents: a document's score for a question
// is Σ k(question, phrasing)·alpha[phrasing][document].
type ridge struct {
	alpha     []float32 // row after row, one row a phrasing
	documents int
}

// solveRidge solves (K + λI)·α = Y in closed form. kernel is the symmetric matrix of similarities
// between phrasings, owner[p] the document of phrasing p. Cubic in the phrasings.
func solveRidge(kernel *mat.SymDense, lambda float64, owner []int, documents int) (*ridge, error) {
	n := kernel.SymmetricDim()
	target := mat.NewDense(n, documents, nil)
	for p, d := range owner {
		target.Set(p, d, 1)
		kernel.SetSym(p, p, kernel.At(p, p)+lambda)
	}
	var chol mat.Cholesky
	if !chol.Factorize(kernel) {
		return nil, errors.New("the phrasings' similarities are not positive definite: raise the ridge")
	}
	var alpha mat.Dense
	if err := chol.SolveTo(&alpha, target); err != nil {
		return nil, err
	}
	r := &ridge{alpha: make([]float32, n*documents), documents: documents}
	for p := range n {
		for d := range documents {
			r.alpha[p*documents+d] = float32(alpha.At(p, d))
		}
	}
	return r, nil
}

// scores fills out, one place a document, from the similarities to every phrasing.
func (r *ridge) scores(sim, out []float32) {
	clear(out)
	for p, x := range sim {
		if x == 0 {
			continue
		}
		row := r.alpha[p*r.documents : (p+1)*r.documents]
		for d, a := range row {
			out[d] += x * a
		}
	}
}
