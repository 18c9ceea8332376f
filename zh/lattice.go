package zh

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// arc is one way to read a piece of text up to end: as the rune r, at a cost in nats.
type arc struct {
	end  int
	r    rune
	cost float64
}

// lattice holds, for each place of a text, the arcs that begin there.
type lattice [][]arc

// state is the cheapest way to have read up to somewhere with q and r as the last two runes; 0
// stands for what is no Han character.
type state struct {
	q, r    rune
	cost    float64
	prev    *state
	emitted rune
}

// beam is how many states are kept at each place.
const beam = 24

// decode returns the cheapest way through the lattice of text; text itself where there is none.
func (l lattice) decode(text string, model *languageModel) string {
	places := make([][]*state, len(text)+1)
	places[0] = []*state{{}}
	for i := range text {
		states := places[i]
		slices.SortFunc(states, func(a, b *state) int { return cmp.Compare(a.cost, b.cost) })
		for _, from := range states[:min(len(states), beam)] {
			for _, a := range l[i] {
				places[a.end] = relax(places[a.end], from.step(a, model))
			}
		}
	}
	end := places[len(text)]
	if len(end) == 0 {
		return text
	}
	best := slices.MinFunc(end, func(a, b *state) int { return cmp.Compare(a.cost, b.cost) })
	var runes []rune
	for st := best; st.prev != nil; st = st.prev {
		runes = append(runes, st.emitted)
	}
	slices.Reverse(runes)
	return string(runes)
}

// step reads one arc after s.
func (s *state) step(a arc, model *languageModel) *state {
	switch {
	case a.r == ' ': // a blank between syllables parts nothing
		return &state{q: s.q, r: s.r, cost: s.cost, prev: s, emitted: a.r}
	case !isHan(a.r):
		return &state{cost: s.cost + a.cost, prev: s, emitted: a.r}
	}
	return &state{q: s.r, r: a.r, cost: s.cost + a.cost + model.cost(s.q, s.r, a.r), prev: s, emitted: a.r}
}

func relax(states []*state, next *state) []*state {
	i := slices.IndexFunc(states, func(st *state) bool { return st.q == next.q && st.r == next.r })
	if i < 0 {
		return append(states, next)
	}
	if next.cost < states[i].cost {
		states[i] = next
	}
	return states
}

// joinHan is text without the blanks between two Han characters: they parted syllables.
func joinHan(text string) string {
	var b strings.Builder
	for i, r := range text {
		if r == ' ' {
			before, _ := utf8.DecodeLastRuneInString(text[:i])
			after, _ := utf8.DecodeRuneInString(text[i+1:])
			if isHan(before) && isHan(after) {
				continue
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}
