package zh

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestNgrams compares the flat counts of random runs with those in maps.
func TestNgrams(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("跳码怎么办转人工é々㡎𣸣鿿一")
	runs := []rune{0}
	for range 10_000 {
		runs = append(runs, append([]rune{0, 0}, alphabet...)[rng.IntN(len(alphabet)+2)])
	}
	counts := map[[3]rune]int{} // of letters as {r}, pairs as {a, b}, triples; those with what parts letters, too
	total := 0
	var before, last rune
	for _, r := range runs {
		if r == 0 {
			before, last = 0, 0
			continue
		}
		if last == 0 {
			counts[[3]rune{}]++
		}
		total++
		counts[[3]rune{-1, -1, r}]++
		counts[[3]rune{-1, last, r}]++
		counts[[3]rune{before, last, r}]++
		before, last = last, r
	}
	n := countNgrams(runs)
	if n.total != float64(total) || n.times(noLetter) != float64(counts[[3]rune{}]) || n.timesPair(beginning) != float64(counts[[3]rune{}]) {
		t.Errorf("%v letters, %v runs and beginnings of %v; want %d and %d", n.total, n.times(noLetter), n.timesPair(beginning), total, counts[[3]rune{}])
	}
	for _, a := range append([]rune("有ü"), append(alphabet, 0)...) {
		for _, b := range append([]rune("有ü"), append(alphabet, 0)...) {
			for _, c := range append([]rune("有ü"), alphabet...) {
				pair := n.pair(n.number(a), n.number(b))
				if got := n.timesTriple(pair, n.number(c)); got != float64(counts[[3]rune{a, b, c}]) {
					t.Fatalf("%q: %v times, want %d", []rune{a, b, c}, got, counts[[3]rune{a, b, c}])
				}
				if got := n.timesPair(n.pair(n.number(b), n.number(c))); got != float64(counts[[3]rune{-1, b, c}]) {
					t.Fatalf("%q: %v times, want %d", []rune{b, c}, got, counts[[3]rune{-1, b, c}])
				}
				if got := n.times(n.number(c)); got != float64(counts[[3]rune{-1, -1, c}]) {
					t.Fatalf("%q: %v times, want %d", c, got, counts[[3]rune{-1, -1, c}])
				}
			}
		}
	}
}

// TestNgramsLimits: what has no room among the numbers is left out, and counts end at the largest.
func TestNgramsLimits(t *testing.T) {
	var runs []rune
	for r := rune(0x20000); r < 0x20000+math.MaxUint16+10; r++ {
		runs = append(runs, r)
	}
	n := countNgrams(runs)
	if len(n.letters) != math.MaxUint16 || n.number(runs[0]) != 1 || n.number(runs[len(runs)-1]) != unknownLetter || n.pair(unknownLetter, 1) != noPair {
		t.Errorf("%d letters, from %d to %d", len(n.letters), n.number(runs[0]), n.number(runs[len(runs)-1]))
	}
	n = countNgrams(slices.Repeat([]rune("跳"), math.MaxUint16+10))
	letter := n.number('跳')
	if pair := n.pair(letter, letter); n.timesPair(pair) != math.MaxUint16+9 || n.timesTriple(pair, letter) != math.MaxUint16 {
		t.Errorf("%v pairs and %v triples", n.timesPair(pair), n.timesTriple(pair, letter))
	}
}
