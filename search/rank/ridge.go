package rank

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"
)

// ridge is kernel ridge regression from phrasings to classes (the documents, and one for what is
// outside the guide): a class's score for a question is Σ k(question, phrasing)·alpha[phrasing][class].
type ridge struct {
	alpha   []float32 // row after row, one row a phrasing
	classes int
	byClass []float32 // packed: instead of alpha, class after class
}

// maxPacked is up to how many weights a ridge is packed. As long as they stay in the processor's cache, reading all
// of them class by class is quicker than adding up the rows of the phrasings that are like a question, a third of all.
const maxPacked = 1 << 20

// pack lays a learnt ridge out for questions; its rows do not change any more.
func (r *ridge) pack() {
	if len(r.alpha) > maxPacked {
		return
	}
	rows := len(r.alpha) / r.classes
	r.byClass = make([]float32, len(r.alpha))
	for i := range rows {
		for class, x := range r.row(i) {
			r.byClass[class*rows+i] = x
		}
	}
	r.alpha = nil
}

// row is the weights of phrasing p, as long as r is not packed.
func (r *ridge) row(p int) []float32 { return r.alpha[p*r.classes : (p+1)*r.classes] }

// copyRow is the weights of phrasing p, packed or not.
func (r *ridge) copyRow(p int) []float32 {
	if r.byClass == nil {
		return slices.Clone(r.row(p))
	}
	out := make([]float32, r.classes)
	for class := range out {
		out[class] = r.byClass[class*len(r.byClass)/r.classes+p]
	}
	return out
}

// scores fills out, one place a class, from the similarities to every phrasing.
func (r *ridge) scores(sim, out []float32) {
	if r.byClass != nil {
		for class := range out {
			out[class] = dot(r.byClass[class*len(sim):], sim, len(sim))
		}
		return
	}
	clear(out)
	dst := blas32.Vector{N: r.classes, Inc: 1, Data: out}
	for p, x := range sim {
		if x != 0 {
			blas32.Axpy(x, blas32.Vector{N: r.classes, Inc: 1, Data: r.row(p)}, dst)
		}
	}
}

// gramMatrix is the lower half of a symmetric matrix of similarities, row after row without gaps. In
// single precision it takes 2n² bytes, and λ keeps it well-conditioned enough for that.
type gramMatrix struct {
	n    int
	data []float32
}

func newGramMatrix(n int) *gramMatrix { return &gramMatrix{n, make([]float32, n*(n+1)/2)} }

// row is row i up to and including the diagonal.
func (g *gramMatrix) row(i int) []float32 { return g.data[i*(i+1)/2 : (i+1)*(i+2)/2] }

// block is how many rows of the factor are made together: they stay in the cache while the earlier
// rows stream past.
const block = 64

// factorize replaces g + λI by its Cholesky factor, and tells whether g + λI was positive definite.
// It takes n³/6 multiplications.
func (g *gramMatrix) factorize(lambda float32) bool {
	for i := range g.n {
		g.row(i)[i] += lambda
	}
	for start := 0; start < g.n; start += block {
		end := min(start+block, g.n)
		parallel(func(w int) {
			for j := range start {
				lj := g.row(j)
				for i := start + w; i < end; i += workers {
					li := g.row(i)
					li[j] = (li[j] - dot(li, lj, j)) / lj[j]
				}
			}
		})
		for i := start; i < end; i++ {
			li := g.row(i)
			for j := start; j < i; j++ {
				lj := g.row(j)
				li[j] = (li[j] - dot(li, lj, j)) / lj[j]
			}
			rest := li[i] - dot(li, li, i)
			if rest <= 0 {
				return false
			}
			li[i] = sqrt32(rest)
		}
	}
	return true
}

// dot is the product of the first n places.
func dot(x, y []float32, n int) float32 {
	return blas32.Dot(blas32.Vector{N: n, Inc: 1, Data: x}, blas32.Vector{N: n, Inc: 1, Data: y})
}

// solve replaces the rows of y by those of x with L·Lᵀ·x = y; g must be factorized. y has g.n rows
// of classes places.
func (g *gramMatrix) solve(y []float32, classes int) {
	width := (classes + workers - 1) / workers
	parallel(func(w int) {
		from, to := min(w*width, classes), min((w+1)*width, classes)
		if from == to {
			return
		}
		part := func(i int) blas32.Vector {
			return blas32.Vector{N: to - from, Inc: 1, Data: y[i*classes+from : i*classes+to]}
		}
		for i := range g.n {
			li := g.row(i)
			for j := range i {
				blas32.Axpy(-li[j], part(j), part(i))
			}
			blas32.Scal(1/li[i], part(i))
		}
		for i := g.n - 1; i >= 0; i-- {
			li := g.row(i)
			blas32.Scal(1/li[i], part(i))
			for j := range i {
				blas32.Axpy(-li[j], part(i), part(j))
			}
		}
	})
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }
