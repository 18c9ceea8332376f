package privacy

import "slices"

// detectMobile hides mobile numbers, with their country code when it hangs at them.
func (s *scanner) detectMobile(i int, r *digitRun) bool {
	for _, e := range r.ends[:r.k] {
		skip := e.n - mobileDigits
		if skip < 0 || 2*e.letters > e.n+1 {
			continue
		}
		if skip > 4 {
			return false
		}
		d := r.digits[skip:e.n]
		if skip > 0 && slices.ContainsFunc(r.ends[:r.k], func(e runEnd) bool { return e.n == skip }) {
			return false // the country code stands apart
		}
		if d[0] != '1' || d[1] < '3' {
			continue
		}
		prefix := string(r.digits[:skip])
		b := s.context(i, e.to)
		named := b.class == telephone || b.class == ownTelephone
		if prefix == "0" && !named || !slices.Contains([]string{"", "0", "86", "0086"}, prefix) {
			continue
		}
		if b.adjacent && b.isField() || s.isSerialTail(i, gradeWeak) && !named {
			continue
		}
		if !named && (e.loose || !e.hasPhoneGroups(skip) || e.isThreeAmounts(d) || s.continuesNumber(i)) {
			continue
		}
		s.addHit(Phone, i, e.to, string(r.digits[:e.n]))
		(*s.hits)[len(*s.hits)-1].secret = string(d)
		return true
	}
	return false
}

// hasPhoneGroups reports whether the groups are as people write mobile numbers.
func (e *runEnd) hasPhoneGroups(skip int) bool {
	if e.groups == 1 || e.even && e.sizes[0] <= 2 {
		return true
	}
	a := e.sizes
	switch [2]int8{a[0] - int8(skip), a[1]} {
	case [2]int8{3, 4}, [2]int8{4, 3}, [2]int8{3, 8}, [2]int8{7, 4}, [2]int8{3, 3}, [2]int8{5, 6}, [2]int8{4, 4}, [2]int8{3, 5}, [2]int8{5, 3}:
		return true
	}
	return false
}

// isThreeAmounts reports whether three groups are rather three amounts: 1500 300 8000.
func (e *runEnd) isThreeAmounts(d []byte) bool {
	if e.groups != 3 || e.sizes[0] == 3 {
		return false
	}
	one := int(e.sizes[0]) - (e.n - mobileDigits)
	two := one + int(e.sizes[1])
	return d[one-1] == '0' && d[two-1] == '0' && d[len(d)-1] == '0'
}

// continuesNumber reports whether a gap and a longer number stand before token i, of which it may be a part.
func (s *scanner) continuesNumber(i int) bool {
	if i < 2 || s.tokens[i-1].kind != separator || s.tokens[i-1].flags&sepJoins == 0 || s.tokens[i].hi-s.tokens[i].lo == mobileDigits {
		return false
	}
	t := &s.tokens[i-2]
	return t.kind == number && t.hi-t.lo >= 3 && s.asciiDigit(t.lo) != '0'
}

// detectLandline hides a landline that the writer calls his own. All others, and service numbers, are
// public: they stand on shop signs and receipts.
func (s *scanner) detectLandline(i int, r *digitRun) bool {
	for _, e := range r.ends[:r.k] {
		if e.n < 10 || e.n > 12 || r.digits[0] != '0' || r.digits[1] == '0' || e.loose {
			continue
		}
		if s.context(i, e.to).hasAdjacent(ownTelephone) {
			s.addHit(Phone, i, e.to, string(r.digits[:e.n]))
			return true
		}
	}
	return false
}
