package zh

import (
	_ "embed"
	"iter"
	"strings"
)

// pinyin.txt holds the readings of each character of the block, in order, pinyinRunes a line: the commonest first, a
// comma between two, and - for none. It is go-pinyin's table (MIT) without tones, ü as v.
// go test ./zh -run TestPinyinTable -update writes it.
//
//go:embed pinyin.txt
var pinyinTable string

const (
	pinyinRunes = 16
	noReading   = "-"
)

// Pinyin knows how Han characters sound, without tones. It is safe for concurrent use. It is read in place: what is
// made is where the lines are.
type Pinyin struct {
	lines [numHan / pinyinRunes]uint32 // where each line begins in the table
}

// NewPinyin opens the table.
func NewPinyin() *Pinyin {
	p := &Pinyin{}
	at := 0
	for i := range p.lines {
		p.lines[i] = uint32(at)
		at += strings.IndexByte(pinyinTable[at:], '\n') + 1
	}
	return p
}

// Readings are the ways to say r, the commonest first; none when r is no Han character.
func (p *Pinyin) Readings(r rune) []string {
	if !isHan(r) {
		return nil
	}
	place := int(r - firstHan)
	line := pinyinTable[p.lines[place/pinyinRunes]:]
	for range place % pinyinRunes {
		line = line[strings.IndexByte(line, ' ')+1:]
	}
	readings := line[:strings.IndexAny(line, " \n")]
	if readings == noReading {
		return nil
	}
	return strings.Split(readings, ",")
}

// All are the characters that have readings, and these.
func (p *Pinyin) All() iter.Seq2[rune, []string] {
	return func(yield func(rune, []string) bool) {
		for r := rune(firstHan); r <= lastHan; r++ {
			if readings := p.Readings(r); readings != nil && !yield(r, readings) {
				return
			}
		}
	}
}

// syllable is a syllable as a number: 5 bits a letter, so that none of maxSyllable letters is another.
type syllable uint32

const (
	maxSyllable  = 6 // letters: zhuang and its like
	bitsOfLetter = 5
)

// newSyllable is the number of a syllable.
func newSyllable(letters string) syllable {
	var s syllable
	for i := range len(letters) {
		s = s.with(letters[i])
	}
	return s
}

// with is the syllable that has one letter more.
func (s syllable) with(letter byte) syllable { return s<<bitsOfLetter | syllable(letter-'a'+1) }
