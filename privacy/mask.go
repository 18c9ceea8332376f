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
	Text  string
	Found []Finding // in the order of the text; nil when nothing was hidden
}

// Finding is one secret that was masked. The secret itself can only be had by asking for it: no
// print verb, logger or encoder shows it, not even when the Finding hides in another struct.
type Finding struct {
	Kind       Kind
	Start, End int // bytes of Masked.Text that stand for the secret
	secret     *string
}

// Secret is what was hidden: digits in ASCII without separators for numbers, of mobile numbers without
// the country code; lower case for passwords. It is for sealing; never store, log or send it.
func (f Finding) Secret() string {
	if f.secret == nil {
		return ""
	}
	return *f.secret
}

// String names the kind and the place, never the secret.
func (f Finding) String() string {
	return fmt.Sprintf("%s[%d:%d]", string(f.Kind), f.Start, f.End)
}

// GoString is String, so that %#v does not leak.
func (f Finding) GoString() string { return f.String() }

// Format is String for every verb.
func (f Finding) Format(s fmt.State, _ rune) {
	_, _ = s.Write([]byte(f.String()))
}

// LogValue is String, so that no logger leaks.
func (f Finding) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Mask hides every secret in text. Masking a masked text changes nothing; text that is valid UTF-8
// stays so. The cost is linear in the text's length; text without secrets is returned as it is.
func (m *Masker) Mask(text string) Masked {
	if plain(text) {
		return Masked{Text: text}
	}
	// Both buffers hold an ordinary message and stay on the stack.
	var cellBuf [160]cell
	var tokenBuf [96]token
	s := scan{words: &m.words, cells: fold(cellBuf[:0], text)}
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
	if len(s.hits) == 0 {
		return Masked{Text: text}
	}
	return s.write(text)
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
	s.hits = append(s.hits, h)
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
	s.hits[len(s.hits)-1].hi = hi
}

// write puts the covers in the place of the secrets.
func (s *scan) write(text string) Masked {
	out := Masked{Found: make([]Finding, 0, len(s.hits))}
	var b strings.Builder
	b.Grow(len(text))
	at := 0
	for i := range s.hits {
		h := &s.hits[i]
		b.WriteString(text[at:s.cells[h.lo].lo])
		start := b.Len()
		b.WriteString(h.shown)
		out.Found = append(out.Found, Finding{Kind: h.kind, Start: start, End: b.Len(), secret: &h.secret})
		at = int(s.cells[h.hi-1].hi)
	}
	b.WriteString(text[at:])
	out.Text = b.String()
	return out
}
