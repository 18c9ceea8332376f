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
//
// It is its file, read in place: a head and the number of topics, then by kind of token the number of tokens, and of
// each its length, its text, a scale, and a signed byte a topic in units of that scale.
type Topics struct {
	size int
	file []byte
}

const (
	topicsMagic = "yingda-topics-1\n" // begins the file; the digit is its version
	topicsHead  = len(topicsMagic) + 4
	maxTopics   = 1 << 12
)

// NewTopics rounds weights; each has size places. Tokens that speak for nothing are left out.
func NewTopics(size int, weights [zh.NumTokenKinds]map[string][]float64) (*Topics, error) {
	file := binary.LittleEndian.AppendUint32([]byte(topicsMagic), uint32(size))
	for _, byToken := range weights {
		maps.DeleteFunc(byToken, func(_ string, exact []float64) bool { return largest(exact) == 0 })
		file = binary.LittleEndian.AppendUint32(file, uint32(len(byToken)))
		for _, token := range slices.Sorted(maps.Keys(byToken)) {
			if len(token) > math.MaxUint8 {
				return nil, fmt.Errorf("the token %q is too long to be stored", token)
			}
			unit := largest(byToken[token]) / math.MaxInt8
			file = append(append(file, byte(len(token))), token...)
			file = binary.LittleEndian.AppendUint32(file, math.Float32bits(float32(unit)))
			for _, x := range byToken[token] {
				file = append(file, byte(int8(math.Round(x/unit))))
			}
		}
	}
	return &Topics{size, file}, nil
}

func largest(xs []float64) float64 {
	most := 0.0
	for _, x := range xs {
		most = max(most, math.Abs(x))
	}
	return most
}

// MarshalBinary writes t.
func (t *Topics) MarshalBinary() ([]byte, error) { return bytes.Clone(t.file), nil }

// UnmarshalBinary reads what MarshalBinary wrote.
func (t *Topics) UnmarshalBinary(data []byte) error { return t.read(bytes.Clone(data)) }

var errTopics = errors.New("this is no file of what words are about: run make fit")

// read makes t of a file, which it keeps.
func (t *Topics) read(file []byte) error {
	if len(file) < topicsHead || string(file[:len(topicsMagic)]) != topicsMagic {
		return errTopics
	}
	size := binary.LittleEndian.Uint32(file[len(topicsMagic):])
	if size > maxTopics {
		return errTopics
	}
	at := topicsHead
	for range zh.NumTokenKinds {
		if len(file)-at < 4 {
			return errTopics
		}
		tokens := binary.LittleEndian.Uint32(file[at:])
		at += 4
		for range tokens {
			if at >= len(file) {
				return errTopics
			}
			if at += 1 + int(file[at]) + 4 + int(size); at > len(file) {
				return errTopics
			}
		}
	}
	if at != len(file) {
		return errTopics
	}
	t.size, t.file = int(size), file
	return nil
}

// each visits every token with its place, which is not 0.
func (t *Topics) each(visit func(kind zh.TokenKind, token string, at int32)) {
	at := topicsHead
	for kind := range zh.NumTokenKinds {
		if t.file == nil {
			return
		}
		tokens := binary.LittleEndian.Uint32(t.file[at:])
		at += 4
		for range tokens {
			text := at + 1
			at = text + int(t.file[at])
			visit(kind, string(t.file[text:at]), int32(at))
			at += 4 + t.size
		}
	}
}

// add adds a token that a text has so many times, by its place, to what the text is about.
func (t *Topics) add(about []float32, at int32, times int) {
	scale := math.Float32frombits(binary.LittleEndian.Uint32(t.file[at:])) * float32(times)
	for i, x := range t.file[int(at)+4:][:len(about)] {
		about[i] += scale * float32(int8(x))
	}
}

// normalize brings what a text is about to length 1; all zero stays.
func normalize(about []float32) {
	v := blas32.Vector{N: len(about), Inc: 1, Data: about}
	if norm := blas32.Nrm2(v); norm > 0 {
		blas32.Scal(1/norm, v)
	}
}

// Similarity is how far two texts are about the same: a cosine.
func (t *Topics) Similarity(a, b zh.Text) float64 {
	about := [2][]float32{make([]float32, t.size), make([]float32, t.size)}
	t.each(func(kind zh.TokenKind, token string, at int32) {
		for i, text := range []zh.Text{a, b} {
			times := countFunc(text.Tokens[kind], func(other string) bool { return other == token })
			t.add(about[i], at, times)
		}
	})
	normalize(about[0])
	normalize(about[1])
	return cosine(about[0], about[1])
}

// cosine is the cosine of two vectors of length 1.
func cosine(a, b []float32) float64 { return float64(dot(a, b, len(a))) }
