package telegram

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how many characters a message may have, counted by Length.
const MaxText = 4096

// MaxCaption is how many characters the text under a picture may have.
const MaxCaption = 1024

// Escape makes HTML of plain text.
func Escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// Length counts the characters of plain text as Telegram does: in UTF-16 units.
func Length(text string) int {
	n := 0
	for _, r := range text {
		n += width(r)
	}
	return n
}

// width is how many UTF-16 units a rune takes.
func width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// Split cuts plain text into parts of at most limit characters: behind a paragraph where it can, else
// behind a line, a sentence, a blank, or where it must. White space around the parts is dropped; a text of
// nothing else has none. The parts are escaped, not the whole, so that no entity is ever cut. limit is at least 2.
func Split(text string, limit int) []string {
	var parts []string
	for text = trim(text); text != ""; {
		n := cut(text, limit)
		parts = append(parts, trim(text[:n]))
		text = trim(text[n:])
	}
	return parts
}

func trim(text string) string { return strings.TrimFunc(text, unicode.IsSpace) }

// cut is how many bytes of text go into a part: all when it fits, else up to the best place in the second
// half, or the best place at all.
func cut(text string, limit int) int {
	var best [4]int // by how good the place is: blank, sentence, line, paragraph
	units, half := 0, 0
	previous := rune(0)
	for i, r := range text {
		if units += width(r); units > limit {
			return choose(best, half, i)
		}
		if units <= limit/2 {
			half = i
		}
		end := i + utf8.RuneLen(r)
		if r == utf8.RuneError { // may be a broken byte, of length one
			_, size := utf8.DecodeRuneInString(text[i:])
			end = i + size
		}
		if rank := rankOf(previous, r); rank >= 0 {
			best[rank] = end
		}
		previous = r
	}
	return len(text)
}

// rankOf tells how good a place to cut is behind r; -1 for none.
func rankOf(previous, r rune) int {
	switch {
	case r == '\n' && previous == '\n':
		return 3
	case r == '\n':
		return 2
	case strings.ContainsRune("。！？；…!?;”」』）", r):
		return 1
	case unicode.IsSpace(r) && strings.ContainsRune(".:,", previous):
		return 1
	case unicode.IsSpace(r), strings.ContainsRune("，、：,", r):
		return 0
	}
	return -1
}

// choose is the best place behind half, else at all, else last.
func choose(best [4]int, half, last int) int {
	for _, from := range []int{half, 0} {
		for rank := len(best) - 1; rank >= 0; rank-- {
			if best[rank] > from {
				return best[rank]
			}
		}
	}
	return last
}
