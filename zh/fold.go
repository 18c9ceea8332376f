// Package zh knows Chinese text: it folds width, case and script, reads numerals, names days, splits
// text into units and tokens, finds words of a lexicon, and reads pinyin. It knows nothing of guides,
// tickets or channels.
package zh

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/longbridgeapp/opencc"
	"golang.org/x/text/unicode/norm"
)

// The block of unified ideographs.
const (
	firstHan, lastHan = 0x4e00, 0x9fff
	numHan            = lastHan - firstHan + 1
)

func isHan(r rune) bool { return firstHan <= r && r <= lastHan }

// simplified.txt holds the simplified form of each character of the block, in order, rowRunes a line:
// OpenCC's table from traditional to simplified (Apache-2.0), applied until nothing changes.
// go test ./zh -run TestSimplifiedTable -update writes it.
//
//go:embed simplified.txt
var simplifiedTable string

const (
	rowRunes = 64
	hanBytes = 3 // of a character of the block in UTF-8
)

// simplified looks r up in OpenCC's table.
func simplified(r rune) rune {
	if !isHan(r) {
		return r
	}
	i := int(r - firstHan)
	i = i*hanBytes + i/rowRunes
	b := simplifiedTable[i : i+hanBytes]
	return rune(b[0]&0x0f)<<12 | rune(b[1]&0x3f)<<6 | rune(b[2]&0x3f)
}

// Simplify returns the simplified form of r, which is r itself for all that is not traditional. Unlike
// OpenCC it writes 账 for 帐, which people use for one another in 账号 and 到账.
func Simplify(r rune) rune {
	if r = simplified(r); r == '帐' {
		return '账'
	}
	return r
}

// FoldWidth returns the ASCII form of a full-width letter, digit, sign or blank, and any other r itself.
func FoldWidth(r rune) rune {
	switch {
	case '！' <= r && r <= '～':
		return r - '！' + '!'
	case r == '\u3000':
		return ' '
	}
	return r
}

// IsInvisible reports characters that leave a text looking the same: zero width, direction marks,
// soft hyphens, variation selectors, key caps and combining marks.
func IsInvisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r == 0x3164, r == 0xfeff, r == 0xffa0:
		return true
	}
	return 0x300 <= r && r <= 0x36f || 0x180b <= r && r <= 0x180f || 0x200b <= r && r <= 0x200f ||
		0x202a <= r && r <= 0x202e || 0x2060 <= r && r <= 0x206f || 0x20d0 <= r && r <= 0x20f0 ||
		0xfe00 <= r && r <= 0xfe0f || 0xe0000 <= r && r <= 0xe01ef
}

// FoldLight folds what does not matter for patterns over a text, character by character: width,
// script, dashes, blanks (but not line breaks) and circled digits; invisible characters vanish. Case
// and everything else stay, so that what is cut out of the result can be kept as the customer wrote it.
func FoldLight(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < utf8.RuneSelf && r != '\t':
			return r
		case isHan(r):
			return Simplify(r)
		case IsInvisible(r):
			return -1
		case r == '\t' || r == '\u00a0':
			return ' '
		case '\u2010' <= r && r <= '\u2015' || r == '\u2212':
			return '-'
		case '①' <= r && r <= '⑨':
			return r - '①' + '1'
		}
		return FoldWidth(r)
	}, s)
}

// Fold turns the many ways to write one text into one, for search: full-width into half-width, upper
// case into lower, traditional into simplified, whatever else NFKC knows; invisible characters vanish,
// and every run of space becomes one blank. Invalid UTF-8 becomes a blank. It leaves 帐 alone, which
// is the lexicon's business: everyday word counts tell it from 账.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := true // no blank at the beginning
	for _, r := range norm.NFKC.String(s) {
		switch {
		case isHan(r):
			r = simplified(r)
		case r > ' ' && r < utf8.RuneSelf-1: // printable
			r = unicode.ToLower(r)
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar:
			if !blank {
				b.WriteByte(' ')
			}
			blank = true
			continue
		default:
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
		blank = false
	}
	// What stood between two runes may be gone, so that they compose now: Hangul around a joiner does.
	return norm.NFKC.String(strings.TrimSuffix(b.String(), " "))
}

// ToTraditional returns a function that writes simplified Chinese in the traditional script, word by
// word. The tables are read when it is first called; what cannot be converted stays as it is. It is
// safe for concurrent use.
func ToTraditional() func(text string) string {
	load := sync.OnceValues(func() (*opencc.OpenCC, error) { return opencc.New("s2t") })
	return func(text string) string {
		cc, err := load()
		if err != nil {
			return text
		}
		if out, err := cc.Convert(text); err == nil {
			return out
		}
		return text
	}
}
