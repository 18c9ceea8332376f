package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// LengthFunc counts a text as a host does. The length of a text is the sum of those of its runes;
// utf8.RuneCountInString is one.
type LengthFunc func(text string) int

// ByteLen counts bytes.
func ByteLen(text string) int { return len(text) }

// UTF16Len counts UTF-16 units.
func UTF16Len(text string) int {
	n := 0
	for _, r := range text {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

// SplitText cuts a text into parts of at most limit, as CutText does. A text of white space has no part.
func SplitText(text string, limit int, length LengthFunc) (parts []string) {
	for rest := strings.TrimSpace(text); rest != ""; {
		var part string
		part, rest = CutText(rest, limit, length)
		parts = append(parts, part)
	}
	return parts
}

// CutText is the head of a text, of at most limit, and the rest: cut behind a paragraph where it can, else behind a
// line, a sentence, a clause or a blank, else between two characters. A place in the second half is better than any
// in the first. White space around the cut is dropped. limit is at least the length of the longest rune.
func CutText(text string, limit int, length LengthFunc) (head, rest string) {
	text = strings.TrimSpace(text)
	at := cutIndex(text, limit, length)
	return strings.TrimSpace(text[:at]), strings.TrimSpace(text[at:])
}

// Shorten cuts a text between two characters so that it is at most limit long, with an ellipsis for what is missing.
func Shorten(text string, limit int, length LengthFunc) string {
	const ellipsis = "…"
	if length(text) <= limit {
		return text
	}
	n := length(ellipsis)
	for i, r := range text {
		if n += length(string(r)); n > limit {
			return text[:i] + ellipsis
		}
	}
	return text
}

// cutIndex is how many bytes of a text go into a part of at most limit.
func cutIndex(text string, limit int, length LengthFunc) int {
	var best [4]int // the last place of each rank
	total, half := 0, 0
	previous := rune(0)
	for i, size := 0, 0; i < len(text); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(text[i:])
		if total += length(text[i : i+size]); total > limit {
			return bestCut(best, half, betweenCharacters(text, i))
		}
		if total <= limit/2 {
			half = i
		}
		if rank := cutRank(previous, r); rank >= 0 {
			best[rank] = i + size
		}
		previous = r
	}
	return len(text)
}

// cutRank tells how good a place to cut is behind r: 0 for a clause or a blank to 3 for a paragraph; -1 for none.
func cutRank(previous, r rune) int {
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

// bestCut is the best place behind half, else at all, else last.
func bestCut(best [4]int, half, last int) int {
	for _, from := range []int{half, 0} {
		for rank := len(best) - 1; rank >= 0; rank-- {
			if best[rank] > from {
				return best[rank]
			}
		}
	}
	return last
}

// betweenCharacters is where to cut, at or before at, so that what is drawn as one stays whole, such as 👨‍👩‍👧.
func betweenCharacters(text string, at int) int {
	for cut := at; cut > at/2; {
		next, _ := utf8.DecodeRuneInString(text[cut:])
		last, size := utf8.DecodeLastRuneInString(text[:cut])
		if !joins(next) && last != zeroWidthJoiner {
			return cut
		}
		cut -= size
	}
	return at
}

const zeroWidthJoiner = '\u200d'

// joins tells the runes that belong to the one before them.
func joins(r rune) bool {
	return r == zeroWidthJoiner || unicode.In(r, unicode.Mn, unicode.Me) || r >= 0x1f3fb && r <= 0x1f3ff
}
