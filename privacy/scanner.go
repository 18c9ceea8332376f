package privacy

import (
	"strings"

	"github.com/yingda/yingda/zh"
)

// scanner is one text on its way through the rules.
type scanner struct {
	labels *dictionary
	cells  []cell
	tokens []token
	hits   *[]hit // a pointer, so that cells and tokens need not leave the stack
}

// tokenKind is what a token is made of.
type tokenKind uint8

const (
	other     tokenKind = iota // one character, or one Latin word, that no rule knows
	label                      // a word that says what a number is
	connector                  // a link or copula
	separator                  // separators and punctuation
	number                     // digits of one script without a gap
	stars                      // two asterisks and more: something hidden
	consumed                   // a secret that is dealt with
)

// What a separator may mean.
const (
	sepJoins  = 1 << iota // its characters may stand inside a number
	sepLoose              // …but they rather separate numbers
	sepEquals             // says that the word before is the number behind
	sepStop               // ends a sentence
)

// token is cells[lo:hi].
type token struct {
	lo, hi  int32
	kind    tokenKind
	class   labelClass // of a label or connector
	flags   uint8
	chinese bool // a number in Chinese numerals
	letters int8 // how many of a number's digits are the letters o, l and i
}

// separatorFlags says what a separator or punctuation mark may mean; 0 for all other characters.
func separatorFlags(r rune) uint8 {
	switch r {
	case ' ', '\t', 0xa0, 0x3000, 0x202f, 0x205f, 0x1680, '-', '_', '.', '·', '・', '•', '－', '—', '―', '−', '~', '杠', '‧', '∙':
		return sepJoins
	case ',', '、', '/', '|', '\n', '\r', '+', '\\', '*', '&', '︱':
		return sepJoins | sepLoose
	case '。':
		return sepJoins | sepLoose | sepStop
	case ':', '=':
		return sepLoose | sepEquals
	case '(', ')', '[', ']', '{', '}', '<', '>', '"', '\'', '“', '”', '‘', '’', '「', '」', '【', '】', '《', '》', '`', '#', '→', '«', '»':
		return sepLoose
	case '!', '?', ';':
		return sepLoose | sepStop
	}
	if 0x2000 <= r && r <= 0x200a || 0x2010 <= r && r <= 0x2015 {
		return sepJoins
	}
	return 0
}

// hit is a secret in cells[lo:hi] and what takes its place.
type hit struct {
	kind   Kind
	lo, hi int
	secret string
	cover  string
}

// addHit records a secret in the tokens from up to to, which no later rule looks at again.
func (s *scanner) addHit(kind Kind, from, to int, secret string) {
	*s.hits = append(*s.hits, hit{kind, int(s.tokens[from].lo), int(s.tokens[to-1].hi), secret, kind.cover(secret)})
	for i := from; i < to; i++ {
		s.tokens[i].kind = consumed
	}
}

// addCellHit records the secret in cells[lo:hi], which begin with token from and may end within a token,
// unless a part of them is dealt with.
func (s *scanner) addCellHit(kind Kind, from, lo, hi int) {
	to := from
	for ; to < len(s.tokens) && int(s.tokens[to].lo) < hi; to++ {
		if s.tokens[to].kind == consumed {
			return
		}
	}
	secret := make([]rune, 0, hi-lo)
	for _, c := range s.cells[lo:hi] {
		secret = append(secret, c.r)
	}
	s.addHit(kind, from, to, string(secret))
	(*s.hits)[len(*s.hits)-1].hi = hi
}

// isChineseNumeral reports whether the digit in cell i is a Chinese numeral.
func (s *scanner) isChineseNumeral(i int) bool {
	r := s.cells[i].r
	return r >= 0x4e00 && r <= 0x9fff || r == '〇' || r == '○'
}

// asciiDigit is the digit in a cell as ASCII, read from a letter where need be.
func (s *scanner) asciiDigit(k int32) byte {
	c := &s.cells[k]
	switch {
	case c.digit != zh.NoDigit:
		return byte(c.digit) + '0'
	case c.r == 'o':
		return '0'
	}
	return '1'
}

// digitsOf are a number token's digits in ASCII.
func (s *scanner) digitsOf(i int) string {
	var b strings.Builder
	for k := s.tokens[i].lo; k < s.tokens[i].hi; k++ {
		b.WriteByte(s.asciiDigit(k))
	}
	return b.String()
}
