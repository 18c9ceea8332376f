package zh

import "math"

// languageModel is a model of what a guide's customers write, character by character: trigrams of the
// guide's text over its pairs, over the pairs of everyday words, over single characters. Each level
// counts as so many imagined occurrences in the one above it.
type languageModel struct {
	ngrams
	everyday Background
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

// candidate is a character that may come next.
type candidate struct {
	r      rune
	number uint16  // in the guide
	p      float64 // how likely it is, whatever stands before it
}

// candidate is a character as the model knows it.
func (l *languageModel) candidate(r rune) candidate {
	number := l.number(r)
	everyday := l.everyday.timesIn(r) / backgroundCharacters
	return candidate{r, number, (l.times(number) + unigramPseudoCount*(everyday+unknownShare)) / (l.total + unigramPseudoCount)}
}

// follower is a candidate behind one character.
type follower struct {
	p    float64 // how likely it is, whatever stands before the two
	pair int32   // where the two stand among the guide's pairs
}

// followers appends to dst what the candidates are behind b; 0 stands for what is no Han character.
func (l *languageModel) followers(dst []follower, b rune, candidates []candidate) []follower {
	number := l.number(b)
	times, followed := l.times(number), l.everyday.timesFollowed(b)/backgroundTotal
	for _, c := range candidates {
		pair := l.pair(number, c.number)
		everyday := l.everyday.timesPair(b, c.r) / backgroundTotal
		p := (everyday + backgroundPseudoShare*c.p) / (followed + backgroundPseudoShare)
		p = (l.timesPair(pair) + bigramPseudoCount*p) / (times + bigramPseudoCount)
		dst = append(dst, follower{p, pair})
	}
	return dst
}

// cost is −log P(c | a, b) in nats: pair is that of a and b, and behind is c behind b.
func (l *languageModel) cost(pair int32, c candidate, behind follower) float64 {
	return -math.Log((l.timesTriple(pair, c.number) + trigramPseudoCount*behind.p) / (l.timesPair(pair) + trigramPseudoCount))
}
