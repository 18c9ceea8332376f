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
// guide's text, and a cost for every character that was not typed. It is safe for concurrent use.
type Speller struct {
	count      map[rune]int
	pair       map[[2]rune]int
	bySyllable map[string][]rune // syllable → the guide's characters that are read so, commonest first
	words      map[string]bool   // the guide's Latin words, which are no pinyin
	pinyin     *Pinyin
	background Background      // everyday words, which are no misspellings
	stopWords  map[string]bool // words without meaning, which nothing is mended to

	model func() *languageModel // for pinyin; made when it is first typed
}

// maxReadings is how many characters of one syllable are considered.
const maxReadings = 24

// NewSpeller learns from folded texts; stopWords are words without meaning.
func NewSpeller(t *Tables, stopWords, texts []string) *Speller {
	s := &Speller{pinyin: t.Pinyin, background: t.Background, stopWords: map[string]bool{}, count: map[rune]int{}, pair: map[[2]rune]int{}, bySyllable: map[string][]rune{}, words: map[string]bool{}}
	for _, word := range stopWords {
		s.stopWords[word] = true
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
			s.bySyllable[syllable] = append(s.bySyllable[syllable], r)
		}
	}
	s.model = sync.OnceValue(func() *languageModel { return newLanguageModel(t.Background, texts) })
	for syllable, runes := range s.bySyllable {
		slices.SortFunc(runes, func(a, b rune) int { return cmp.Or(cmp.Compare(s.count[b], s.count[a]), cmp.Compare(a, b)) })
		s.bySyllable[syllable] = runes[:min(len(runes), maxReadings)]
	}
	return s
}

// Correct returns folded text with its pinyin read and its homophones mended. Text that needs neither comes back as it is.
func (s *Speller) Correct(text string) string {
	arcs := s.arcs(text)
	if arcs == nil {
		return text
	}
	return joinHan(arcs.decode(text, s.model()))
}

// arcs lists the ways to read each place of text; nil when there is nothing to mend.
func (s *Speller) arcs(text string) lattice {
	var arcs lattice
	ensure := func() {
		if arcs == nil {
			arcs = make(lattice, len(text))
			asTyped := make([]arc, len(text))
			for i := range text {
				r, size := utf8.DecodeRuneInString(text[i:]) // an invalid byte has the size 1
				asTyped[i] = arc{end: i + size, r: r}
				arcs[i] = asTyped[i : i+1 : i+1]
			}
		}
	}
	mostlyPinyin := s.isMostlyPinyin(text)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case isWordByte(r):
			end := i
			for end < len(text) && isLetter(text[end]) {
				end++
			}
			if end > i && (mostlyPinyin || !s.words[text[i:end]]) && s.isPinyin(text[i:end]) {
				ensure()
				s.addPinyin(text, i, end, arcs)
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

// isMostlyPinyin reports whether a text is so much pinyin that even the guide's own Latin words are meant as
// such: guides quote how customers spell.
func (s *Speller) isMostlyPinyin(text string) bool {
	spelt := 0
	var units [64]Unit // most texts have fewer
	for _, u := range Units(units[:0], text) {
		if u.Kind == Latin && s.isPinyin(text[u.Start:u.End]) {
			spelt++
		}
	}
	return spelt >= minPinyinWords
}

// minPinyinWords is how many words in pinyin make a text one in pinyin.
const minPinyinWords = 2

// maxSyllable is that of zhuang and its like.
const maxSyllable = 6

// isPinyin reports whether letters can be cut into syllables of the guide.
func (s *Speller) isPinyin(letters string) bool {
	if len(letters) < 2 {
		return false
	}
	reach := make([]bool, len(letters)+1)
	reach[0] = true
	for i := range letters {
		if !reach[i] {
			continue
		}
		for n := 1; n <= maxSyllable && i+n <= len(letters); n++ {
			if len(s.bySyllable[letters[i:i+n]]) > 0 {
				reach[i+n] = true
			}
		}
	}
	return reach[len(letters)]
}

// addPinyin replaces the arcs of text[start:end] by those of its syllables.
func (s *Speller) addPinyin(text string, start, end int, arcs lattice) {
	for i := start; i < end; i++ {
		arcs[i] = nil
		for n := 1; n <= maxSyllable && i+n <= end; n++ {
			for _, r := range s.bySyllable[text[i:i+n]] {
				arcs[i] = append(arcs[i], arc{end: i + n, r: r})
			}
		}
	}
}

// homophoneCost is the cost of a homophone that was not typed, in nats.
const homophoneCost = 4.5

// minPairCount is how often the guide must have a pair for a homophone to be mended to it.
const minPairCount = 2

// homophones are the characters that may have been meant by the r at text[i]: with its neighbours it
// must make no pair that the guide or everyday Chinese knows, and the other character must make one.
func (s *Speller) homophones(text string, i int, r rune, size int) []arc {
	left, before := utf8.DecodeLastRuneInString(text[:i])
	right, after := utf8.DecodeRuneInString(text[i+size:])
	if s.pair[[2]rune{left, r}] > 0 || s.pair[[2]rune{r, right}] > 0 ||
		s.background.Knows(text[i-before:i+size]) || s.background.Knows(text[i:i+size+after]) {
		return nil
	}
	var out []arc
	if readings := s.pinyin.Readings(r); len(readings) > 0 {
		for _, other := range s.bySyllable[readings[0]] {
			known := s.pair[[2]rune{left, other}] >= minPairCount || s.pair[[2]rune{other, right}] >= minPairCount
			if known && other != r && !s.stopWords[string(other)] {
				out = append(out, arc{end: i + size, r: other, cost: homophoneCost})
			}
		}
	}
	return out
}
