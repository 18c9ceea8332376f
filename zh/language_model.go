package zh

import (
	"math"
	"unicode/utf8"
)

// languageModel is a model of what a guide's customers write, character by character: trigrams of the
// guide's text over its pairs, over the pairs of everyday words, over single characters. Each level
// counts as so many imagined occurrences in the one above it.
type languageModel struct {
	unigram map[rune]float64
	total   float64
	bigram  map[[2]rune]float64
	trigram map[[3]rune]float64

	backgroundPair  map[[2]rune]float64 // pairs inside everyday words, in shares of all words
	backgroundFirst map[rune]float64    // Σ of backgroundPair by the first of a pair
	backgroundRune  map[rune]float64    // share of a character in everyday text
}

// How many imagined occurrences each level lends the one above it; found on the golden questions
// written in pinyin.
const (
	unigramPseudoCount    = 200.0
	backgroundPseudoShare = 0.01 // in shares of all words
	bigramPseudoCount     = 100.0
	trigramPseudoCount    = 15.0
	unknownShare          = 1e-7 // share of a character that everyday text does not have
)

// newLanguageModel counts folded texts.
func newLanguageModel(background Background, texts []string) *languageModel {
	l := &languageModel{
		unigram: map[rune]float64{}, bigram: map[[2]rune]float64{}, trigram: map[[3]rune]float64{},
		backgroundPair: map[[2]rune]float64{}, backgroundFirst: map[rune]float64{}, backgroundRune: map[rune]float64{},
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
				l.unigram[0]++
				l.bigram[[2]rune{}]++
			}
			l.unigram[r]++
			l.total++
			l.bigram[[2]rune{last, r}]++
			l.trigram[[3]rune{before, last, r}]++
			before, last = last, r
		}
	}
	characters := 0.0
	for word, information := range background {
		share := math.Exp(-information)
		var last rune
		for _, r := range word {
			if last != 0 {
				l.backgroundPair[[2]rune{last, r}] += share
				l.backgroundFirst[last] += share
			}
			last = r
		}
		if r, size := utf8.DecodeRuneInString(word); size == len(word) {
			l.backgroundRune[r] = share
			characters += share
		}
	}
	for r := range l.backgroundRune { // a word of three characters counted as three
		l.backgroundRune[r] /= characters
	}
	return l
}

// cost is −log P(c | a, b) in nats; 0 stands for what is no Han character.
func (l *languageModel) cost(a, b, c rune) float64 {
	p := (l.unigram[c] + unigramPseudoCount*(l.backgroundRune[c]+unknownShare)) / (l.total + unigramPseudoCount)
	p = (l.backgroundPair[[2]rune{b, c}] + backgroundPseudoShare*p) / (l.backgroundFirst[b] + backgroundPseudoShare)
	pairs, triples := l.unigram[b], l.bigram[[2]rune{a, b}]
	p = (l.bigram[[2]rune{b, c}] + bigramPseudoCount*p) / (pairs + bigramPseudoCount)
	p = (l.trigram[[3]rune{a, b, c}] + trigramPseudoCount*p) / (triples + trigramPseudoCount)
	return -math.Log(p)
}
