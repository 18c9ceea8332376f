package zh

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"sync"
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

// Background knows how common words are in everyday Chinese.
type Background map[string]float64 // word, or single rune → information in nats

// NewBackground reads the list that ships with the program.
func NewBackground() Background {
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
	b := make(Background, len(counts)+len(runes))
	for word, n := range counts {
		b[word] = math.Log(backgroundTotal / n)
	}
	for r, n := range runes {
		b[string(r)] = math.Log(backgroundTotal / n)
	}
	return b
}

// Information is how much a token says, in nats, to somebody who knows only everyday Chinese.
func (b Background) Information(token string) float64 {
	if v, ok := b[token]; ok {
		return v
	}
	return math.Log(backgroundTotal / backgroundRare)
}

// Knows tells whether word is one of the common words of two characters and more.
func (b Background) Knows(word string) bool {
	_, ok := b[word]
	return ok && utf8.RuneCountInString(word) > 1
}

// Tables are what is known of Chinese words and sounds whatever the guide. They take some 20 ms to
// build and do not change: build them once for all guides.
type Tables struct {
	Pinyin     *Pinyin
	Background Background
}

// NewTables builds all tables, at once.
func NewTables() *Tables {
	var t Tables
	var built sync.WaitGroup
	built.Go(func() { t.Pinyin = NewPinyin() })
	t.Background = NewBackground()
	built.Wait()
	return &t
}
