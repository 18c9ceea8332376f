package zh

import (
	"strings"
	"unicode"
)

// brailleBlank is a pattern of no dots: it has a width and shows nothing.
const brailleBlank = '\u2800'

// Blank tells whether a text shows nothing: it is empty, or of blanks, controls and invisible characters alone.
func Blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != brailleBlank && !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r) && !IsInvisible(r)
	})
}
