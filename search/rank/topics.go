package rank

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

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
	size  int
	known [zh.Kinds]map[string]leaning
}

// leaning is how much a token speaks for each topic, in units of scale.
type leaning struct {
	scale float32
	by    []int8
}

// NewTopics rounds leanings; each has size places. Tokens that speak for nothing are left out.
func NewTopics(size int, leanings [zh.Kinds]map[string][]float64) *Topics {
	t := &Topics{size: size}
	for kind, tokens := range leanings {
		t.known[kind] = make(map[string]leaning, len(tokens))
		for token, by := range tokens {
			largest := 0.0
			for _, x := range by {
				largest = max(largest, math.Abs(x))
			}
			if largest == 0 {
				continue
			}
			l := leaning{scale: float32(largest / math.MaxInt8), by: make([]int8, size)}
			for i, x := range by {
				l.by[i] = int8(math.Round(x / largest * math.MaxInt8))
			}
			t.known[kind][token] = l
		}
	}
	return t
}

// of is what texts together are about, of length 1; all zero where no token is known. A token that many
// of the texts have is looked up once.
func (t *Topics) of(texts ...zh.Text) []float32 {
	sum := make([]float32, t.size)
	for kind, known := range t.known {
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
			for i, x := range l.by {
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

// Agreement is how far two texts are about the same: a cosine.
func (t *Topics) Agreement(a, b zh.Text) float64 { return agreement(t.of(a), t.of(b)) }

// agreement is the cosine of two vectors of length 1.
func agreement(a, b []float32) float64 { return float64(dot(a, b, len(a))) }

// topicsMagic begins the file of a Topics; the digit is its version.
const topicsMagic = "yingda-topics-1\n"

// MarshalBinary writes t: the number of topics, then by kind the tokens in their order, each with its
// length, its text, its scale and its leanings.
func (t *Topics) MarshalBinary() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(topicsMagic)
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(t.size)))
	for _, known := range t.known {
		b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(known))))
		for _, token := range sortedKeys(known) {
			if len(token) > math.MaxUint8 {
				return nil, fmt.Errorf("the token %q is too long to be stored", token)
			}
			b.WriteByte(byte(len(token)))
			b.WriteString(token)
			b.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(known[token].scale)))
			for _, x := range known[token].by {
				b.WriteByte(byte(x))
			}
		}
	}
	return b.Bytes(), nil
}

var errTopics = errors.New("this is no file of what words are about: run make fit")

// UnmarshalBinary reads what MarshalBinary wrote.
func (t *Topics) UnmarshalBinary(data []byte) error {
	r := cutter{data: data}
	if string(r.cut(len(topicsMagic))) != topicsMagic {
		return errTopics
	}
	const most = 1 << 12
	if t.size = r.number(); t.size > most {
		return errTopics
	}
	all := make([]int8, len(data)) // enough for every leaning
	for kind := range t.known {
		n := r.number()
		if r.short || n > len(r.data) {
			return errTopics
		}
		t.known[kind] = make(map[string]leaning, n)
		for range n {
			token := string(r.cut(r.byte()))
			scale := math.Float32frombits(uint32(r.number()))
			packed := r.cut(t.size)
			if r.short {
				return errTopics
			}
			by := all[:0:t.size]
			for _, x := range packed {
				by = append(by, int8(x))
			}
			all = all[t.size:]
			t.known[kind][token] = leaning{scale, by}
		}
	}
	if len(r.data) > 0 {
		return errTopics
	}
	return nil
}

// cutter cuts pieces off data; short tells that there was too little of it.
type cutter struct {
	data  []byte
	short bool
}

func (c *cutter) cut(n int) []byte {
	if n < 0 || n > len(c.data) {
		c.short, c.data = true, nil
		return nil
	}
	piece := c.data[:n]
	c.data = c.data[n:]
	return piece
}

func (c *cutter) byte() int {
	if b := c.cut(1); b != nil {
		return int(b[0])
	}
	return 0
}

func (c *cutter) number() int {
	if b := c.cut(4); b != nil {
		return int(binary.LittleEndian.Uint32(b))
	}
	return 0
}
