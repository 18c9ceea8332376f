package rank

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/yingda/yingda/zh"
)

// topics.bin is what `make fit` learnt of which words belong together; docs/ranking.md tells from what.
//
//go:embed topics.bin
var topicsFile []byte

// Topics knows how much each token speaks for each of some hundred topics of the field. Two texts
// may be about one thing without a word in common: then their topics agree. The zero value knows nothing.
type Topics struct {
	size   int
	tokens [zh.NumTokenKinds]map[string]topicWeights
}

// topicWeights is how much a token speaks for each topic, in units of scale.
type topicWeights struct {
	scale  float32
	values []int8
}

// NewTopics rounds weights; each has size places. Tokens that speak for nothing are left out.
func NewTopics(size int, weights [zh.NumTokenKinds]map[string][]float64) *Topics {
	t := &Topics{size: size}
	for kind, byToken := range weights {
		t.tokens[kind] = make(map[string]topicWeights, len(byToken))
		for token, exact := range byToken {
			largest := 0.0
			for _, x := range exact {
				largest = max(largest, math.Abs(x))
			}
			if largest == 0 {
				continue
			}
			l := topicWeights{scale: float32(largest / math.MaxInt8), values: make([]int8, size)}
			for i, x := range exact {
				l.values[i] = int8(math.Round(x / largest * math.MaxInt8))
			}
			t.tokens[kind][token] = l
		}
	}
	return t
}

// vector is what texts together are about, of length 1; all zero where no token is known. A token that many
// of the texts have is looked up once.
func (t *Topics) vector(texts ...zh.Text) []float32 {
	sum := make([]float32, t.size)
	for kind, known := range t.tokens {
		var order []string
		times := map[string]int{}
		for i := range texts {
			for _, token := range texts[i].Tokens[kind] {
				if times[token]++; times[token] == 1 {
					order = append(order, token)
				}
			}
		}
		for _, token := range order {
			l := known[token]
			scale := l.scale * float32(times[token])
			for i, x := range l.values {
				sum[i] += scale * float32(x)
			}
		}
	}
	v := blas32.Vector{N: len(sum), Inc: 1, Data: sum}
	if norm := blas32.Nrm2(v); norm > 0 {
		blas32.Scal(1/norm, v)
	}
	return sum
}

// Similarity is how far two texts are about the same: a cosine.
func (t *Topics) Similarity(a, b zh.Text) float64 { return cosine(t.vector(a), t.vector(b)) }

// cosine is the cosine of two vectors of length 1.
func cosine(a, b []float32) float64 { return float64(dot(a, b, len(a))) }

// topicsMagic begins the file of a Topics; the digit is its version.
const topicsMagic = "yingda-topics-1\n"

// MarshalBinary writes t: the number of topics, then by kind the tokens in their order, each with its
// length, its text, its scale and its weights.
func (t *Topics) MarshalBinary() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(topicsMagic)
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(t.size)))
	for _, known := range t.tokens {
		b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(known))))
		for _, token := range slices.Sorted(maps.Keys(known)) {
			if len(token) > math.MaxUint8 {
				return nil, fmt.Errorf("the token %q is too long to be stored", token)
			}
			b.WriteByte(byte(len(token)))
			b.WriteString(token)
			b.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(known[token].scale)))
			for _, x := range known[token].values {
				b.WriteByte(byte(x))
			}
		}
	}
	return b.Bytes(), nil
}

var errTopics = errors.New("this is no file of what words are about: run make fit")

// UnmarshalBinary reads what MarshalBinary wrote.
func (t *Topics) UnmarshalBinary(data []byte) error {
	all := make([]int8, len(data)) // enough for every topicWeights
	cut := false
	next := func(n int) []byte { // takes bytes off data, or zeroes where there are too few
		if cut = cut || n > len(data); cut {
			return make([]byte, n)
		}
		piece := data[:n]
		data = data[n:]
		return piece
	}
	number := func() uint32 { return binary.LittleEndian.Uint32(next(4)) }
	if string(next(len(topicsMagic))) != topicsMagic {
		return errTopics
	}
	const maxTopics = 1 << 12
	if t.size = int(min(number(), maxTopics+1)); t.size > maxTopics {
		return errTopics
	}
	for kind := range t.tokens {
		n := number()
		if cut || uint64(n) > uint64(len(data)) {
			return errTopics
		}
		t.tokens[kind] = make(map[string]topicWeights, n)
		for range n {
			token := string(next(int(next(1)[0])))
			scale := math.Float32frombits(number())
			packed := next(t.size)
			if cut {
				return errTopics
			}
			by := all[:0:t.size]
			for _, x := range packed {
				by = append(by, int8(x))
			}
			all = all[t.size:]
			t.tokens[kind][token] = topicWeights{scale, by}
		}
	}
	if cut || len(data) > 0 {
		return errTopics
	}
	return nil
}
