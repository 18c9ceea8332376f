package zh

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Unit is the smallest piece of folded text that carries meaning: one Han character, one word of
// Latin letters, or one number. Text[Start:End] is the piece.
type Unit struct {
	Start, End int
	Kind       UnitKind
}

// UnitKind tells what a Unit is made of.
type UnitKind uint8

// The kinds of units.
const (
	Han    UnitKind = iota
	Latin           // letters, or letters and digits that belong together: d0, t+1, 4g
	Number          // digits, with a dot or not
)

// Units appends the units of folded text to dst. Blanks and punctuation belong to no unit.
func Units(dst []Unit, text string) []Unit {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case isWordByte(r):
			end := i + 1
			for end < len(text) && (isAlnum(text[end]) || isJoiner(text, end)) {
				end++
			}
			dst = splitWord(dst, text, i, end)
			i = end
			continue
		case isHan(r) || r > unicode.MaxASCII && unicode.IsLetter(r):
			dst = append(dst, Unit{i, i + size, Han})
		}
		i += size
	}
	return dst
}

func isLetter(b byte) bool   { return 'a' <= b && b <= 'z' }
func isDigit(b byte) bool    { return '0' <= b && b <= '9' }
func isAlnum(b byte) bool    { return isLetter(b) || isDigit(b) }
func isWordByte(r rune) bool { return r < utf8.RuneSelf && isAlnum(byte(r)) }

// isJoiner tells whether text[i] joins its neighbours: the dot of 0.6, the plus of t+1.
func isJoiner(text string, i int) bool {
	if i+1 >= len(text) || i == 0 {
		return false
	}
	switch text[i] {
	case '.':
		return isDigit(text[i-1]) && isDigit(text[i+1])
	case '+':
		return (text[i-1] == 't' || text[i-1] == 'd') && isDigit(text[i+1])
	}
	return false
}

// maxMixed is the most bytes of a word in which letters and digits belong together: d0, 4g, t+1.
const maxMixed = 3

// splitWord cuts text[start:end] where letters meet digits, unless it is short enough to be one word.
func splitWord(dst []Unit, text string, start, end int) []Unit {
	for i := start; i < end; {
		j, digit := i+1, isDigit(text[i])
		for j < end && (end-start <= maxMixed || isDigit(text[j]) == digit || text[j] == '.' || text[j] == '+') {
			j++
		}
		kind := Number
		if strings.ContainsFunc(text[i:j], unicode.IsLetter) {
			kind = Latin
		}
		dst = append(dst, Unit{i, j, kind})
		i = j
	}
	return dst
}
