package privacy

import "github.com/yingda/yingda/checkdigit"

// detectSpreadCard hides the longest card number that begins at token i and whose groups stand further apart than
// those of any other number: in quotes or brackets, or with an x, a bar or a word such as 然后 between them. So
// spread, only what is surely a card's number counts. Where the digits that stand together are as many as a card has,
// there is nothing to look for.
func (s *scanner) detectSpreadCard(i int, together *digitRun) bool {
	if together.n >= cardMax {
		return false
	}
	var r digitRun
	s.collectSpread(i, &r)
	for k := r.k - 1; k > 0; k-- {
		e := &r.ends[k]
		if e.n < cardMin {
			break
		}
		if e.n > cardMax || e.letters > 0 || !checkdigit.Luhn(r.digits[:e.n]) {
			continue
		}
		if s.isSpreadCard(s.context(i, e.to), e, gradeIssuer(r.digits[:e.n])) {
			s.addHit(Card, i, e.to, string(r.digits[:e.n]))
			return true
		}
	}
	return false
}

func (s *scanner) isSpreadCard(b labelContext, e *runEnd, g grade) bool {
	switch {
	case b.hasAdjacent(recordField), g == gradeNone:
		return false
	case b.hasAdjacent(bankCard):
		return true
	case g != gradeStrong:
		return false
	case b.isField():
		return e.groups > 2 && e.hasCardGroups()
	}
	return e.groups > 2 || e.hasCardGroups()
}

// collectSpread reads the digits from the number token i on, over whatever may stand between the groups of a card.
func (s *scanner) collectSpread(i int, r *digitRun) {
	e := runEnd{even: true}
	for j := i; j < len(s.tokens) && s.tokens[j].kind == number; j = s.afterJoint(j + 1) {
		t := &s.tokens[j]
		width := int(t.hi - t.lo)
		if r.n+width > maxRun {
			return
		}
		for k := t.lo; k < t.hi; k++ {
			r.digits[r.n] = s.asciiDigit(k)
			r.n++
		}
		e.letters += int(t.letters)
		e.n, e.to = r.n, j+1
		e.closeGroup(int8(width))
		r.ends[r.k] = e
		r.k++
	}
}

// afterJoint is the token behind what may stand between two groups, from token j on; the number of tokens where there is
// more than that.
func (s *scanner) afterJoint(j int) int {
	const maxTokens, maxCells = 5, 8
	for from := j; j < len(s.tokens) && j <= from+maxTokens && s.tokens[j].hi-s.tokens[from].lo <= maxCells; j++ {
		switch t := &s.tokens[j]; {
		case t.kind == number:
			return j
		case t.kind == separator, t.kind == connector:
		case t.kind == other && t.hi-t.lo == 1 && s.cells[t.lo].r == 'x':
		default:
			return len(s.tokens)
		}
	}
	if j < len(s.tokens) && s.tokens[j].kind == number {
		return j
	}
	return len(s.tokens)
}

// barSeparates tells of the bars in cells[i:j], digits and letters like them, whether they part the digits instead of
// being ones: several do, and one behind another.
func (s *scanner) barSeparates(i, j int) bool {
	digits := make([]byte, 0, maxRun)
	bars := 0
	if i > 0 && s.cells[i-1].r == '|' {
		bars++
	}
	for k := i; k < j && len(digits) < maxRun; k++ {
		if s.cells[k].r == '|' {
			bars++
			continue
		}
		digits = append(digits, s.asciiDigit(int32(k)))
	}
	return bars > 1 || bars == 1 && len(digits) >= cardMin && gradeIssuer(digits) == gradeStrong && checkdigit.Luhn(digits)
}
