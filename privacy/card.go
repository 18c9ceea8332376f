package privacy

import "github.com/yingda/yingda/checkdigit"

// detectCard hides the longest card number that begins at token i.
func (s *scanner) detectCard(i int, r *digitRun) bool {
	for k := r.k - 1; k >= 0; k-- {
		e := &r.ends[k]
		if e.n < cardMin {
			break
		}
		if e.n > cardMax || 3*e.letters > e.n {
			continue
		}
		digits := r.digits[:e.n]
		valid, g := checkdigit.Luhn(digits), gradeIssuer(digits)
		if !valid && (g == gradeNone || e.n < 15) {
			continue
		}
		if s.isCard(s.context(i, e.to), e, digits, valid, g) && !s.isSerialTail(i, g) {
			s.addHit(Card, i, e.to, string(digits))
			return true
		}
	}
	return false
}

// isCard weighs a number against the word beside it. A number that its word claims is kept even when
// it passes the check by chance, unless no such number is that long; a word further off only keeps
// what is hardly a card's. A card's word claims numbers with a mistyped digit too.
func (s *scanner) isCard(b labelContext, e *runEnd, digits []byte, valid bool, g grade) bool {
	if string(digits[:4]) == "8986" { // a SIM card's number
		return false
	}
	switch {
	case b.hasAdjacent(bankCard):
		return valid || g != gradeNone && (e.groups == 1 || e.even)
	case !valid:
		return false
	case b.hasAdjacent(recordField):
		return false
	case b.hasAdjacent(shortField):
		return g == gradeStrong
	case b.class == bankCard:
		return g != gradeNone
	case b.isField():
		return g == gradeStrong && !e.loose && e.hasCardGroups()
	}
	if g == gradeStrong && digits[0] == '6' {
		return !e.loose || e.hasCardGroups()
	}
	return g != gradeNone && !startsWithDate(digits) && !e.loose && e.hasCardGroups()
}

// hasCardGroups reports whether the groups are as people write cards.
func (e *runEnd) hasCardGroups() bool {
	a := e.sizes
	return e.groups == 1 || e.even ||
		a[0] == 6 && e.groups == 2 ||
		a[0] == 4 && a[1] == 6 && e.groups == 3 ||
		a[0] == 4 && (e.groups == 2 || a[1] == 4 && (e.groups == 3 || a[2] == 4 && e.groups == 4))
}

// detectGluedCard hides a card in more digits than a card has, when what is left over is just what people
// write behind it: a code, an expiry date, a mobile number.
func (s *scanner) detectGluedCard(i int) {
	t := s.tokens[i]
	n := int(t.hi - t.lo)
	if n > cardMax+idDigits || t.letters > 0 {
		return
	}
	digits := []byte(s.digitsOf(i))
	if b := s.context(i, i+1); b.adjacent && b.isField() {
		return
	}
	for _, size := range [...]int{16, 19, 17, 18} {
		if size >= n || digits[0] != '6' || gradeIssuer(digits[:size]) != gradeStrong || !checkdigit.Luhn(digits[:size]) {
			continue
		}
		switch rest := digits[size:]; {
		case len(rest) == 3, len(rest) == 4, len(rest) == 7, len(rest) == mobileDigits && rest[0] == '1', isResidentID(rest, false):
			s.addHit(Card, i, i+1, string(digits))
			return
		}
	}
}
