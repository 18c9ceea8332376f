package privacy

// beside is the word that says most about a number.
type beside struct {
	class class
	tight bool // nothing but joints and punctuation stands between the two
	equal bool // a copula, colon or equals sign stands between
	words int  // other characters and words between
}

// How far a word reaches.
const (
	reachTokens = 16
	reachWords  = 8
)

// is reports whether the word directly beside the number has the class.
func (b beside) is(c class) bool { return b.tight && b.class == c }

// keeps reports whether the word belongs to a number that must survive.
func (b beside) keeps() bool { return b.class == field || b.class == fixed }

// context is the nearest word before the number in tokens[from:to], else the one behind that is said
// to be it. An earlier number is a wall: a word before it is that number's.
func (s *scan) context(from, to int) beside {
	b := s.before(from)
	if b.tight {
		return b
	}
	if a := s.after(to); a.class != noClass && (a.tight || b.class == noClass) {
		return a
	}
	return b
}

func (s *scan) before(i int) beside {
	b := beside{tight: true}
	for j := i - 1; j >= 0 && j >= i-reachTokens; j-- {
		switch t := &s.tokens[j]; t.kind {
		case label:
			if b.class = t.class; s.owned(j) {
				return beside{}
			}
			return b
		case joint:
			b.equal = b.equal || t.class == copula
		case gap:
			if t.gap&stop != 0 {
				return beside{}
			}
			b.equal = b.equal || t.gap&equals != 0
		case number:
			width := t.hi - t.lo
			if b.words == 0 && width >= cardMin && width == s.tokens[i].hi-s.tokens[i].lo {
				continue // a list: what the word says of one it says of the next
			}
			if width >= 3 || j == i-1 {
				return beside{}
			}
			b.words++
			b.tight = false
		case done, stars:
			return beside{}
		default:
			b.tight = false
			if b.words++; b.words > reachWords {
				return beside{}
			}
		}
	}
	return beside{}
}

// owned reports whether the label at token j was said of the number before it: 123456是验证码.
func (s *scan) owned(j int) bool {
	said := false
	for k := j - 1; k >= 0 && k >= j-4; k-- {
		switch t := &s.tokens[k]; t.kind {
		case joint:
			said = said || t.class == copula
		case number, done:
			return said
		default:
			return false
		}
	}
	return false
}

func (s *scan) after(i int) beside {
	b := beside{tight: true}
	apart := false // by a comma: 123，这是验证码
	for j := i; j < len(s.tokens) && j < i+reachTokens/2; j++ {
		switch t := &s.tokens[j]; t.kind {
		case label:
			b.class = t.class
			if apart && !b.equal || (apart || !b.equal) && s.owns(j) {
				return beside{}
			}
			return b
		case joint:
			b.equal = b.equal || t.class == copula
		case gap:
			if t.gap&(stop|equals) != 0 || s.has(t, '\n') || s.has(t, '、') {
				return beside{}
			}
			apart = apart || s.has(t, ',')
		case other:
			b.tight = false
			if b.words++; b.words > reachWords || !b.equal {
				return beside{}
			}
		default:
			return beside{}
		}
	}
	return beside{}
}

// owns reports whether the label at token j has a number of its own behind it.
func (s *scan) owns(j int) bool {
	for k := j + 1; k < len(s.tokens) && k < j+6; k++ {
		switch t := &s.tokens[k]; t.kind {
		case number, done, stars:
			return true
		case other:
			return latinCell(s.cells[t.lo].r) // a password or a serial
		}
	}
	return false
}

// has reports whether the character stands in the token.
func (s *scan) has(t *token, r rune) bool {
	for _, c := range s.cells[t.lo:min(t.hi, t.lo+4)] {
		if c.r == r {
			return true
		}
	}
	return false
}

// near reports whether a word of the classes stands shortly before token i in the same sentence.
func (s *scan) near(i int, want ...class) bool {
	for j := i - 1; j >= 0 && j >= i-reachTokens; j-- {
		t := &s.tokens[j]
		if t.kind == gap && t.gap&stop != 0 {
			return false
		}
		for _, c := range want {
			if t.kind == label && t.class == c {
				return true
			}
		}
	}
	return false
}
