package zh

import (
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
	pair    int32 // where the two stand among the guide's pairs
	emitted rune
	cost    float64
	before  *state // the state before it; the first one has none
}

// beam is how many states are kept at each place, the cheapest first.
const beam = 24

// decode returns the cheapest way through the lattice of text; text itself where there is none.
func (l lattice) decode(text string, model *languageModel) string {
	places := make([][]state, len(text)+1) // the states that end at each place of text
	places[0] = []state{{pair: beginning}}
	var ahead lookahead
	for i := range text {
		if len(places[i]) == 0 {
			continue
		}
		ahead.reset(l[i], model)
		for s := range places[i] {
			from := &places[i][s]
			followers := ahead.behind(from.r)
			for j, a := range l[i] {
				places[a.end] = keep(places[a.end], from.step(a, ahead.candidates[j], followers[j], model))
			}
		}
	}
	end := places[len(text)]
	if len(end) == 0 {
		return text
	}
	var runes []rune
	for at := &end[0]; at.before != nil; at = at.before {
		runes = append(runes, at.emitted)
	}
	slices.Reverse(runes)
	return string(runes)
}

// lookahead is what may come next at one place of a text, behind each character that its states end with.
type lookahead struct {
	model      *languageModel
	candidates []candidate // for each arc
	last       []rune
	followers  [][]follower // for each of last, then for each arc
}

// reset looks at the arcs of a place.
func (o *lookahead) reset(arcs []arc, model *languageModel) {
	o.model, o.candidates, o.last = model, o.candidates[:0], o.last[:0]
	for _, a := range arcs {
		o.candidates = append(o.candidates, model.candidate(a.r))
	}
}

// behind are the followers of r.
func (o *lookahead) behind(r rune) []follower {
	i := slices.Index(o.last, r)
	if i < 0 {
		i = len(o.last)
		o.last = append(o.last, r)
		if i == len(o.followers) {
			o.followers = append(o.followers, nil)
		}
		o.followers[i] = o.model.followers(o.followers[i][:0], r, o.candidates)
	}
	return o.followers[i]
}

// step reads one arc after s: c is its character, and behind that behind s.r.
func (s *state) step(a arc, c candidate, behind follower, model *languageModel) state {
	switch {
	case a.r == ' ': // a blank between syllables parts nothing
		return state{q: s.q, r: s.r, pair: s.pair, cost: s.cost, emitted: a.r, before: s}
	case !isHan(a.r):
		return state{pair: beginning, cost: s.cost + a.cost, emitted: a.r, before: s}
	}
	return state{q: s.r, r: a.r, pair: behind.pair, cost: s.cost + a.cost + model.cost(s.pair, c, behind), emitted: a.r, before: s}
}

// keep adds next to the states of one place where it is one of the cheapest; of two that have read the same runes
// only the cheaper one is kept.
func keep(place []state, next state) []state {
	same := slices.IndexFunc(place, func(s state) bool { return s.q == next.q && s.r == next.r })
	switch {
	case same >= 0 && place[same].cost <= next.cost:
		return place
	case same >= 0:
		place = slices.Delete(place, same, same+1)
	case len(place) == beam && place[beam-1].cost <= next.cost:
		return place
	case len(place) == beam:
		place = place[:beam-1]
	}
	at := len(place)
	for at > 0 && place[at-1].cost > next.cost {
		at--
	}
	return slices.Insert(place, at, next)
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
