package privacy

import "slices"

// detectCode hides a number whose word says that it is secret: CVV, expiry, password, one-time code.
func (s *scanner) detectCode(i int, r *digitRun) {
	if s.detectExpiry(i) {
		return
	}
	e := s.codeEnd(r)
	if e == nil || s.isCounted(e.to) || isHotline(r.digits[:e.n]) || s.followsLetters(i) {
		return
	}
	b := s.context(i, e.to)
	if kind, _, _ := codeLength(b.class); kind == "" && !b.isField() {
		if a := s.labelAfter(e.to); a.adjacent { // 手机收到123456，是验证码
			b = a
		}
	}
	if b.class == noClass || e.letters > 0 && !b.adjacent {
		return
	}
	kind, least, most := codeLength(b.class)
	if e.n < least || e.n > most {
		return
	}
	if b.adjacent || hasUsualLength(b, e.n) {
		s.addHit(kind, i, e.to, string(r.digits[:e.n]))
	}
}

// codeLength are the kind of secret that a word asks for, and how many digits it has.
func codeLength(c labelClass) (kind Kind, least, most int) {
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

// hasUsualLength reports whether a number some words away from what it may be has just its length.
func hasUsualLength(b labelContext, n int) bool {
	switch b.class {
	case cvv:
		return n == 3 && b.distance <= 6
	case code, password:
		return n == 6 || n == 4 && b.linked
	}
	return false
}

// codeEnd is where a code that begins the run ends: at the end of its groups when these are short
// and evenly spaced, else at the first gap.
func (s *scanner) codeEnd(r *digitRun) *runEnd {
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

// isHotline reports public short numbers: banks, carriers, authorities.
func isHotline(digits []byte) bool {
	if len(digits) == 10 {
		return string(digits[:3]) == "400" || string(digits[:3]) == "800"
	}
	return len(digits) == 5 && slices.Contains([]string{"95", "96", "10", "12"}, string(digits[:2]))
}
