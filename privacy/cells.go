package privacy

import (
	"unicode/utf8"

	"github.com/yingda/yingda/zh"
)

// cell is one visible character: what it means to the rules, and the bytes lo to hi of the text that
// it came from, together with the invisible characters behind it.
type cell struct {
	r      rune // lower case, half width, simplified
	lo, hi int32
	digit  int8 // 0 to 9, or -1
}

func (c cell) isDigit() bool { return c.digit != zh.NoDigit }

// mayHoldSecret reports whether text has three digits of any script, or a word that a password without
// digits could follow; without either there is nothing to mask.
func mayHoldSecret(text string) bool {
	digits := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case '0' <= c && c <= '9':
				digits++
			case (c|0x20) == 'p' && i < len(text) && startsPassword(text[i]):
				return true
			}
		} else {
			r, size := utf8.DecodeRuneInString(text[i:])
			i += size
			if r == '密' || r == '令' || 'Ａ' <= r && r <= 'ｚ' || zh.IsInvisible(r) {
				return true
			}
			if zh.Digit(r) != zh.NoDigit {
				digits++
			}
		}
		if digits >= 3 {
			return true
		}
	}
	return false
}

// startsPassword reports whether c may follow the p of "password", "pwd" and "pin".
func startsPassword(c byte) bool {
	c |= 0x20
	return c == 'a' || c == 'w' || c == 'i' || c >= 0x80
}

// foldCells reads text into cells and leaves out what cannot be seen.
func foldCells(cells []cell, text string) []cell {
	if len(text) > 2*cap(cells) {
		cells = make([]cell, 0, utf8.RuneCountInString(text))
	}
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		lo := i
		i += size
		if r >= utf8.RuneSelf {
			if zh.IsInvisible(r) {
				if n := len(cells); n > 0 {
					cells[n-1].hi = int32(i)
				}
				continue
			}
			r = zh.FoldWidth(r)
		}
		c := cell{r: r, lo: int32(lo), hi: int32(i), digit: zh.NoDigit}
		switch {
		case '0' <= r && r <= '9':
			c.digit = int8(r - '0')
		case 'A' <= r && r <= 'Z':
			c.r += 'a' - 'A'
		case r >= utf8.RuneSelf:
			c.digit = int8(zh.Digit(r))
			c.r = foldRune(r)
		}
		cells = append(cells, c)
	}
	return cells
}

// foldRune folds script, and what looks like the X of a resident id.
func foldRune(r rune) rune {
	switch r {
	case '×', 'Х', 'х', 'Χ', 'χ', '✕', '✖', '叉':
		return 'x'
	}
	return zh.Simplify(r)
}

func isLatin(r rune) bool { return 'a' <= r && r <= 'z' }
