package privacy

// maxRun is the most digits that one look at a number takes.
const maxRun = 24

// run is the digits from a token on, over the gaps that may stand inside a number.
type run struct {
	digits [maxRun]byte
	ends   [maxRun]runEnd
	n, k   int
}

// runEnd is a place where the number may end.
type runEnd struct {
	to      int // the token behind
	n       int // digits so far
	letters int // of them letters
	groups  int // groups so far: digits without a gap
	even    bool
	loose   bool    // a gap inside rather separates numbers
	last    int8    // the last group's size
	sizes   [4]int8 // of the first groups
}

// gather reads the run that begins at token i.
func (s *scan) gather(i int, r *run) {
	e := runEnd{even: true}
	size := int8(0) // of the current group
	for j := i; j < len(s.tokens); j++ {
		t := &s.tokens[j]
		if t.kind == gap && t.gap&joins != 0 {
			if j+1 == len(s.tokens) || s.tokens[j+1].kind != number {
				return
			}
			e.close(size)
			size = 0
			e.loose = e.loose || t.gap&loose != 0
			continue
		}
		width := int(t.hi - t.lo)
		if t.kind != number || r.n+width > maxRun {
			return
		}
		for k := t.lo; k < t.hi; k++ {
			r.digits[r.n] = s.digitAt(k)
			r.n++
		}
		size += int8(width)
		e.letters += int(t.letters)
		e.n, e.to = r.n, j+1
		r.ends[r.k] = e
		r.ends[r.k].close(size)
		r.k++
	}
}

// close ends a group of size digits.
func (e *runEnd) close(size int8) {
	if e.groups < len(e.sizes) {
		e.sizes[e.groups] = size
	}
	if e.groups > 0 && (size > e.sizes[0] || e.last != e.sizes[0]) {
		e.even = false // only the last group may be shorter
	}
	e.last = size
	e.groups++
}

// digitAt is the digit in a cell as ASCII, read from a letter where need be.
func (s *scan) digitAt(k int32) byte {
	c := &s.cells[k]
	switch {
	case c.digit != noDigit:
		return byte(c.digit) + '0'
	case c.r == 'o':
		return '0'
	}
	return '1'
}

// number hides the secret that begins at the number token i, if there is one.
func (s *scan) number(i int) {
	if s.tokens[i].hi-s.tokens[i].lo > cardMax {
		s.glued(i)
		return
	}
	var r run
	s.gather(i, &r)
	if r.k == 0 {
		return
	}
	if s.identity(i, &r) || s.card(i, &r) || s.mobile(i, &r) || s.landline(i, &r) {
		return
	}
	s.code(i, &r)
}

// identity hides resident ids. X, in any case and also as 叉, may stand for the last digit.
func (s *scan) identity(i int, r *run) bool {
	for _, e := range r.ends[:r.k] {
		switch e.n {
		case idDigits - 1:
			to := s.checkX(e.to)
			if to == 0 {
				continue
			}
			digits := append(append(make([]byte, 0, idDigits), r.digits[:e.n]...), 'X')
			if residentID(digits, s.context(i, to).is(resident)) {
				s.hide(Identity, i, to, string(digits))
				return true
			}
		case idDigits:
			if residentID(r.digits[:e.n], false) || residentID(r.digits[:e.n], true) && s.context(i, e.to).is(resident) {
				s.hide(Identity, i, e.to, string(r.digits[:e.n]))
				return true
			}
		case oldIDDigits:
			if oldID(r.digits[:e.n]) && s.context(i, e.to).class == resident {
				s.hide(Identity, i, e.to, string(r.digits[:e.n]))
				return true
			}
		}
	}
	return false
}

// checkX is the token behind an X at token i, perhaps after a gap; 0 when there is none.
func (s *scan) checkX(i int) int {
	for j := i; j < len(s.tokens) && j <= i+1; j++ {
		t := &s.tokens[j]
		if t.hi-t.lo == 1 && s.cells[t.lo].r == 'x' {
			return j + 1
		}
		if t.kind != gap || t.gap&joins == 0 {
			return 0
		}
	}
	return 0
}

// card hides the longest card number that begins at token i.
func (s *scan) card(i int, r *run) bool {
	for k := r.k - 1; k >= 0; k-- {
		e := &r.ends[k]
		if e.n < cardMin {
			break
		}
		if e.n > cardMax || 3*e.letters > e.n {
			continue
		}
		digits := r.digits[:e.n]
		valid, g := luhn(digits), issuer(digits)
		if !valid && (g == foreign || e.n < 15) {
			continue
		}
		if s.isCard(s.context(i, e.to), e, digits, valid, g) && !s.alphanumeric(i, g) {
			s.hide(Card, i, e.to, string(digits))
			return true
		}
	}
	return false
}

// isCard weighs a number against the word beside it. A number that its word claims is kept even when
// it passes the check by chance, unless no such number is that long; a word further off only keeps
// what is hardly a card's. A card's word claims numbers with a mistyped digit too.
func (s *scan) isCard(b beside, e *runEnd, digits []byte, valid bool, g grade) bool {
	if string(digits[:4]) == "8986" { // a SIM card's number
		return false
	}
	switch {
	case b.is(bankCard):
		return valid || g != foreign && (e.groups == 1 || e.even)
	case !valid:
		return false
	case b.is(field):
		return false
	case b.is(fixed):
		return g == strong
	case b.class == bankCard:
		return g != foreign
	case b.keeps():
		return g == strong && !e.loose && e.regular()
	}
	if g == strong && digits[0] == '6' {
		return !e.loose || e.regular()
	}
	return g != foreign && !dated(digits) && !e.loose && e.regular()
}

// regular reports whether the groups are as people write cards.
func (e *runEnd) regular() bool {
	a := e.sizes
	return e.groups == 1 || e.even ||
		a[0] == 6 && e.groups == 2 ||
		a[0] == 4 && a[1] == 6 && e.groups == 3 ||
		a[0] == 4 && (e.groups == 2 || a[1] == 4 && (e.groups == 3 || a[2] == 4 && e.groups == 4))
}

// alphanumeric reports whether token i is the tail of something like a serial: letters that no rule
// knows hang at it.
func (s *scan) alphanumeric(i int, g grade) bool {
	if i == 0 || s.tokens[i-1].kind != other || !latinCell(s.cells[s.tokens[i].lo-1].r) {
		return false
	}
	return g != strong || i > 1 && s.tokens[i-2].kind == number
}

// mobile hides mobile numbers, with their country code when it hangs at them.
func (s *scan) mobile(i int, r *run) bool {
	for _, e := range r.ends[:r.k] {
		skip := e.n - mobileDigits
		if skip < 0 || 2*e.letters > e.n+1 {
			continue
		}
		if skip > 4 {
			return false
		}
		d := r.digits[skip:e.n]
		if skip > 0 && r.endsAt(skip) {
			return false // the country code stands apart
		}
		if d[0] != '1' || d[1] < '3' {
			continue
		}
		prefix := string(r.digits[:skip])
		b := s.context(i, e.to)
		named := b.class == telephone || b.class == ownTelephone
		switch prefix {
		case "", "86", "0086":
		case "0":
			if !named {
				continue
			}
		default:
			continue
		}
		if b.tight && b.keeps() || s.alphanumeric(i, weak) && !named {
			continue
		}
		if !named && (e.loose || !e.likePhone(skip) || e.round(d) || s.follows(i)) {
			continue
		}
		s.hide(Phone, i, e.to, string(r.digits[:e.n]))
		s.hits[len(s.hits)-1].secret = string(d)
		return true
	}
	return false
}

// likePhone reports whether the groups are as people write mobile numbers.
func (e *runEnd) likePhone(skip int) bool {
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

// round reports whether three groups are rather three amounts: 1500 300 8000.
func (e *runEnd) round(d []byte) bool {
	if e.groups != 3 || e.sizes[0] == 3 {
		return false
	}
	one := int(e.sizes[0]) - (e.n - mobileDigits)
	two := one + int(e.sizes[1])
	return d[one-1] == '0' && d[two-1] == '0' && d[len(d)-1] == '0'
}

// endsAt reports whether a group ends behind n digits.
func (r *run) endsAt(n int) bool {
	for _, e := range r.ends[:r.k] {
		if e.n == n {
			return true
		}
	}
	return false
}

// follows reports whether a gap and a longer number stand before token i, of which it may be a part.
func (s *scan) follows(i int) bool {
	if i < 2 || s.tokens[i-1].kind != gap || s.tokens[i-1].gap&joins == 0 || s.tokens[i].hi-s.tokens[i].lo == mobileDigits {
		return false
	}
	t := &s.tokens[i-2]
	return t.kind == number && t.hi-t.lo >= 3 && s.digitAt(t.lo) != '0'
}

// landline hides a landline that the writer calls his own. All others, and service numbers, are
// public: they stand on shop signs and receipts.
func (s *scan) landline(i int, r *run) bool {
	for _, e := range r.ends[:r.k] {
		if e.n < 10 || e.n > 12 || r.digits[0] != '0' || r.digits[1] == '0' || e.loose {
			continue
		}
		if s.context(i, e.to).is(ownTelephone) {
			s.hide(Phone, i, e.to, string(r.digits[:e.n]))
			return true
		}
	}
	return false
}

// glued hides a card in more digits than a card has, when what is left over is just what people
// write behind it: a code, an expiry date, a mobile number.
func (s *scan) glued(i int) {
	t := s.tokens[i]
	n := int(t.hi - t.lo)
	if n > cardMax+idDigits || t.letters > 0 {
		return
	}
	digits := make([]byte, 0, cardMax+idDigits)
	for k := t.lo; k < t.hi; k++ {
		digits = append(digits, s.digitAt(k))
	}
	if b := s.context(i, i+1); b.tight && b.keeps() {
		return
	}
	for _, size := range [...]int{16, 19, 17, 18} {
		if size >= n || digits[0] != '6' || issuer(digits[:size]) != strong || !luhn(digits[:size]) {
			continue
		}
		switch rest := digits[size:]; {
		case len(rest) == 3, len(rest) == 4, len(rest) == 7, len(rest) == mobileDigits && rest[0] == '1', residentID(rest, false):
			s.hide(Card, i, i+1, string(digits))
			return
		}
	}
}
