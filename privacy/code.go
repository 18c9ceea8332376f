package privacy

import "strings"

// code hides a number whose word says that it is secret: CVV, expiry, password, one-time code.
func (s *scan) code(i int, r *run) {
	if s.expires(i) {
		return
	}
	e := s.codeEnd(r)
	if e == nil || s.counted(e.to) || hotline(r.digits[:e.n]) {
		return
	}
	b := s.context(i, e.to)
	if b.class == noClass || e.letters > 0 && !b.tight {
		return
	}
	kind, least, most := limits(b.class)
	if e.n < least || e.n > most {
		return
	}
	if b.tight || likely(b, e.n) {
		s.hide(kind, i, e.to, string(r.digits[:e.n]))
	}
}

// limits are the kind of secret that a word asks for, and how many digits it has.
func limits(c class) (kind Kind, least, most int) {
	switch c {
	case cvv:
		return CVV, 3, 4
	case code:
		return Code, 4, 8
	case password:
		return Password, 4, 20
	}
	return "", 1, 0
}

// likely reports whether a number some words away from what it may be has just its length.
func likely(b beside, n int) bool {
	switch b.class {
	case cvv:
		return n == 3 && b.words <= 6
	case code, password:
		return n == 6 || n == 4 && b.equal
	}
	return false
}

// codeEnd is where a code that begins the run ends: at the end of its groups when these are short
// and evenly spaced, else at the first gap.
func (s *scan) codeEnd(r *run) *runEnd {
	k := r.k - 1
	for k > 0 && r.ends[k].loose {
		k--
	}
	last := &r.ends[k]
	if last.groups > 1 && last.even && (last.n == 3 || last.n == 4 || last.n == 6 || last.n == 8) {
		return last
	}
	var first *runEnd
	for k = 0; k < r.k && r.ends[k].groups == 1; k++ {
		first = &r.ends[k]
	}
	return first
}

// counted reports whether a unit stands behind a number: years, yuan, minutes.
func (s *scan) counted(to int) bool {
	if to == len(s.tokens) {
		return false
	}
	switch s.cells[s.tokens[to].lo].r {
	case '年', '月', '日', '元', '块', '次', '位', '个', '秒', '分', '时', '小', '天', '万', '千', '百', '%', '人', '台', '笔', '家', '条', '号', '点':
		return true
	}
	return false
}

// hotline reports public short numbers: banks, carriers, authorities.
func hotline(digits []byte) bool {
	if len(digits) == 10 {
		return string(digits[:3]) == "400" || string(digits[:3]) == "800"
	}
	if len(digits) != 5 && !(len(digits) == 6 && digits[0] == '9' && digits[1] == '5') {
		return false
	}
	switch string(digits[:2]) {
	case "95", "96", "10", "12":
		return len(digits) == 5
	}
	return false
}

// password hides a password with letters behind the word at token i. Passwords of digits alone are
// numbers, with all that numbers may be besides.
func (s *scan) password(i int) {
	s.passwordBefore(i)
	said := false
	j := i + 1
walk:
	for ; j < len(s.tokens) && j <= i+6; j++ {
		switch t := &s.tokens[j]; {
		case t.kind == joint:
			said = said || t.class == copula
		case t.kind == gap && t.gap&stop == 0:
			said = said || t.gap&equals != 0
		default:
			break walk
		}
	}
	if j >= len(s.tokens) || s.tokens[j].kind == done || s.tokens[j].kind == gap {
		return
	}
	lo := int(s.tokens[j].lo)
	if s.repeated(lo) {
		s.hideCells(Password, j, lo, lo+3)
		return
	}
	hi := s.graphic(lo)
	letters, digits, marks := s.count(lo, hi)
	switch {
	case hi-lo < 4, letters+marks == 0, letters+digits == 0:
		return
	case !said && (digits == 0 || letters == 0 || hi-lo < 6):
		return
	case digits == 0 && marks == 0 && s.tokens[j].kind == label: // the next word, not the password
		return
	}
	s.hideCells(Password, j, lo, hi)
}

// passwordBefore hides a password that is said to be the word at token i: abc123是密码.
func (s *scan) passwordBefore(i int) {
	j, said := i-1, false
	for ; j >= 0 && j >= i-4 && s.tokens[j].kind == joint; j-- {
		said = said || s.tokens[j].class == copula
	}
	if j < 0 || !said {
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
	if letters, digits, _ := s.count(lo, hi); hi-lo >= 4 && letters > 0 && digits > 0 && from <= j {
		s.hideCells(Password, from, int(s.tokens[from].lo), hi)
	}
}

// repeated reports whether a number as it is spoken begins at cell lo: 六个8.
func (s *scan) repeated(lo int) bool {
	return lo+2 < len(s.cells) && s.cells[lo].digit != noDigit && s.cells[lo+1].r == '个' && s.cells[lo+2].digit != noDigit &&
		(lo+3 == len(s.cells) || s.cells[lo+3].digit == noDigit)
}

// graphic is the end of the visible ASCII characters from cell lo on, without closing punctuation.
func (s *scan) graphic(lo int) int {
	hi := lo
	for hi < len(s.cells) && s.cells[hi].r > ' ' && s.cells[hi].r < 0x7f {
		hi++
	}
	for hi > lo && strings.ContainsRune(`.,;:?!)]}>"'-/`, s.cells[hi-1].r) {
		hi--
	}
	return hi
}

// count says what a password may consist of: separators, which dates and lists have too, count as
// nothing.
func (s *scan) count(lo, hi int) (letters, digits, marks int) {
	for _, c := range s.cells[lo:hi] {
		switch {
		case latinCell(c.r):
			letters++
		case c.digit != noDigit:
			digits++
		case gapFlags(c.r)&^loose == 0 || c.r == '_' || c.r == '+' || c.r == '*' || c.r == '&':
			marks++
		}
	}
	return letters, digits, marks
}
