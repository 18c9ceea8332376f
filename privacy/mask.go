// Package privacy keeps what must not be kept out of storage, indexes, logs and channels: it masks
// card numbers, resident ids, telephone numbers and secret codes in what people write, and seals the
// one contact that an agent needs.
package privacy

import (
	"fmt"
	"log/slog"
	"strings"
)

// Masker masks secrets in text. It holds only its dictionary, so one Masker serves any number of
// goroutines.
type Masker struct {
	words dictionary
}

// NewMasker makes a Masker.
func NewMasker() *Masker {
	return &Masker{words: newDictionary(vocabulary())}
}

// Masked is a text without its secrets.
type Masked struct {
	Text    string
	Matches []Match // in the order of the text; nil when nothing was hidden
}

// Match is one secret that was masked. The secret itself can only be had by asking for it: no
// print verb, logger or encoder shows it, not even when the Match hides in another struct.
type Match struct {
	Kind       Kind
	Start, End int // bytes of Masked.Text that stand for the secret
	secret     *string
}

// Secret is what was hidden: digits in ASCII without separators for numbers, of mobile numbers without
// the country code; lower case for passwords. It is for sealing; never store, log or send it.
func (f Match) Secret() string {
	if f.secret == nil {
		return ""
	}
	return *f.secret
}

// String names the kind and the place, never the secret.
func (f Match) String() string {
	return fmt.Sprintf("%s[%d:%d]", string(f.Kind), f.Start, f.End)
}

// GoString is String, so that %#v does not leak.
func (f Match) GoString() string { return f.String() }

// Format is String for every verb.
func (f Match) Format(s fmt.State, _ rune) {
	_, _ = s.Write([]byte(f.String()))
}

// LogValue is String, so that no logger leaks.
func (f Match) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Mask hides every secret in text. Masking a masked text changes nothing; text that is valid UTF-8
// stays so. The cost is linear in the text's length; text without secrets is returned as it is.
func (m *Masker) Mask(text string) Masked {
	if plain(text) {
		return Masked{Text: text}
	}
	out := Masked{Text: text}
	for range mostPasses {
		if !m.pass(&out) {
			break
		}
	}
	return out
}

// mostPasses bounds the work. What a first pass hid may change how its neighbours read, so it is
// followed by another, until there is nothing more to hide: that is nearly always the second.
const mostPasses = 8

// pass hides what it finds in a text and reports whether there was anything.
func (m *Masker) pass(out *Masked) bool {
	// Both buffers hold an ordinary message and stay on the stack.
	var cellBuf [160]cell
	var tokenBuf [96]token
	var hits []hit
	s := scan{words: &m.words, cells: fold(cellBuf[:0], out.Text), hits: &hits}
	s.tokens = s.lex(tokenBuf[:0])
	s.settle()
	for i := 0; i < len(s.tokens); i++ {
		switch t := s.tokens[i]; {
		case t.kind == label && t.class == password:
			s.password(i)
		case t.kind == number:
			s.number(i)
		}
	}
	if len(hits) == 0 {
		return false
	}
	s.write(out, hits)
	return true
}

// hit is a secret in cells[lo:hi] and what takes its place.
type hit struct {
	kind   Kind
	lo, hi int
	secret string
	shown  string
}

// hide records a secret in the tokens from up to to, which no later rule looks at again.
func (s *scan) hide(kind Kind, from, to int, secret string) {
	h := hit{kind: kind, lo: int(s.tokens[from].lo), hi: int(s.tokens[to-1].hi), secret: secret}
	h.shown = kind.cover(secret)
	*s.hits = append(*s.hits, h)
	for i := from; i < to; i++ {
		s.tokens[i].kind = done
	}
}

// hideCells hides cells[lo:hi], which begin with token from and may end within a token, unless a part
// of them is dealt with.
func (s *scan) hideCells(kind Kind, from, lo, hi int) {
	to := from
	for ; to < len(s.tokens) && int(s.tokens[to].lo) < hi; to++ {
		if s.tokens[to].kind == done {
			return
		}
	}
	secret := make([]rune, 0, hi-lo)
	for _, c := range s.cells[lo:hi] {
		secret = append(secret, c.r)
	}
	s.hide(kind, from, to, string(secret))
	(*s.hits)[len(*s.hits)-1].hi = hi
}

// write puts the covers in the place of the secrets, among what earlier passes found.
func (s *scan) write(out *Masked, hits []hit) {
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
		h := hits[i] // a copy, so that a Finding does not keep the rest
		copyTo(int(s.cells[h.lo].lo))
		touches := i > 0 && hits[i-1].hi == h.lo
		if touches && !s.merges(h.lo) || !touches && h.lo > 0 && s.merges(h.lo-1) {
			b.WriteByte(' ')
		}
		start := b.Len()
		b.WriteString(h.shown)
		found = append(found, Match{Kind: h.kind, Start: start, End: b.Len(), secret: &h.secret})
		at = int(s.cells[h.hi-1].hi)
		if h.hi < len(s.cells) && s.merges(h.hi) {
			b.WriteByte(' ')
		}
	}
	copyTo(len(text))
	out.Text, out.Matches = b.String(), found
}

// merges reports whether a cover beside cell i would read as one number with it: a cover of Chinese
// numerals is in digits.
func (s *scan) merges(i int) bool {
	switch r := s.cells[i].r; r {
	case 'o', 'l', 'i', '|', '*':
		return true
	default:
		return s.cells[i].digit != noDigit && !s.chinese(i)
	}
}
