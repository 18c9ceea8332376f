package privacy

import (
	"strings"

	"github.com/yingda/yingda/zh"
)

// redact puts the covers in the place of the secrets, among what earlier passes found.
func (s *scanner) redact(out *Masked, hits []hit) {
	text, earlier := out.Text, out.Matches
	found := make([]Match, 0, len(earlier)+len(hits))
	var b strings.Builder
	b.Grow(len(text) + len(hits))
	at := 0
	copyTo := func(to int) {
		for len(earlier) > 0 && earlier[0].Start < to {
			f := earlier[0]
			earlier = earlier[1:]
			f.Start, f.End = f.Start-at+b.Len(), f.End-at+b.Len()
			found = append(found, f)
		}
		b.WriteString(text[at:to])
	}
	for i := range hits {
		h := hits[i] // a copy, so that a Match does not keep the rest
		copyTo(int(s.cells[h.lo].lo))
		touches := i > 0 && hits[i-1].hi == h.lo
		if touches && !s.mergesWithCover(h.lo) || !touches && h.lo > 0 && s.mergesWithCover(h.lo-1) {
			b.WriteByte(' ')
		}
		start := b.Len()
		b.WriteString(h.cover)
		found = append(found, Match{Kind: h.kind, Start: start, End: b.Len(), secret: &h.secret})
		at = int(s.cells[h.hi-1].hi)
		if h.hi < len(s.cells) && s.mergesWithCover(h.hi) {
			b.WriteByte(' ')
		}
	}
	copyTo(len(text))
	out.Text, out.Matches = b.String(), found
}

// mergesWithCover reports whether a cover beside cell i would read as one number with it: a cover of Chinese
// numerals is in digits.
func (s *scanner) mergesWithCover(i int) bool {
	switch r := s.cells[i].r; r {
	case 'o', 'l', 'i', '|', '*':
		return true
	default:
		return s.cells[i].digit != zh.NoDigit && !s.isChineseNumeral(i)
	}
}
