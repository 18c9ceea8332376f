package zh

import (
	"bytes"
	"cmp"
	"iter"
	"maps"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/flatfile"
)

// Speller reads pinyin and mends homophones with the words of one guide: "zhuan rengong" becomes
// 转人工, 跳马 becomes 跳码 where the guide says so. It is a noisy channel: a language model over the
// guide's text, and a cost for every character that was not typed. It is safe for concurrent use.
type Speller struct {
	model     languageModel
	pinyin    *Pinyin
	stopWords map[string]bool // words without meaning, which nothing is mended to
	latin     []byte          // the guide's Latin words that could be pinyin and are none, a line each, the first one empty

	// The guide's characters that are read as syllables[i], commonest first, are readings from firstReading[i] up to
	// firstReading[i+1].
	syllables    []syllable // sorted
	firstReading []uint32
	readings     []rune
}

// maxReadings is how many characters of one syllable are considered.
const maxReadings = 24

// NewSpeller learns from folded texts; stopWords are words without meaning.
func NewSpeller(t *Tables, stopWords, texts []string) *Speller {
	s := emptySpeller(t, stopWords)
	runs, words := readUnits(texts)
	s.model.ngrams = countNgrams(runs)
	s.learnReadings()
	s.latin = []byte{'\n'}
	for _, word := range slices.Sorted(maps.Keys(words)) {
		if s.isPinyin(word) {
			s.latin = append(append(s.latin, word...), '\n')
		}
	}
	return s
}

// emptySpeller has learnt nothing yet.
func emptySpeller(t *Tables, stopWords []string) *Speller {
	s := &Speller{model: languageModel{everyday: t.Background}, pinyin: t.Pinyin, stopWords: map[string]bool{}}
	for _, word := range stopWords {
		s.stopWords[word] = true
	}
	return s
}

// readUnits takes texts apart: runs are their letters, behind a 0 where a run of them begins, and words the others.
func readUnits(texts []string) (runs []rune, words map[string]bool) {
	words = map[string]bool{}
	size := 0
	for _, text := range texts {
		size += 1 + len(text)/hanBytes
	}
	runs = make([]rune, 0, size)
	var units []Unit
	for _, text := range texts {
		runs = append(runs, 0)
		units = Units(units[:0], text)
		for _, u := range units {
			if u.Kind != Han {
				words[text[u.Start:u.End]] = true
				runs = append(runs, 0)
				continue
			}
			r, _ := utf8.DecodeRuneInString(text[u.Start:])
			runs = append(runs, r)
		}
	}
	return runs, words
}

// reading is a character of the guide, by its number, as one of its syllables.
type reading struct {
	syllable syllable
	letter   int
}

// learnReadings finds the readings of the guide's characters.
func (s *Speller) learnReadings() {
	var all []reading
	for letter, r := range s.model.letters {
		for _, read := range s.pinyin.Readings(r) {
			all = append(all, reading{newSyllable(read), letter})
		}
	}
	count := s.model.count
	slices.SortFunc(all, func(a, b reading) int {
		return cmp.Or(cmp.Compare(a.syllable, b.syllable), cmp.Compare(count[b.letter], count[a.letter]), cmp.Compare(a.letter, b.letter))
	})
	for i, r := range all {
		if i == 0 || r.syllable != all[i-1].syllable {
			s.syllables, s.firstReading = append(s.syllables, r.syllable), append(s.firstReading, uint32(len(s.readings)))
		}
		if last := len(s.firstReading) - 1; len(s.readings)-int(s.firstReading[last]) < maxReadings {
			s.readings = append(s.readings, s.model.letters[r.letter])
		}
	}
	s.firstReading = append(s.firstReading, uint32(len(s.readings)))
}

// Save adds what the speller has learnt to a file.
func (s *Speller) Save(b *flatfile.Builder) {
	s.model.save(b)
	flatfile.Add(b, "speller/latin", s.latin)
	flatfile.Add(b, "speller/syllables", s.syllables)
	flatfile.Add(b, "speller/firstReading", s.firstReading)
	flatfile.Add(b, "speller/readings", s.readings)
}

// OpenSpeller is the speller that was saved in a file, and lies in it. What the file lacks is told by its Err; then the
// speller is none.
func OpenSpeller(t *Tables, stopWords []string, f *flatfile.File) *Speller {
	s := emptySpeller(t, stopWords)
	s.model.ngrams = openNgrams(f)
	s.latin = flatfile.Slice[byte](f, "speller/latin")
	s.syllables = flatfile.Slice[syllable](f, "speller/syllables")
	s.firstReading = flatfile.Slice[uint32](f, "speller/firstReading")
	s.readings = flatfile.Slice[rune](f, "speller/readings")
	return s
}

// Correct returns folded text with its pinyin read and its homophones mended. Text that needs neither comes back as it is.
func (s *Speller) Correct(text string) string {
	arcs := s.arcs(text)
	if arcs == nil {
		return text
	}
	return joinHan(arcs.decode(text, &s.model))
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
			if end > i && s.isPinyin(text[i:end]) && (mostlyPinyin || !s.hasLatin(text[i:end])) {
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

// hasLatin reports whether letters are one of the guide's own words.
func (s *Speller) hasLatin(letters string) bool {
	return bytes.Contains(s.latin, []byte("\n"+letters+"\n"))
}

// isPinyin reports whether letters can be cut into syllables of the guide.
func (s *Speller) isPinyin(letters string) bool {
	if len(letters) < 2 {
		return false
	}
	reach := make([]bool, len(letters)+1)
	reach[0] = true
	for i := range letters {
		if reach[i] {
			for size := range s.syllablesAt(letters[i:]) {
				reach[i+size] = true
			}
		}
	}
	return reach[len(letters)]
}

// addPinyin replaces the arcs of text[start:end] by those of its syllables.
func (s *Speller) addPinyin(text string, start, end int, arcs lattice) {
	for i := start; i < end; i++ {
		arcs[i] = nil
		for size, readings := range s.syllablesAt(text[i:end]) {
			for _, r := range readings {
				arcs[i] = append(arcs[i], arc{end: i + size, r: r})
			}
		}
	}
}

// syllablesAt are the syllables of the guide that text begins with, shortest first: their sizes, and the characters
// that are read so.
func (s *Speller) syllablesAt(text string) iter.Seq2[int, []rune] {
	return func(yield func(int, []rune) bool) {
		var code syllable
		for i := range min(len(text), maxSyllable) {
			if !isLetter(text[i]) {
				return
			}
			code = code.with(text[i])
			if readings := s.readAs(code); readings != nil && !yield(i+1, readings) {
				return
			}
		}
	}
}

// readAs are the guide's characters that are read as a syllable.
func (s *Speller) readAs(code syllable) []rune {
	i, ok := slices.BinarySearch(s.syllables, code)
	if !ok {
		return nil
	}
	return s.readings[s.firstReading[i]:s.firstReading[i+1]]
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
	if s.timesPair(left, r) > 0 || s.timesPair(r, right) > 0 ||
		s.model.everyday.Knows(text[i-before:i+size]) || s.model.everyday.Knows(text[i:i+size+after]) {
		return nil
	}
	var out []arc
	if readings := s.pinyin.Readings(r); len(readings) > 0 {
		for _, other := range s.readAs(newSyllable(readings[0])) {
			known := s.timesPair(left, other) >= minPairCount || s.timesPair(other, right) >= minPairCount
			if known && other != r && !s.stopWords[string(other)] {
				out = append(out, arc{end: i + size, r: other, cost: homophoneCost})
			}
		}
	}
	return out
}

// timesPair is how often the guide has a with b behind it.
func (s *Speller) timesPair(a, b rune) float64 {
	return s.model.timesPair(s.model.pair(s.model.number(a), s.model.number(b)))
}
