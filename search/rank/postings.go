package rank

import "github.com/yingda/yingda/zh"

// posting says that a row has a token, with that weight.
type posting struct {
	row    int32
	weight float32
}

// postings are the rows of a corpus by their tokens: for each token that phrasings have, the rows that have it.
type postings struct {
	kinds [zh.NumTokenKinds]lists[posting]
	power *powerTable
}

func newPostings(c *Corpus) *postings {
	p := &postings{power: c.power}
	var next [zh.NumTokenKinds][]uint32 // where a token's next posting goes
	for kind := range p.kinds {
		p.kinds[kind].starts = make([]uint32, c.Space.Size(zh.TokenKind(kind))+1)
	}
	c.eachKnown(func(_ int, kind zh.TokenKind, t *Token) { p.kinds[kind].starts[t.Number+1]++ })
	for kind := range p.kinds {
		l := &p.kinds[kind]
		for i := 1; i < len(l.starts); i++ {
			l.starts[i] += l.starts[i-1]
		}
		l.items = make([]posting, l.starts[len(l.starts)-1])
		next[kind] = append(next[kind], l.starts...)
	}
	c.eachKnown(func(row int, kind zh.TokenKind, t *Token) {
		weight := t.weight * float32(c.Space.kernel.Kinds[kind])
		p.kinds[kind].items[next[kind][t.Number]] = posting{int32(row), weight}
		next[kind][t.Number]++
	})
	return p
}

// similarities fills sim, one place a row, with the kernel between v and every row.
func (p *postings) similarities(v *vector, sim []float32) {
	clear(sim)
	for kind := range v {
		lists := &p.kinds[kind]
		for i := range v[kind] {
			t := &v[kind][i]
			if int(t.Number)+1 >= len(lists.starts) {
				break // the space lacks this one and those behind it
			}
			for _, at := range lists.of(int(t.Number)) {
				sim[at.row] += t.weight * at.weight
			}
		}
	}
	for i, x := range sim {
		if x > 0 {
			sim[i] = p.power.apply(x)
		}
	}
}
