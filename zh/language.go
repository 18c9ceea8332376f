package zh

import (
	"math"
	"unicode/utf8"
)

// language is a model of what a guide's customers write, character by character: trigrams of the
// guide's text over its pairs, over the pairs of everyday words, over single characters. Each level
// counts as so many imagined occurrences in the one above it.
type language struct {
	single map[rune]float64
	total  float64
	pair   map[[2]rune]float64
	triple map[[3]rune]float64

	everyday map[[2]rune]float64 // pairs inside everyday words, in shares of all words
	opens    map[rune]float64    // Σ of everyday by the first of a pair
	rarity   map[rune]float64    // share of a character in everyday text
}

// How many imagined occurrences each level lends the one above it; found on the golden questions
// written in pinyin.
const (
	lentSingle   = 200.0
	lentEveryday = 0.01 // in shares of all words
	lentPair     = 100.0
	lentTriple   = 15.0
	lentUnknown  = 1e-7 // share of a character that everyday text does not have
)

// newLanguage counts folded texts.
func newLanguage(everyday Background, texts []string) *language {
	l := &language{
		single: map[rune]float64{}, pair: map[[2]rune]float64{}, triple: map[[3]rune]float64{},
		everyday: map[[2]rune]float64{}, opens: map[rune]float64{}, rarity: map[rune]float64{},
	}
	for _, text := range texts {
		var before, last rune
		for _, u := range Units(nil, text) {
			if u.Kind != Han {
				before, last = 0, 0
				continue
			}
			r, _ := utf8.DecodeRuneInString(text[u.Start:])
			if last == 0 { // a beginning, which pairs and triples count like a character
				l.single[0]++
				l.pair[[2]rune{}]++
			}
			l.single[r]++
			l.total++
			l.pair[[2]rune{last, r}]++
			l.triple[[3]rune{before, last, r}]++
			before, last = last, r
		}
	}
	characters := 0.0
	for word, information := range everyday {
		share := math.Exp(-information)
		var last rune
		for _, r := range word {
			if last != 0 {
				l.everyday[[2]rune{last, r}] += share
				l.opens[last] += share
			}
			last = r
		}
		if r, size := utf8.DecodeRuneInString(word); size == len(word) {
			l.rarity[r] = share
			characters += share
		}
	}
	for r := range l.rarity { // a word of three characters counted as three
		l.rarity[r] /= characters
	}
	return l
}

// cost is −log P(c | a, b) in nats; 0 stands for what is no Han character.
func (l *language) cost(a, b, c rune) float64 {
	p := (l.single[c] + lentSingle*(l.rarity[c]+lentUnknown)) / (l.total + lentSingle)
	p = (l.everyday[[2]rune{b, c}] + lentEveryday*p) / (l.opens[b] + lentEveryday)
	pairs, triples := l.single[b], l.pair[[2]rune{a, b}]
	p = (l.pair[[2]rune{b, c}] + lentPair*p) / (pairs + lentPair)
	p = (l.triple[[3]rune{a, b, c}] + lentTriple*p) / (triples + lentTriple)
	return -math.Log(p)
}
