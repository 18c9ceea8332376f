package rank

import (
	"slices"

	"github.com/yingda/yingda/zh"
)

// postings are the rows of a corpus by their tokens: for each token that phrasings have, the rows that have it.
type postings struct {
	rows    [zh.NumTokenKinds]lists[int32]
	weights [zh.NumTokenKinds][]float32 // beside rows.items: what the row's token adds to a similarity
	power   *powerTable
}

func newPostings(c *Corpus) *postings {
	p := &postings{power: c.power}
	parallel(func(worker int) {
		for kind := worker; kind < len(p.rows); kind += workers {
			p.transpose(c, zh.TokenKind(kind))
		}
	})
	return p
}

// transpose lists the rows of c by their tokens of one kind.
func (p *postings) transpose(c *Corpus, kind zh.TokenKind) {
	weight := float32(c.Space.kernel.Kinds[kind])
	l := lists[int32]{starts: make([]uint32, c.Space.Size(kind)+1)}
	var tokens lists[int32] // row → its tokens that some phrasing has
	var weights []float32   // beside tokens.items
	var vector []Token
	var numbers []int32
	for _, t := range []*texts{&c.phrasings, &c.outside, &c.nearMisses} {
		for i := range t.len() {
			vector = c.Space.distinct(vector[:0], kind, t[kind].of(i), nil)
			numbers = numbers[:0]
			for _, token := range vector {
				if weight != 0 && c.Space.kinds[kind].known(token.Number) {
					numbers, weights = append(numbers, token.Number), append(weights, token.weight*weight)
					l.starts[token.Number+1]++
				}
			}
			tokens.add(numbers)
		}
	}
	for i := 1; i < len(l.starts); i++ {
		l.starts[i] += l.starts[i-1]
	}
	next := slices.Clone(l.starts) // where a token's next row goes
	l.items, p.weights[kind] = make([]int32, len(tokens.items)), make([]float32, len(tokens.items))
	at := 0
	for row := range tokens.len() {
		for _, number := range tokens.of(row) {
			l.items[next[number]], p.weights[kind][next[number]] = int32(row), weights[at]
			next[number]++
			at++
		}
	}
	p.rows[kind] = l
}

// similarities fills sim, one place a row, with the kernel between v and every row.
func (p *postings) similarities(v *vector, sim []float32) {
	clear(sim)
	for kind := range v {
		lists := &p.rows[kind]
		for i := range v[kind] {
			t := &v[kind][i]
			if int(t.Number)+1 >= len(lists.starts) {
				break // the space lacks this one and those behind it
			}
			rows := lists.of(int(t.Number))
			weights := p.weights[kind][lists.starts[t.Number]:][:len(rows)]
			for j, row := range rows {
				sim[row] += t.weight * weights[j]
			}
		}
	}
	for i, x := range sim {
		if x > 0 {
			sim[i] = p.power.apply(x)
		}
	}
}
