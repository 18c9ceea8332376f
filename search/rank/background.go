package rank

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// background.txt holds the words of everyday Chinese that are commoner than 300 in 57.6 million,
// with their counts: an extract of the dictionary of github.com/go-ego/gse v0.80.3 (Apache-2.0).
//
//go:embed background.txt
var backgroundFile string

const (
	backgroundTotal = 57.6e6 // words counted
	backgroundRare  = 150    // the count given to what is not in the file
)

// background knows how common words are outside the guide.
type background map[string]float64 // word, or single rune → information in nats

func newBackground() background {
	counts := make(map[string]float64, 24000)
	runes := make(map[rune]float64, 6000)
	for line := range strings.Lines(backgroundFile) {
		word, num, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.ParseFloat(num, 64)
		if err != nil {
			continue
		}
		if utf8.RuneCountInString(word) > 1 {
			counts[word] = n
		}
		for _, r := range word {
			runes[r] += n
		}
	}
	b := make(background, len(counts)+len(runes))
	for word, n := range counts {
		b[word] = math.Log(backgroundTotal / n)
	}
	for r, n := range runes {
		b[string(r)] = math.Log(backgroundTotal / n)
	}
	return b
}

// information is how much a token says, in nats, to somebody who knows only everyday Chinese.
func (b background) information(token string) float64 {
	if v, ok := b[token]; ok {
		return v
	}
	return math.Log(backgroundTotal / backgroundRare)
}
