package zh

import (
	"cmp"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Speller reads pinyin and mends homophones with the words of one guide: "zhuan rengong" becomes
// 转人工, 跳马 becomes 跳码 where the guide says so. It is a noisy channel: a bigram model over the
// guide's text, and a price for every character that was not typed. It is safe for concurrent use.
type Speller struct {
	count   map[rune]int
	pair    map[[2]rune]int
	reading map[string][]rune // syllable → the guide's characters that are read so, commonest first
	words   map[string]bool   // the guide's Latin words, which are no pinyin
	pinyin  *Pinyin
	common  Background      // everyday words, which are no misspellings
	filler  map[string]bool // words without meaning, which nothing is mended to

	language func() *language // for pinyin; made when it is first typed
}

// mostReadings is how many characters of one syllable are considered.
const mostReadings = 24

// NewSpeller learns from folded texts; filler are words without meaning.
func NewSpeller(t *Tables, filler, texts []string) *Speller {
	s := &Speller{pinyin: t.Pinyin, common: t.Background, filler: map[string]bool{}, count: map[rune]int{}, pair: map[[2]rune]int{}, reading: map[string][]rune{}, words: map[string]bool{}}
	for _, word := range filler {
		s.filler[word] = true
	}
	for _, text := range texts {
		var last rune
		for _, u := range Units(nil, text) {
			if u.Kind != Han {
				s.words[text[u.Start:u.End]] = true
				last = 0
				continue
			}
			r, _ := utf8.DecodeRuneInString(text[u.Start:])
			s.count[r]++
			if last != 0 {
				s.pair[[2]rune{last, r}]++
			}
			last = r
		}
	}
	for r := range s.count {
		for _, syllable := range t.Pinyin.Readings(r) {
			s.reading[syllable] = append(s.reading[syllable], r)
		}
	}
	s.language = sync.OnceValue(func() *language { return newLanguage(t.Background, texts) })
	for syllable, runes := range s.reading {
		slices.SortFunc(runes, func(a, b rune) int { return cmp.Or(cmp.Compare(s.count[b], s.count[a]), cmp.Compare(a, b)) })
		s.reading[syllable] = runes[:min(len(runes), mostReadings)]
	}
	return s
}

// Mend returns folded text with its pinyin read and its homophones mended. Text that needs neither comes back as it is.
func (s *Speller) Mend(text string) string {
	arcs := s.arcs(text)
	if arcs == nil {
		return text
	}
	return joined(arcs.read(text, s.language()))
}

// arcs lists the ways to read each place of text; nil when there is nothing to mend.
func (s *Speller) arcs(text string) lattice {
	var arcs lattice
	ensure := func() {
		if arcs == nil {
			arcs = make(lattice, len(text))
			for i := range text {
				r, size := utf8.DecodeRuneInString(text[i:]) // an invalid byte has the size 1
				arcs[i] = []arc{{end: i + size, r: r}}
			}
		}
	}
	inPinyin := s.inPinyin(text)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case isWordByte(r):
			end := i
			for end < len(text) && isLetter(text[end]) {
				end++
			}
			if end > i && (inPinyin || !s.words[text[i:end]]) && s.spelt(text[i:end]) {
				ensure()
				s.readPinyin(text, i, end, arcs)
			}
			size = max(end-i, 1)
		case unicode.Is(unicode.Han, r):
			if others := s.homophones(text, i, r, size); len(others) > 0 {
				ensure()
				arcs[i] = append(arcs[i], others...)
			}
		}
		i += size
	}
	return arcs
}

// inPinyin tells whether a text is so much pinyin that even the guide's own Latin words are meant as
// such: guides quote how customers spell.
func (s *Speller) inPinyin(text string) bool {
	spelt := 0
	for _, u := range Units(nil, text) {
		if u.Kind == Latin && s.spelt(text[u.Start:u.End]) {
			spelt++
		}
	}
	return spelt >= manySpelt
}

// manySpelt is how many words in pinyin make a text one in pinyin.
const manySpelt = 2

// longestSyllable is that of zhuang and its like.
const longestSyllable = 6

// spelt tells whether letters can be cut into syllables of the guide.
func (s *Speller) spelt(letters string) bool {
	if len(letters) < 2 {
		return false
	}
	reach := make([]bool, len(letters)+1)
	reach[0] = true
	for i := range letters {
		if !reach[i] {
			continue
		}
		for n := 1; n <= longestSyllable && i+n <= len(letters); n++ {
			if len(s.reading[letters[i:i+n]]) > 0 {
				reach[i+n] = true
			}
		}
	}
	return reach[len(letters)]
}

// readPinyin replaces the arcs of text[start:end] by those of its syllables.
func (s *Speller) readPinyin(text string, start, end int, arcs lattice) {
	for i := start; i < end; i++ {
		arcs[i] = nil
		for n := 1; n <= longestSyllable && i+n <= end; n++ {
			for _, r := range s.reading[text[i:i+n]] {
				arcs[i] = append(arcs[i], arc{end: i + n, r: r})
			}
		}
	}
}

// priceHomophone is the price of a homophone that was not typed, in nats.
const priceHomophone = 4.5

// mendFrom is how often the guide must have a pair for a homophone to be mended to it.
const mendFrom = 2

// homophones are the characters that may have been meant by the r at text[i]: with its neighbours it
// must make no pair that the guide or everyday Chinese knows, and the other character must make one.
func (s *Speller) homophones(text string, i int, r rune, size int) []arc {
	left, before := utf8.DecodeLastRuneInString(text[:i])
	right, after := utf8.DecodeRuneInString(text[i+size:])
	if s.pair[[2]rune{left, r}] > 0 || s.pair[[2]rune{r, right}] > 0 ||
		s.common.Knows(text[i-before:i+size]) || s.common.Knows(text[i:i+size+after]) {
		return nil
	}
	var out []arc
	if readings := s.pinyin.Readings(r); len(readings) > 0 {
		for _, other := range s.reading[readings[0]] {
			known := s.pair[[2]rune{left, other}] >= mendFrom || s.pair[[2]rune{other, right}] >= mendFrom
			if known && other != r && !s.filler[string(other)] {
				out = append(out, arc{end: i + size, r: other, price: priceHomophone})
			}
		}
	}
	return out
}
