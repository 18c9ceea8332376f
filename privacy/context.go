package privacy

import (
	"slices"
	"strings"
)

// labelContext is the word that says most about a number.
type labelContext struct {
	class    labelClass
	adjacent bool // nothing but connectors and punctuation stands between the two
	linked   bool // a copula, colon or equals sign stands between
	distance int  // other characters and words between
}

// How far a word reaches.
const (
	maxContextTokens = 16
	maxContextWords  = 8
)

// hasAdjacent reports whether the word directly beside the number has the class.
func (b labelContext) hasAdjacent(c labelClass) bool { return b.adjacent && b.class == c }

// isField reports whether the word belongs to a number that must survive.
func (b labelContext) isField() bool { return b.class == recordField || b.class == shortField }

// context is the nearest word before the number in tokens[from:to], else the one behind that is said
// to be it. An earlier number is a wall: a word before it is that number's.
func (s *scanner) context(from, to int) labelContext {
	b := s.labelBefore(from)
	if b.adjacent {
		return b
	}
	if a := s.labelAfter(to); a.class != noClass && (a.adjacent || b.class == noClass) {
		return a
	}
	return b
}

func (s *scanner) labelBefore(i int) labelContext {
	b := labelContext{adjacent: true}
	for j := i - 1; j >= 0 && j >= i-maxContextTokens; j-- {
		switch t := &s.tokens[j]; t.kind {
		case label:
			if b.class = t.class; s.describesPrevious(j) {
				return labelContext{}
			}
			return b
		case connector:
			b.linked = b.linked || t.class == copula
		case separator:
			if t.flags&sepStop != 0 {
				return labelContext{}
			}
			b.linked = b.linked || t.flags&sepEquals != 0
		case number:
			width := t.hi - t.lo
			if b.distance == 0 && width >= cardMin && width == s.tokens[i].hi-s.tokens[i].lo {
				continue // a list: what the word says of one it says of the next
			}
			if width >= 3 || j == i-1 {
				return labelContext{}
			}
			b.distance++
			b.adjacent = false
		case consumed, stars:
			return labelContext{}
		default:
			b.adjacent = false
			if b.distance++; b.distance > maxContextWords {
				return labelContext{}
			}
		}
	}
	return labelContext{}
}

// describesPrevious reports whether the label at token j was said of the number before it: 123456是验证码.
func (s *scanner) describesPrevious(j int) bool {
	linked := false
	for k := j - 1; k >= 0 && k >= j-4; k-- {
		switch t := &s.tokens[k]; t.kind {
		case connector:
			linked = linked || t.class == copula
		case number, consumed:
			return linked
		default:
			return false
		}
	}
	return false
}

func (s *scanner) labelAfter(i int) labelContext {
	b := labelContext{adjacent: true}
	apart := false // by a comma: 123，这是验证码
	for j := i; j < len(s.tokens) && j < i+maxContextTokens/2; j++ {
		switch t := &s.tokens[j]; t.kind {
		case label:
			b.class = t.class
			if apart && !b.linked || (apart || !b.linked) && s.hasNumberBehind(j) {
				return labelContext{}
			}
			return b
		case connector:
			b.linked = b.linked || t.class == copula
		case separator:
			if t.flags&(sepStop|sepEquals) != 0 || s.contains(t, '\n') || s.contains(t, '、') {
				return labelContext{}
			}
			apart = apart || s.contains(t, ',')
		case other:
			b.adjacent = false
			if b.distance++; b.distance > maxContextWords || !b.linked {
				return labelContext{}
			}
		default:
			return labelContext{}
		}
	}
	return labelContext{}
}

// hasNumberBehind reports whether the label at token j has a number of its own behind it.
func (s *scanner) hasNumberBehind(j int) bool {
	for k := j + 1; k < len(s.tokens) && k < j+6; k++ {
		switch t := &s.tokens[k]; t.kind {
		case number, consumed, stars:
			return true
		case other:
			return isLatin(s.cells[t.lo].r) // a password or a serial
		}
	}
	return false
}

// contains reports whether the character stands in the token.
func (s *scanner) contains(t *token, r rune) bool {
	return slices.ContainsFunc(s.cells[t.lo:min(t.hi, t.lo+4)], func(c cell) bool { return c.r == r })
}

// hasLabelBefore reports whether a word of the classes stands shortly before token i in the same sentence.
func (s *scanner) hasLabelBefore(i int, want ...labelClass) bool {
	for j := i - 1; j >= 0 && j >= i-maxContextTokens; j-- {
		t := &s.tokens[j]
		if t.kind == separator && t.flags&sepStop != 0 {
			return false
		}
		if t.kind == label && slices.Contains(want, t.class) {
			return true
		}
	}
	return false
}

// isCounted reports whether a unit stands behind a number: years, yuan, minutes.
func (s *scanner) isCounted(to int) bool {
	return to < len(s.tokens) && strings.ContainsRune("年月日元块次位个秒分时小天万千百%人台笔家条号点", s.cells[s.tokens[to].lo].r)
}

// followsLetters reports whether token i hangs at letters that no rule knows.
func (s *scanner) followsLetters(i int) bool {
	return i > 0 && s.tokens[i-1].kind == other && isLatin(s.cells[s.tokens[i].lo-1].r)
}

// isSerialTail reports whether token i is the tail of something like a serial: letters that no rule
// knows hang at it.
func (s *scanner) isSerialTail(i int, g grade) bool {
	return s.followsLetters(i) && (g != gradeStrong || i > 1 && s.tokens[i-2].kind == number)
}
