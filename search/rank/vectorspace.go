package rank

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/yingda/yingda/panics"
	"github.com/yingda/yingda/zh"
)

// Kernel holds the constants of the similarity between two texts.
type Kernel struct {
	Kinds      [zh.NumTokenKinds]float64 `json:"kinds"`      // weight of each kind of token
	Guide      float64                   `json:"guide"`      // share of the information measured in the guide
	Background float64                   `json:"background"` // share of the information measured in everyday Chinese
	Damping    float64                   `json:"damping"`    // exponent on a token's information
	Power      float64                   `json:"power"`      // exponent on the joint similarity: >1 favours close matches
	Ridge      float64                   `json:"ridge"`      // λ of the regression
}

// vector is one text as sparse weights by kind, each kind of length 1.
type vector [zh.NumTokenKinds][]weight

// weight is one token of a vector, in order of id: its number in the space, -1 when the guide does not have it.
type weight struct {
	id    int32
	w     float32 // its share of the vector's length
	token string
}

// posting says that the phrasing of one row has a token, with that weight.
type posting struct {
	row int32
	w   float32
}

// vectorSpace is the vector space that a guide's phrasings span.
type vectorSpace struct {
	kernel     Kernel
	background zh.Background
	ids        [zh.NumTokenKinds]map[string]int32
	info       [zh.NumTokenKinds][]float32 // token → information
	unseenIDF  float64                     // information of a token that the guide does not have
	postings   [zh.NumTokenKinds][][]posting
	phrasings  int
	sum        float64 // Σ of the kinds' weights
	powerTable [powerPoints + 2]float32
}

// powerPoints is how finely the kernel's power is tabulated; between two points it is a line.
const powerPoints = 1024

// newVectorSpace learns the tokens of all phrasings. docs[d] are the phrasings of document d: information
// counts documents, so that an article with many phrasings does not drown the others.
func newVectorSpace(k Kernel, bg zh.Background, docs [][]zh.Text) *vectorSpace {
	s := &vectorSpace{kernel: k, background: bg, unseenIDF: math.Log((float64(len(docs)) + 1) / 0.5)}
	var counted panics.Group
	for kind := range zh.NumTokenKinds {
		s.sum += k.Kinds[kind]
		counted.Go(func() { s.countTokens(kind, docs) })
	}
	counted.Wait()
	for i := range s.powerTable {
		s.powerTable[i] = float32(s.sum * math.Pow(float64(i)/powerPoints, k.Power))
	}
	return s
}

// countTokens numbers the tokens of one kind and weighs them.
func (s *vectorSpace) countTokens(kind zh.TokenKind, docs [][]zh.Text) {
	ids := map[string]int32{}
	var in, last []int // of each token: how many documents have it, and the last one that did
	for d, doc := range docs {
		for _, t := range doc {
			for _, tok := range t.Tokens[kind] {
				id, ok := ids[tok]
				if !ok {
					id = int32(len(in))
					ids[tok] = id
					in, last = append(in, 0), append(last, -1)
				}
				if last[id] != d {
					last[id] = d
					in[id]++
				}
			}
		}
	}
	s.ids[kind], s.info[kind], s.postings[kind] = ids, make([]float32, len(in)), make([][]posting, len(in))
	for tok, id := range ids {
		s.info[kind][id] = float32(s.information(math.Log((float64(len(docs))+1)/(float64(in[id])+0.5)), tok))
	}
}

// information joins what a token says in the guide, in nats, with what it says in everyday Chinese.
func (s *vectorSpace) information(inGuide float64, token string) float64 {
	return math.Pow(s.kernel.Guide*inGuide+s.kernel.Background*s.background.Information(token), s.kernel.Damping)
}

// id is a token's number; -1 when the guide does not have it.
func (s *vectorSpace) id(kind zh.TokenKind, token string) int32 {
	if id, ok := s.ids[kind][token]; ok {
		return id
	}
	return -1
}

// tokenWeight is the weight of one token that occurs once, known to the guide or not.
func (s *vectorSpace) tokenWeight(kind zh.TokenKind, id int32, token string) float64 {
	if id >= 0 {
		return float64(s.info[kind][id])
	}
	return s.information(s.unseenIDF, token)
}

// vector places a text in the space.
func (s *vectorSpace) vector(tokens zh.Tokens) vector {
	var v vector
	for kind := range zh.NumTokenKinds {
		v[kind] = s.weights(kind, tokens[kind])
	}
	return v
}

func (s *vectorSpace) weights(kind zh.TokenKind, tokens []string) []weight {
	ws := make([]weight, len(tokens))
	for i, tok := range tokens {
		ws[i] = weight{id: s.id(kind, tok), token: tok}
	}
	slices.SortFunc(ws, func(a, b weight) int { return cmp.Or(cmp.Compare(a.id, b.id), strings.Compare(a.token, b.token)) })
	var norm float64
	distinct := ws[:0]
	for i := 0; i < len(ws); {
		n := 1
		for i+n < len(ws) && ws[i+n].token == ws[i].token {
			n++
		}
		w := s.tokenWeight(kind, ws[i].id, ws[i].token)
		if n > 1 {
			w *= 1 + math.Log(float64(n))
		}
		norm += w * w
		distinct = append(distinct, weight{ws[i].id, float32(w), ws[i].token})
		i += n
	}
	norm = math.Sqrt(norm)
	for i := range distinct {
		distinct[i].w /= float32(norm)
	}
	return distinct
}

// addPhrasing adds the next phrasing to the space and returns its number.
func (s *vectorSpace) addPhrasing(v vector) int {
	p := s.phrasings
	s.phrasings++
	for kind, ws := range v {
		if s.kernel.Kinds[kind] == 0 {
			continue
		}
		for _, w := range ws {
			if w.id >= 0 {
				s.postings[kind][w.id] = append(s.postings[kind][w.id], posting{int32(p), w.w * float32(s.kernel.Kinds[kind])})
			}
		}
	}
	return p
}

// similarities fills sim, one place a phrasing, with the kernel between v and every phrasing.
func (s *vectorSpace) similarities(v vector, sim []float32) {
	clear(sim)
	for kind, ws := range v {
		for _, w := range ws {
			if w.id < 0 {
				continue
			}
			for _, p := range s.postings[kind][w.id] {
				sim[p.row] += w.w * p.w
			}
		}
	}
	for i, x := range sim {
		if x > 0 {
			sim[i] = s.applyPower(x)
		}
	}
}

// similarity is the kernel between two texts.
func (s *vectorSpace) similarity(a, b vector) float64 {
	var joint float32
	for kind := range a {
		if s.kernel.Kinds[kind] == 0 {
			continue
		}
		x, y := a[kind], b[kind]
		var product float32
		for len(x) > 0 && len(y) > 0 {
			switch {
			case x[0].id < y[0].id:
				x = x[1:]
			case x[0].id > y[0].id:
				y = y[1:]
			default:
				if x[0].id >= 0 {
					product += x[0].w * y[0].w
				}
				x, y = x[1:], y[1:]
			}
		}
		joint += product * float32(s.kernel.Kinds[kind])
	}
	return float64(s.applyPower(joint))
}

// applyPower turns a weighted sum of cosines into the kernel.
func (s *vectorSpace) applyPower(joint float32) float32 {
	x := min(joint/float32(s.sum), 1) * powerPoints
	i := int(x)
	return s.powerTable[i] + (x-float32(i))*(s.powerTable[i+1]-s.powerTable[i])
}
