package privacy

import "github.com/yingda/yingda/zh"

// tokenize cuts the cells into tokens.
func (s *scanner) tokenize(tokens []token) []token {
	for i := 0; i < len(s.cells); {
		t := s.tokenAt(i)
		tokens = append(tokens, t)
		i = int(t.hi)
	}
	return tokens
}

// tokenAt is the token that begins at cell i.
func (s *scanner) tokenAt(i int) token {
	c := &s.cells[i]
	numeral := c.digit != zh.NoDigit
	if numeral && i+1 < len(s.cells) && s.cells[i+1].digit != zh.NoDigit {
		return s.numberAt(i) // no word begins with two digits but 11位 and the like, which at least has them
	}
	if n, cl := s.labels.longestAt(s.cells, i); n > 0 {
		t := token{lo: int32(i), hi: int32(i + n), kind: label, class: cl}
		switch cl {
		case link, copula:
			t.kind = connector
		case ordinaryWord:
			t.kind = other
		}
		return t
	}
	switch {
	case numeral:
		return s.numberAt(i)
	case isLatin(c.r):
		return s.latinAt(i)
	case c.r == '*' && i+1 < len(s.cells) && s.cells[i+1].r == '*':
		j := i + 2
		for j < len(s.cells) && s.cells[j].r == '*' {
			j++
		}
		return token{lo: int32(i), hi: int32(j), kind: stars}
	case separatorFlags(c.r) != 0:
		return s.separatorAt(i)
	}
	return token{lo: int32(i), hi: int32(i + 1), kind: other}
}

// numberAt reads digits of one script. A Chinese numeral that begins a word ends it.
func (s *scanner) numberAt(i int) token {
	if !s.isChineseNumeral(i) {
		return s.latinAt(i)
	}
	j := i + 1
	for j < len(s.cells) && s.cells[j].digit != zh.NoDigit && s.isChineseNumeral(j) {
		if j+1 < len(s.cells) && s.cells[j+1].digit == zh.NoDigit {
			if n, _ := s.labels.longestAt(s.cells, j); n > 0 {
				break
			}
		}
		j++
	}
	return token{lo: int32(i), hi: int32(j), kind: number, chinese: true}
}

// latinAt reads a number in digits, or a Latin word. Letters that look like digits count as such
// when they hang together with at least as many digits and with no other letter.
func (s *scanner) latinAt(i int) token {
	digits, letters, j := 0, 0, i
	for ; j < len(s.cells) && j <= i+maxRun; j++ {
		c := &s.cells[j]
		if c.digit != zh.NoDigit && !s.isChineseNumeral(j) {
			digits++
			continue
		}
		if c.r != 'o' && c.r != 'l' && c.r != 'i' && c.r != '|' {
			break
		}
		letters++
	}
	alone := j <= i+maxRun && (j == len(s.cells) || !isLatin(s.cells[j].r)) && (i == 0 || !isLatin(s.cells[i-1].r))
	if letters > 0 && alone && digits >= letters && !s.barSeparates(i, j) {
		return token{lo: int32(i), hi: int32(j), kind: number, letters: int8(letters)}
	}
	isNumber := s.cells[i].digit != zh.NoDigit
	for j = i + 1; j < len(s.cells); j++ {
		c := &s.cells[j]
		if isNumber != (c.digit != zh.NoDigit && !s.isChineseNumeral(j)) || !isNumber && !isLatin(c.r) {
			break
		}
	}
	if isNumber {
		return token{lo: int32(i), hi: int32(j), kind: number}
	}
	return token{lo: int32(i), hi: int32(j), kind: other}
}

func (s *scanner) separatorAt(i int) token {
	t := token{lo: int32(i), kind: separator, flags: sepJoins}
	j := i
	for ; j < len(s.cells); j++ {
		f := separatorFlags(s.cells[j].r)
		if f == 0 || s.cells[j].r == '*' && j > i {
			break
		}
		t.flags |= f &^ sepJoins
		t.flags &= f | ^uint8(sepJoins)
	}
	if j-i > 3 {
		t.flags &^= sepJoins
	}
	t.hi = int32(j)
	return t
}

// skipMasked marks what an earlier masking left, digits around stars or stars alone, as dealt with.
func (s *scanner) skipMasked() {
	for i := range s.tokens {
		if s.tokens[i].kind != stars {
			continue
		}
		s.tokens[i].kind = consumed
		if i == 0 || i+1 == len(s.tokens) {
			continue
		}
		a, b := &s.tokens[i-1], &s.tokens[i+1]
		if a.kind == number && b.kind == number && a.hi-a.lo <= 7 && b.hi-b.lo <= 4 {
			a.kind, b.kind = consumed, consumed
		}
	}
}
