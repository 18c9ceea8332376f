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
	prev    int32 // the state before it; the first one has none
	emitted rune
}

// beam is how many states are kept at each place.
const beam = 24

// decode returns the cheapest way through the lattice of text; text itself where there is none.
func (l lattice) decode(text string, model *languageModel) string {
	states := make([]state, 1, 4*len(text)+1)
	byCost := func(a, b int32) int { return cmp.Compare(states[a].cost, states[b].cost) }
	places := make([][]int32, len(text)+1) // the states that end at each place of text
	places[0] = []int32{0}
	for i := range text {
		slices.SortFunc(places[i], byCost)
		for _, from := range places[i][:min(len(places[i]), beam)] {
			for _, a := range l[i] {
				next := states[from].step(a, model)
				next.prev = from
				states, places[a.end] = relax(states, places[a.end], next)
			}
		}
	}
	end := places[len(text)]
	if len(end) == 0 {
		return text
	}
	var runes []rune
	for at := slices.MinFunc(end, byCost); at != 0; at = states[at].prev {
		runes = append(runes, states[at].emitted)
	}
	slices.Reverse(runes)
	return string(runes)
}

// step reads one arc after s.
func (s *state) step(a arc, model *languageModel) state {
	switch {
	case a.r == ' ': // a blank between syllables parts nothing
		return state{q: s.q, r: s.r, cost: s.cost, emitted: a.r}
	case !isHan(a.r):
		return state{cost: s.cost + a.cost, emitted: a.r}
	}
	return state{q: s.r, r: a.r, cost: s.cost + a.cost + model.cost(s.q, s.r, a.r), emitted: a.r}
}

// relax adds next to the states of one place, unless one of them has read the same runes and is as cheap.
func relax(states []state, place []int32, next state) ([]state, []int32) {
	for _, at := range place {
		if same := &states[at]; same.q == next.q && same.r == next.r {
			if next.cost < same.cost {
				*same = next // nothing has been read after it yet
			}
			return states, place
		}
	}
	return append(states, next), append(place, int32(len(states)))
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
