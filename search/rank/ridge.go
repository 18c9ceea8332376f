package rank

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"
)

// ridge is kernel ridge regression from phrasings to classes (the documents, and one for what is
// outside the guide): a class's score for a question is Σ k(question, phrasing)·alpha[phrasing][class].
type ridge struct {
	alpha   []float32 // row after row, one row a phrasing; multiples of unit
	unit    float32
	classes int
	byClass []float32 // packed: instead of alpha, class after class
}

// openRidge is a regression of weights in units.
func openRidge(weights []int16, unit float32, classes int) *ridge {
	r := &ridge{alpha: make([]float32, len(weights)), unit: unit, classes: classes}
	for i, x := range weights {
		r.alpha[i] = float32(x) * unit
	}
	return r
}

// round brings the weights to multiples of a unit that 16 bits hold: a file then has all that a ranker knows.
func (r *ridge) round() {
	var largest float32
	for _, x := range r.alpha {
		largest = max(largest, x, -x)
	}
	r.unit = max(largest/math.MaxInt16, math.SmallestNonzeroFloat32)
	for i, x := range r.alpha {
		r.alpha[i] = float32(r.inUnits(x)) * r.unit
	}
}

func (r *ridge) inUnits(x float32) int16 { return int16(math.Round(float64(x / r.unit))) }

// units are the weights in units, row after row.
func (r *ridge) units() []int16 {
	out := make([]int16, 0, max(len(r.alpha), len(r.byClass)))
	for row := range cap(out) / r.classes {
		for class := range r.classes {
			out = append(out, r.inUnits(r.at(row, class)))
		}
	}
	return out
}

// at is one weight.
func (r *ridge) at(row, class int) float32 {
	if r.byClass == nil {
		return r.alpha[row*r.classes+class]
	}
	return r.byClass[class*(len(r.byClass)/r.classes)+row]
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

// solveBytes is how much of y is solved at one time: it stays in the cache while the rows of the factor stream past.
const solveBytes = 320 << 10

// solve replaces the rows of y, one a class with g.n places, by those of x with L·Lᵀ·x = y; g must be factorized.
func (g *gramMatrix) solve(y []float32) {
	if g.n == 0 {
		return
	}
	var blocks [][]float32
	for block := range slices.Chunk(y, g.n*max(1, solveBytes/(4*g.n))) {
		blocks = append(blocks, block)
	}
	parallel(func(w int) {
		for i := w; i < len(blocks); i += workers {
			g.solveForward(blocks[i])
			g.solveBackward(blocks[i])
		}
	})
}

// solveForward replaces the rows of y by z with L·z = y. Of a class, z is 0 where y is 0 from the beginning on.
func (g *gramMatrix) solveForward(y []float32) {
	var rows [][]float32
	var begins []int
	first := g.n
	for row := range slices.Chunk(y, g.n) {
		begin := max(0, slices.IndexFunc(row, func(x float32) bool { return x != 0 }))
		rows, begins, first = append(rows, row), append(begins, begin), min(first, begin)
	}
	for j := first; j < g.n; j++ {
		lj := g.row(j)
		for i, row := range rows {
			if begin := begins[i]; j >= begin {
				row[j] = (row[j] - dot(row[begin:], lj[begin:], j-begin)) / lj[j]
			}
		}
	}
}

// solveBackward replaces the rows of z by x with Lᵀ·x = z.
func (g *gramMatrix) solveBackward(z []float32) {
	for i := g.n - 1; i >= 0; i-- {
		li := g.row(i)
		for row := range slices.Chunk(z, g.n) {
			row[i] /= li[i]
			blas32.Axpy(-row[i], blas32.Vector{N: i, Inc: 1, Data: li}, blas32.Vector{N: i, Inc: 1, Data: row})
		}
	}
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }
