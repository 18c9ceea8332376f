package privacy

import (
	"strings"

	"github.com/yingda/yingda/zh"
)

// detectPassword hides a password with letters behind the word at token i. Passwords of digits alone are
// numbers, with all that numbers may be besides.
func (s *scanner) detectPassword(i int) {
	s.detectPasswordBefore(i)
	linked := false
	j := i + 1
walk:
	for ; j < len(s.tokens) && j <= i+6; j++ {
		switch t := &s.tokens[j]; {
		case t.kind == connector:
			linked = linked || t.class == copula
		case t.kind == separator && t.flags&sepStop == 0:
			linked = linked || t.flags&sepEquals != 0
		default:
			break walk
		}
	}
	if j >= len(s.tokens) || s.tokens[j].kind == consumed || s.tokens[j].kind == separator {
		return
	}
	lo := int(s.tokens[j].lo)
	if s.isRepeatedDigit(lo) {
		s.addCellHit(Password, j, lo, lo+3)
		return
	}
	hi := s.asciiEnd(lo)
	letters, digits, marks := s.countClasses(lo, hi)
	switch {
	case hi-lo < 4, letters+marks == 0, letters+digits == 0:
		return
	case !linked && (digits == 0 || letters == 0 || hi-lo < 5 || s.isTopic(hi)):
		return
	case digits == 0 && marks == 0 && s.tokens[j].kind == label: // the next word, not the password
		return
	}
	s.addCellHit(Password, j, lo, hi)
}

// detectPasswordBefore hides a password that is said to be the word at token i: abc123是密码.
func (s *scanner) detectPasswordBefore(i int) {
	j, linked := i-1, false
	for ; j >= 0 && j >= i-4 && s.tokens[j].kind == connector; j-- {
		linked = linked || s.tokens[j].class == copula
	}
	if j < 0 || !linked {
		return
	}
	hi := int(s.tokens[j].hi)
	from, lo := j+1, hi
	for lo > 0 && s.cells[lo-1].r > ' ' && s.cells[lo-1].r < 0x7f && hi-lo < 64 {
		lo--
	}
	for from > 0 && int(s.tokens[from-1].lo) >= lo {
		from--
	}
	if letters, digits, _ := s.countClasses(lo, hi); hi-lo >= 4 && letters > 0 && digits > 0 && from <= j {
		s.addCellHit(Password, from, int(s.tokens[from].lo), hi)
	}
}

// isRepeatedDigit reports whether a number as it is spoken begins at cell lo: 六个8.
func (s *scanner) isRepeatedDigit(lo int) bool {
	return lo+2 < len(s.cells) && s.cells[lo].digit != zh.NoDigit && s.cells[lo+1].r == '个' && s.cells[lo+2].digit != zh.NoDigit &&
		(lo+3 == len(s.cells) || s.cells[lo+3].digit == zh.NoDigit)
}

// isTopic reports whether the talk goes on about what ends at cell hi, so that it is rather a model than
// a password: 密码 N910Pro 怎么重置.
func (s *scanner) isTopic(hi int) bool {
	for hi < len(s.cells) && s.cells[hi].r == ' ' {
		hi++
	}
	return hi < len(s.cells) && strings.ContainsRune("怎如在机型的能可", s.cells[hi].r)
}

// asciiEnd is the end of the visible ASCII characters from cell lo on, without closing punctuation.
func (s *scanner) asciiEnd(lo int) int {
	hi := lo
	for hi < len(s.cells) && s.cells[hi].r > ' ' && s.cells[hi].r < 0x7f {
		hi++
	}
	for hi > lo && strings.ContainsRune(`.,;:?!)]}>"'-/`, s.cells[hi-1].r) {
		hi--
	}
	return hi
}

// countClasses says what a password may consist of: separators, which dates and lists have too, count as
// nothing.
func (s *scanner) countClasses(lo, hi int) (letters, digits, marks int) {
	for _, c := range s.cells[lo:hi] {
		switch {
		case isLatin(c.r):
			letters++
		case c.digit != zh.NoDigit:
			digits++
		case separatorFlags(c.r)&^sepLoose == 0 || c.r == '_' || c.r == '+' || c.r == '*' || c.r == '&':
			marks++
		}
	}
	return letters, digits, marks
}
