package privacy

// tokenKind is what a token is made of.
type tokenKind uint8

const (
	other  tokenKind = iota // one character, or one Latin word, that no rule knows
	label                   // a word that says what a number is
	joint                   // a link or copula
	gap                     // separators and punctuation
	number                  // digits of one script without a gap
	stars                   // two asterisks and more: something hidden
	done                    // a secret that is dealt with
)

// What a gap may mean.
const (
	joins  = 1 << iota // its characters may stand inside a number
	loose              // …but they rather separate numbers
	equals             // says that the word before is the number behind
	stop               // ends a sentence
)

// token is cells[lo:hi].
type token struct {
	lo, hi  int32
	kind    tokenKind
	class   class // of a label or joint
	gap     uint8
	chinese bool // a number in Chinese numerals
	letters int8 // how many of a number's digits are the letters o, l and i
}

// scan is one text on its way through the rules.
type scan struct {
	words  *dictionary
	cells  []cell
	tokens []token
	hits   []hit
}

// lex cuts the cells into tokens.
func (s *scan) lex(tokens []token) []token {
	for i := 0; i < len(s.cells); {
		t := s.next(i)
		tokens = append(tokens, t)
		i = int(t.hi)
	}
	return tokens
}

// next is the token that begins at cell i.
func (s *scan) next(i int) token {
	c := &s.cells[i]
	numeral := c.digit != noDigit
	if numeral && i+1 < len(s.cells) && s.cells[i+1].digit != noDigit {
		return s.numberAt(i) // no word begins with two digits but 11位 and the like, which at least has them
	}
	if n, cl := s.words.at(s.cells, i); n > 0 {
		t := token{lo: int32(i), hi: int32(i + n), kind: label, class: cl}
		switch cl {
		case link, copula:
			t.kind = joint
		case ordinary:
			t.kind = other
		}
		return t
	}
	switch {
	case numeral:
		return s.numberAt(i)
	case latinCell(c.r):
		return s.latinAt(i)
	case c.r == '*' && i+1 < len(s.cells) && s.cells[i+1].r == '*':
		j := i + 2
		for j < len(s.cells) && s.cells[j].r == '*' {
			j++
		}
		return token{lo: int32(i), hi: int32(j), kind: stars}
	case gapFlags(c.r) != 0:
		return s.gapAt(i)
	}
	return token{lo: int32(i), hi: int32(i + 1), kind: other}
}

// numberAt reads digits of one script. A Chinese numeral that begins a word ends it.
func (s *scan) numberAt(i int) token {
	if !s.chinese(i) {
		return s.latinAt(i)
	}
	j := i + 1
	for j < len(s.cells) && s.cells[j].digit != noDigit && s.chinese(j) {
		if j+1 < len(s.cells) && s.cells[j+1].digit == noDigit {
			if n, _ := s.words.at(s.cells, j); n > 0 {
				break
			}
		}
		j++
	}
	return token{lo: int32(i), hi: int32(j), kind: number, chinese: true}
}

// latinAt reads a number in digits, or a Latin word. Letters that look like digits count as such
// when they hang together with at least as many digits and with no other letter.
func (s *scan) latinAt(i int) token {
	digits, letters, j := 0, 0, i
	for ; j < len(s.cells); j++ {
		c := &s.cells[j]
		if c.digit != noDigit && !s.chinese(j) {
			digits++
			continue
		}
		if c.r != 'o' && c.r != 'l' && c.r != 'i' && c.r != '|' {
			break
		}
		letters++
	}
	alone := (j == len(s.cells) || !latinCell(s.cells[j].r)) && (i == 0 || !latinCell(s.cells[i-1].r))
	if letters > 0 && alone && digits >= letters && letters < 100 {
		return token{lo: int32(i), hi: int32(j), kind: number, letters: int8(letters)}
	}
	isNumber := s.cells[i].digit != noDigit
	for j = i + 1; j < len(s.cells); j++ {
		c := &s.cells[j]
		if isNumber != (c.digit != noDigit && !s.chinese(j)) || !isNumber && !latinCell(c.r) {
			break
		}
	}
	if isNumber {
		return token{lo: int32(i), hi: int32(j), kind: number}
	}
	return token{lo: int32(i), hi: int32(j), kind: other}
}

// chinese reports whether the digit in cell i is a Chinese numeral.
func (s *scan) chinese(i int) bool {
	r := s.cells[i].r
	return r >= 0x4e00 && r <= 0x9fff || r == '〇' || r == '○'
}

func (s *scan) gapAt(i int) token {
	t := token{lo: int32(i), kind: gap, gap: joins}
	j := i
	for ; j < len(s.cells); j++ {
		f := gapFlags(s.cells[j].r)
		if f == 0 || s.cells[j].r == '*' && j > i {
			break
		}
		t.gap |= f &^ joins
		t.gap &= f | ^uint8(joins)
	}
	if j-i > 3 {
		t.gap &^= joins
	}
	t.hi = int32(j)
	return t
}

// gapFlags says what a separator or punctuation mark may mean; 0 for all other characters.
func gapFlags(r rune) uint8 {
	switch r {
	case ' ', '\t', 0xa0, 0x3000, 0x202f, 0x205f, 0x1680, '-', '_', '.', '·', '・', '•', '－', '—', '―', '−', '~', '杠', '‧', '∙':
		return joins
	case ',', '、', '/', '|', '\n', '\r', '+', '\\', '*', '&', '︱':
		return joins | loose
	case '。':
		return joins | loose | stop
	case ':', '=':
		return loose | equals
	case '(', ')', '[', ']', '{', '}', '<', '>', '"', '\'', '“', '”', '‘', '’', '「', '」', '【', '】', '《', '》', '`', '#', '→', '«', '»':
		return loose
	case '!', '?', ';':
		return loose | stop
	}
	if 0x2000 <= r && r <= 0x200a || 0x2010 <= r && r <= 0x2015 {
		return joins
	}
	return 0
}

// settle marks what an earlier masking left, digits around stars or stars alone, as dealt with.
func (s *scan) settle() {
	for i := range s.tokens {
		if s.tokens[i].kind != stars {
			continue
		}
		s.tokens[i].kind = done
		if i == 0 || i+1 == len(s.tokens) {
			continue
		}
		a, b := &s.tokens[i-1], &s.tokens[i+1]
		if a.kind == number && b.kind == number && a.hi-a.lo <= 7 && b.hi-b.lo <= 4 {
			a.kind, b.kind = done, done
		}
	}
}
