package fit

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/floats"

	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/zh"
)

// LabeledText is a text and the topic that it is about, a number from 0.
type LabeledText struct {
	Text  zh.Text
	Topic int
}

// Constants of Topics; chosen by cross-validation of the ranking.
const (
	topicsPenalty = 0.5 // of the regression
	minTokenTexts = 2   // texts that must have a token
	maxSteps      = 60  // of conjugate gradients
)

// tokenWeights is how much a token of each kind counts.
func tokenWeights() [zh.NumTokenKinds]float64 {
	return [zh.NumTokenKinds]float64{zh.Chars: 1, zh.Concepts: 0.7, zh.Bigrams: 0.5}
}

// sparseEntry is one place of a sparse row.
type sparseEntry struct {
	column int
	x      float64
}

// Topics learns how much each token speaks for each topic: linear ridge regression from a text's
// tokens to the topics. A topic counts by the root of its texts' number.
func Topics(texts []LabeledText, topics int) (*rank.Topics, error) {
	size := make([]float64, topics)
	for _, t := range texts {
		size[t.Topic]++
	}
	weight, total := make([]float64, len(texts)), 0.0
	prior := make([]float64, topics)
	for i, t := range texts {
		weight[i] = 1 / math.Sqrt(size[t.Topic])
		total += weight[i]
		prior[t.Topic] += weight[i]
	}
	floats.Scale(1/total, prior)
	v := vocabularyOf(texts, topics)
	rows := v.rows(texts)
	solved := make([][]float64, topics)
	var wg sync.WaitGroup
	const workers = 2
	for w := range workers {
		wg.Go(func() {
			for c := w; c < topics; c += workers {
				want := make([]float64, len(texts))
				for i, t := range texts {
					want[i] = -prior[c]
					if t.Topic == c {
						want[i]++
					}
				}
				solved[c] = leastSquares(rows, weight, want, len(v.idf))
			}
		})
	}
	wg.Wait()
	return rank.NewTopics(topics, v.topicWeights(solved))
}

// vocabulary numbers the tokens.
type vocabulary struct {
	column [zh.NumTokenKinds]map[string]int
	idf    []float64 // column → how telling the token is
}

// vocabularyOf counts in how many texts and topics each token is.
func vocabularyOf(texts []LabeledText, topics int) vocabulary {
	var v vocabulary
	for kind, weight := range tokenWeights() {
		v.column[kind] = map[string]int{}
		count, in := map[string]int{}, map[string]map[int]bool{}
		var order []string
		for _, t := range texts {
			for _, token := range distinct(t.Text.Tokens[kind]) {
				if in[token] == nil {
					in[token] = map[int]bool{}
					order = append(order, token)
				}
				count[token]++
				in[token][t.Topic] = true
			}
		}
		for _, token := range order {
			if count[token] >= minTokenTexts {
				v.column[kind][token] = len(v.idf)
				v.idf = append(v.idf, weight*math.Log((float64(topics)+1)/(float64(len(in[token]))+0.5)))
			}
		}
	}
	return v
}

// rows are the texts, each of length 1.
func (v *vocabulary) rows(texts []LabeledText) [][]sparseEntry {
	out := make([][]sparseEntry, len(texts))
	for i, t := range texts {
		norm := 0.0
		for kind := range v.column {
			for _, token := range distinct(t.Text.Tokens[kind]) {
				if c, ok := v.column[kind][token]; ok {
					out[i] = append(out[i], sparseEntry{c, v.idf[c]})
					norm += v.idf[c] * v.idf[c]
				}
			}
		}
		for j := range out[i] {
			out[i][j].x /= math.Sqrt(norm) + 1e-9
		}
	}
	return out
}

// topicWeights are what each token adds to a text's topics, out of the solution of each topic.
func (v *vocabulary) topicWeights(solved [][]float64) (out [zh.NumTokenKinds]map[string][]float64) {
	for kind, columns := range v.column {
		out[kind] = make(map[string][]float64, len(columns))
		for token, c := range columns {
			weights := make([]float64, len(solved))
			for topic := range solved {
				weights[topic] = solved[topic][c] * v.idf[c]
			}
			out[kind][token] = weights
		}
	}
	return out
}

func distinct(tokens []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, t := range tokens {
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

// leastSquares minimises Σ weight·(row·x − want)² + topicsPenalty·|x|² by conjugate gradients.
func leastSquares(rows [][]sparseEntry, weight, want []float64, columns int) []float64 {
	x, residual := make([]float64, columns), make([]float64, columns)
	for i, row := range rows {
		for _, e := range row {
			residual[e.column] += weight[i] * want[i] * e.x
		}
	}
	direction := append([]float64(nil), residual...)
	product := make([]float64, columns)
	energy := floats.Dot(residual, residual)
	start := energy
	for step := 0; step < maxSteps && energy > 1e-12*start; step++ {
		for j := range product {
			product[j] = topicsPenalty * direction[j]
		}
		for i, row := range rows {
			y := 0.0
			for _, e := range row {
				y += e.x * direction[e.column]
			}
			for _, e := range row {
				product[e.column] += weight[i] * y * e.x
			}
		}
		length := energy / floats.Dot(direction, product)
		floats.AddScaled(x, length, direction)
		floats.AddScaled(residual, -length, product)
		next := floats.Dot(residual, residual)
		floats.AddScaledTo(direction, residual, next/energy, direction)
		energy = next
	}
	return x
}
