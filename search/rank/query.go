package rank

import (
	"math"
	"slices"

	"github.com/yingda/yingda/zh"
)

// Query is a question as numbers, with the working space of its ranking. It comes from Ranker.Query and goes back by
// Ranker.Release.
type Query struct {
	numbers [zh.NumTokenKinds][]int32 // of its tokens, in its order and with its repeats
	vector  vector
	cues
	topics []float32 // what it is about

	sim        []float32 // its similarity to each row; where there is no regression, to those of one document
	score      []float32 // of each class
	candidates []candidate
	weightOf   [zh.NumTokenKinds][]float32 // without a regression: token → its weight in vector
}

// Tokens are the question's distinct tokens of a kind.
func (q *Query) Tokens(kind zh.TokenKind) []Token { return q.vector[kind] }

// length is how many units the question has.
func (q *Query) length() int { return len(q.numbers[zh.Chars]) }

// read reads a question as c and topics know its tokens.
func (q *Query) read(c *Corpus, topics *Topics, t *zh.Text) {
	q.cues = c.cues.read(t.Folded)
	clear(q.topics)
	for kind := range zh.NumTokenKinds {
		q.numbers[kind] = c.Space.locate(q.numbers[kind][:0], kind, t.Tokens[kind])
		q.vector[kind] = c.Space.distinct(q.vector[kind][:0], kind, q.numbers[kind], t.Tokens[kind])
		for i := range q.vector[kind] {
			token := &q.vector[kind][i]
			if at := c.Space.kinds[kind].topic(token.Number); at > 0 {
				topics.add(q.topics, at, token.times)
			}
		}
	}
	normalize(q.topics)
}

// candidate is a Candidate with its signals' raw material.
type candidate struct {
	Candidate
	nearest       int // its phrasing that is most like the question
	ridge, ridgeZ float64
	best, near3   float64
	bm25Z         float64
	not           float64
}

// compare fills the signals that come from single texts: from is the document's first phrasing, phrasings and
// nearMisses are how similar to the question its texts are.
func (c *candidate) compare(from int, phrasings, nearMisses []float32) {
	var top [3]float32
	c.nearest = from
	for i, sim := range phrasings {
		switch {
		case sim > top[0]:
			top, c.nearest = [3]float32{sim, top[0], top[1]}, from+i
		case sim > top[1]:
			top = [3]float32{top[0], sim, top[1]}
		case sim > top[2]:
			top[2] = sim
		}
	}
	c.best, c.near3 = float64(top[0]), (float64(top[0])+float64(top[1])+float64(top[2]))/3
	if len(nearMisses) > 0 {
		c.not = max(0, float64(slices.Max(nearMisses))-c.best)
	}
}

// spread notes the question's weights by token, for similarity; gather takes them away again.
func (q *Query) spread(s *TokenSpace) {
	for kind := range q.vector {
		k := &s.kinds[kind]
		if len(q.weightOf[kind]) == 0 {
			q.weightOf[kind] = make([]float32, k.table.len())
		}
		for i := range q.vector[kind] {
			if t := &q.vector[kind][i]; k.known(t.Number) {
				q.weightOf[kind][t.Number] = t.weight * float32(s.kernel.Kinds[kind])
			}
		}
	}
}

func (q *Query) gather() {
	for kind := range q.vector {
		for i := range q.vector[kind] {
			if number := int(q.vector[kind][i].Number); number < len(q.weightOf[kind]) {
				q.weightOf[kind][number] = 0
			}
		}
	}
}

// similarity is the kernel between the question and text i of t.
func (q *Query) similarity(c *Corpus, t *texts, i int) float32 {
	var joint float32
	for kind := range t {
		numbers, info := t[kind].of(i), c.Space.kinds[kind].info
		var product float32
		var length float64
		for j, number := range numbers {
			if slices.Contains(numbers[:j], number) {
				continue
			}
			w := float64(info[number])
			if times := countFunc(numbers[j:], func(other int32) bool { return other == number }); times > 1 {
				w *= 1 + math.Log(float64(times))
			}
			length += w * w
			product += q.weightOf[kind][number] * float32(w)
		}
		if length > 0 {
			joint += product / float32(math.Sqrt(length))
		}
	}
	return c.power.apply(joint)
}
