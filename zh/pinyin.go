package zh

import (
	_ "embed"
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
