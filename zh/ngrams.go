package zh

import (
	"math"
	"slices"

	"github.com/yingda/yingda/flatfile"
)

// ngrams counts a guide's letters, and the pairs and triples that they make, in flat arrays that may lie in a file.
// Letters are the Han units, by numbers. Whatever else parts them: behind it a run of letters begins.
type ngrams struct {
	letters []rune   // by number, in order; at noLetter stands 0
	han     []uint16 // the number of each character of the block
	count   []uint32 // by number; of noLetter, how many runs begin
	total   float64  // letters in all

	// The pairs of first letter a are those from firstPair[a] up to firstPair[a+1], in order of their second letter.
	// One that begins a run makes a pair with noLetter, which makes one with itself before that.
	firstPair []uint32
	second    []uint16
	pairCount []uint32

	// The triples that pair p begins are those from firstTriple[p] up to firstTriple[p+1], in order of their third letter.
	firstTriple []uint32
	third       []uint16
	tripleCount []uint16 // more than fit count as so many
}

// Numbers that are no letter's, and places that are no pair of letters'.
const (
	noLetter      = 0              // what parts letters
	unknownLetter = math.MaxUint16 // a letter that the guide does not have
	beginning     = int32(0)       // the pair of noLetter with itself
	noPair        = int32(-1)      // a pair that the guide does not have
)

// triple is a letter behind the two before it: the numbers of all three, letterBits each, the first one highest.
type triple uint64

const letterBits = 16

// with is the triple of the last two letters of t and another one.
func (t triple) with(letter uint16) triple {
	return t<<letterBits&(1<<(3*letterBits)-1) | triple(letter)
}

// countNgrams counts the letters of runs, which begin behind a 0 each.
func countNgrams(runs []rune) ngrams {
	n := ngrams{letters: []rune{0}}
	triples := n.numberLetters(runs)
	spare := make([]triple, len(triples))
	n.sortByLetter(spare, triples, 0)
	n.sortByLetter(triples, spare, letterBits)
	n.countPairs(triples)
	n.sortByLetter(spare, triples, 2*letterBits)
	n.countTriples(spare)
	n.total = n.sum()
	return n
}

// numberLetters numbers the letters of runs, counts them, and returns each with the two before it.
func (n *ngrams) numberLetters(runs []rune) []triple {
	last := rune(0)
	for _, r := range runs {
		last = max(last, r)
	}
	number := make([]uint16, last+1) // by rune
	for _, r := range runs {
		number[r] = unknownLetter
	}
	number[0] = noLetter
	for r, found := range number {
		switch {
		case found == noLetter:
		case len(n.letters) == unknownLetter: // there are no more numbers: the rest part letters
			number[r] = noLetter
		default:
			number[r] = uint16(len(n.letters))
			n.letters = append(n.letters, rune(r))
		}
	}
	n.count = make([]uint32, len(n.letters))
	n.han = slices.Repeat([]uint16{unknownLetter}, numHan)
	for letter, r := range n.letters {
		if isHan(r) {
			n.han[r-firstHan] = uint16(letter)
		}
	}
	triples := make([]triple, 0, len(runs))
	var t triple
	for _, r := range runs {
		letter := number[r]
		if letter == noLetter {
			t = 0
			continue
		}
		if t == 0 {
			n.count[noLetter]++
		}
		n.count[letter]++
		t = t.with(letter)
		triples = append(triples, t)
	}
	return triples
}

// sortByLetter copies from into to in the order of the letter that begins at a bit, and as they stood where it is the same.
func (n *ngrams) sortByLetter(to, from []triple, bit int) {
	next := make([]int, len(n.letters)+1)
	for _, t := range from {
		next[uint16(t>>bit)+1]++
	}
	for i := range n.letters {
		next[i+1] += next[i]
	}
	for _, t := range from {
		place := &next[uint16(t>>bit)]
		to[*place] = t
		*place++
	}
}

// countPairs counts the last two letters of triples, which are sorted by them.
func (n *ngrams) countPairs(triples []triple) {
	size := 1 + distinct(triples, 1<<(2*letterBits)-1)
	first, second, count := make([]uint32, len(n.letters)+1), make([]uint16, 1, size), make([]uint32, 1, size)
	count[beginning], first[noLetter+1] = n.count[noLetter], 1
	last := uint32(beginning)
	for _, t := range triples {
		if uint32(t) != last {
			last = uint32(t)
			first[last>>letterBits+1]++
			second, count = append(second, uint16(last)), append(count, 0)
		}
		count[len(count)-1]++
	}
	for i := range n.letters {
		first[i+1] += first[i]
	}
	n.firstPair, n.second, n.pairCount = first, second, count
}

// countTriples counts triples, which are sorted, once pairs are counted.
func (n *ngrams) countTriples(triples []triple) {
	size := distinct(triples, math.MaxUint64)
	first, third, count := make([]uint32, len(n.second)+1), make([]uint16, 0, size), make([]uint16, 0, size)
	last, pair := triple(0), uint32(beginning) // pair begins last
	for _, t := range triples {
		if t != last {
			last, pair = t, max(pair, n.firstPair[t>>(2*letterBits)])
			for n.second[pair] != uint16(t>>letterBits) {
				pair++
			}
			first[pair+1]++
			third, count = append(third, uint16(t)), append(count, 0)
		}
		if c := &count[len(count)-1]; *c < math.MaxUint16 {
			*c++
		}
	}
	for p := range n.second {
		first[p+1] += first[p]
	}
	n.firstTriple, n.third, n.tripleCount = first, third, count
}

// distinct is how many different triples there are among sorted ones, by the bits of mask alone.
func distinct(triples []triple, mask triple) int {
	n, last := 0, triple(0)
	for _, t := range triples {
		if t&mask != last {
			last = t & mask
			n++
		}
	}
	return n
}

// sum is how many letters were counted.
func (n *ngrams) sum() float64 {
	total := 0.0
	for i := 1; i < len(n.count); i++ {
		total += float64(n.count[i])
	}
	return total
}

// number is that of a letter, or unknownLetter.
func (n *ngrams) number(r rune) uint16 {
	if isHan(r) {
		return n.han[r-firstHan]
	}
	if i, ok := slices.BinarySearch(n.letters, r); ok {
		return uint16(i)
	}
	return unknownLetter
}

// times is how often there is a letter of that number.
func (n *ngrams) times(letter uint16) float64 {
	if int(letter) >= len(n.count) {
		return 0
	}
	return float64(n.count[letter])
}

// pair is where a with b behind it stands among the pairs, or noPair.
func (n *ngrams) pair(a, b uint16) int32 {
	if int(a) >= len(n.count) {
		return noPair
	}
	from, to := n.firstPair[a], n.firstPair[a+1]
	if i, ok := slices.BinarySearch(n.second[from:to], b); ok {
		return int32(from) + int32(i)
	}
	return noPair
}

// timesPair is how often there is a pair.
func (n *ngrams) timesPair(p int32) float64 {
	if p == noPair {
		return 0
	}
	return float64(n.pairCount[p])
}

// timesTriple is how often c stands behind a pair.
func (n *ngrams) timesTriple(p int32, c uint16) float64 {
	if p == noPair {
		return 0
	}
	from, to := n.firstTriple[p], n.firstTriple[p+1]
	if i, ok := slices.BinarySearch(n.third[from:to], c); ok {
		return float64(n.tripleCount[from+uint32(i)])
	}
	return 0
}

func (n *ngrams) save(b *flatfile.Builder) {
	flatfile.Add(b, "speller/letters", n.letters)
	flatfile.Add(b, "speller/han", n.han)
	flatfile.Add(b, "speller/count", n.count)
	flatfile.Add(b, "speller/firstPair", n.firstPair)
	flatfile.Add(b, "speller/second", n.second)
	flatfile.Add(b, "speller/pairCount", n.pairCount)
	flatfile.Add(b, "speller/firstTriple", n.firstTriple)
	flatfile.Add(b, "speller/third", n.third)
	flatfile.Add(b, "speller/tripleCount", n.tripleCount)
}

func openNgrams(f *flatfile.File) ngrams {
	n := ngrams{
		letters:     flatfile.Slice[rune](f, "speller/letters"),
		han:         flatfile.Slice[uint16](f, "speller/han"),
		count:       flatfile.Slice[uint32](f, "speller/count"),
		firstPair:   flatfile.Slice[uint32](f, "speller/firstPair"),
		second:      flatfile.Slice[uint16](f, "speller/second"),
		pairCount:   flatfile.Slice[uint32](f, "speller/pairCount"),
		firstTriple: flatfile.Slice[uint32](f, "speller/firstTriple"),
		third:       flatfile.Slice[uint16](f, "speller/third"),
		tripleCount: flatfile.Slice[uint16](f, "speller/tripleCount"),
	}
	n.total = n.sum()
	return n
}
