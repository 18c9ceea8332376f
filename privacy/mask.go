// Package privacy keeps what must not be kept out of storage, indexes, logs and channels: it masks
// card numbers, resident ids, telephone numbers and secret codes in what people write, and seals the
// one contact that an agent needs.
package privacy

// Masker masks secrets in text. It holds only its dictionary, so one Masker serves any number of
// goroutines.
type Masker struct {
	labels dictionary
}

// NewMasker makes a Masker.
func NewMasker() *Masker {
	return &Masker{labels: newDictionary(labelWords())}
}

// Mask hides every secret in text. Masking a masked text changes nothing; text that is valid UTF-8
// stays so. The cost is linear in the text's length; text without secrets is returned as it is.
func (m *Masker) Mask(text string) Masked {
	if !mayHoldSecret(text) {
		return Masked{Text: text}
	}
	out := Masked{Text: text}
	for range maxPasses {
		if !m.maskOnce(&out) {
			break
		}
	}
	return out
}

// maxPasses bounds the work. What a first pass hid may change how its neighbours read, so it is
// followed by another, until there is nothing more to hide: that is nearly always the second.
const maxPasses = 8

// maskOnce hides what it finds in a text and reports whether there was anything.
func (m *Masker) maskOnce(out *Masked) bool {
	// Both buffers hold an ordinary message and stay on the stack.
	var cellBuf [160]cell
	var tokenBuf [96]token
	var hits []hit
	s := scanner{labels: &m.labels, cells: foldCells(cellBuf[:0], out.Text), hits: &hits}
	s.tokens = s.tokenize(tokenBuf[:0])
	s.skipMasked()
	for i := 0; i < len(s.tokens); i++ {
		switch t := s.tokens[i]; {
		case t.kind == label && t.class == password:
			s.detectPassword(i)
		case t.kind == number:
			s.detectNumber(i)
		}
	}
	if len(hits) == 0 {
		return false
	}
	s.redact(out, hits)
	return true
}

// detectNumber hides the secret that begins at the number token i, if there is one.
func (s *scanner) detectNumber(i int) {
	if s.tokens[i].hi-s.tokens[i].lo > cardMax {
		s.detectGluedCard(i)
		return
	}
	var r digitRun
	s.collectRun(i, &r)
	if r.k > 0 && !s.detectIdentity(i, &r) && !s.detectCard(i, &r) && !s.detectSpreadCard(i, &r) && !s.detectMobile(i, &r) && !s.detectLandline(i, &r) {
		s.detectCode(i, &r)
	}
}
