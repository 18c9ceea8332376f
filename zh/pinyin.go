package zh

import (
	_ "embed"
	"strings"
)

// pinyin.txt holds, a line each, the readings that some characters share, the commonest first, and after a tab these
// characters: go-pinyin's table (MIT) without tones, ü as v.
// go test ./zh -run TestPinyinTable -update writes it.
//
//go:embed pinyin.txt
var pinyinTable string

// Pinyin knows how Han characters sound, without tones. It is safe for concurrent use.
type Pinyin struct {
	readings [][]string                     // by line of the table, from 1; those of 0 are none
	line     [lastHan - firstHan + 1]uint16 // where each character's readings stand
}

// NewPinyin reads the table.
func NewPinyin() *Pinyin {
	p := &Pinyin{readings: [][]string{nil}}
	for line := range strings.Lines(pinyinTable) {
		readings, characters, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		for _, r := range characters {
			p.line[r-firstHan] = uint16(len(p.readings)) //nolint:gosec // the table has fewer lines
		}
		p.readings = append(p.readings, strings.Fields(readings))
	}
	return p
}

// Readings are the ways to say r, the commonest first; none when r is no Han character.
func (p *Pinyin) Readings(r rune) []string {
	if !isHan(r) {
		return nil
	}
	return p.readings[p.line[r-firstHan]]
}
