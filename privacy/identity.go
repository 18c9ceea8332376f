package privacy

// detectIdentity hides resident ids. X, in any case and also as 叉, may stand for the last digit.
func (s *scanner) detectIdentity(i int, r *digitRun) bool {
	for _, e := range r.ends[:r.k] {
		switch e.n {
		case idDigits - 1:
			to := s.checkDigitX(e.to)
			if to == 0 {
				continue
			}
			digits := append(append(make([]byte, 0, idDigits), r.digits[:e.n]...), 'X')
			if isResidentID(digits, s.context(i, to).hasAdjacent(resident)) {
				s.addHit(Identity, i, to, string(digits))
				return true
			}
		case idDigits:
			if isResidentID(r.digits[:e.n], false) || isResidentID(r.digits[:e.n], true) && s.context(i, e.to).hasAdjacent(resident) {
				s.addHit(Identity, i, e.to, string(r.digits[:e.n]))
				return true
			}
		case oldIDDigits:
			if isOldResidentID(r.digits[:e.n]) && s.context(i, e.to).class == resident {
				s.addHit(Identity, i, e.to, string(r.digits[:e.n]))
				return true
			}
		}
	}
	return false
}

// checkDigitX is the token behind an X at token i, perhaps after a gap; 0 when there is none.
func (s *scanner) checkDigitX(i int) int {
	for j := i; j < len(s.tokens) && j <= i+1; j++ {
		t := &s.tokens[j]
		if t.hi-t.lo == 1 && s.cells[t.lo].r == 'x' {
			return j + 1
		}
		if t.kind != separator || t.flags&sepJoins == 0 {
			return 0
		}
	}
	return 0
}
