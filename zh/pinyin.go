package zh

import (
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// Pinyin knows how Han characters sound, without tones. It is safe for concurrent use.
type Pinyin struct {
	readings [lastHan - firstHan + 1][]string
}

// NewPinyin takes go-pinyin's table apart once; its own functions build and run a pattern for every character.
func NewPinyin() *Pinyin {
	p := new(Pinyin)
	plain := strings.NewReplacer(
		"ā", "a", "á", "a", "ǎ", "a", "à", "a", "ē", "e", "é", "e", "ě", "e", "è", "e",
		"ī", "i", "í", "i", "ǐ", "i", "ì", "i", "ō", "o", "ó", "o", "ǒ", "o", "ò", "o",
		"ū", "u", "ú", "u", "ǔ", "u", "ù", "u", "ǖ", "v", "ǘ", "v", "ǚ", "v", "ǜ", "v", "ü", "v",
		"ń", "n", "ň", "n", "ǹ", "n", "ḿ", "m", "ế", "e", "ề", "e", "ê̄", "e", "ê̌", "e",
	)
	shared := map[string]string{} // some 400 syllables, each kept once
	for r := rune(firstHan); r <= lastHan; r++ {
		for toned := range strings.SplitSeq(pinyin.PinyinDict[int(r)], ",") {
			s, ok := shared[toned]
			if !ok {
				s = plain.Replace(toned)
				shared[strings.Clone(toned)] = s
			}
			if i := r - firstHan; s != "" && !slices.Contains(p.readings[i], s) {
				p.readings[i] = append(p.readings[i], s)
			}
		}
	}
	return p
}

// Readings are the ways to say r, the commonest first; none when r is no Han character.
func (p *Pinyin) Readings(r rune) []string {
	if r < firstHan || r > lastHan {
		return nil
	}
	return p.readings[r-firstHan]
}
