package privacy

// maxRun is the most digits that one look at a number takes.
const maxRun = 24

// digitRun is the digits from a token on, over the gaps that may stand inside a number.
type digitRun struct {
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

// collectRun reads the run that begins at token i.
func (s *scanner) collectRun(i int, r *digitRun) {
	e := runEnd{even: true}
	size := int8(0) // of the current group
	for j := i; j < len(s.tokens); j++ {
		t := &s.tokens[j]
		if t.kind == separator && t.flags&sepJoins != 0 {
			if j+1 == len(s.tokens) || s.tokens[j+1].kind != number {
				return
			}
			e.closeGroup(size)
			size = 0
			e.loose = e.loose || t.flags&sepLoose != 0
			continue
		}
		width := int(t.hi - t.lo)
		if t.kind != number || r.n+width > maxRun {
			return
		}
		for k := t.lo; k < t.hi; k++ {
			r.digits[r.n] = s.asciiDigit(k)
			r.n++
		}
		size += int8(width)
		e.letters += int(t.letters)
		e.n, e.to = r.n, j+1
		r.ends[r.k] = e
		r.ends[r.k].closeGroup(size)
		r.k++
	}
}

// closeGroup ends a group of size digits.
func (e *runEnd) closeGroup(size int8) {
	if e.groups < len(e.sizes) {
		e.sizes[e.groups] = size
	}
	if e.groups > 0 && (size > e.sizes[0] || e.last != e.sizes[0]) {
		e.even = false // only the last group may be shorter
	}
	e.last = size
	e.groups++
}
