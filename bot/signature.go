package bot

import (
	"slices"
	"strings"
	"unicode"
)

// signature tells which characters a text may have: each sets one of its bits, which it shares with others. It is a cheap
// look before a search: where a text lacks a bit, it has no word, of whole characters, that has it.
type signature uint64

// signatureOf is the signature of all characters of text.
func signatureOf(text string) (s signature) {
	for _, r := range text {
		s |= signatureBit(r)
	}
	return s
}

// hanSignatureOf is the signature of the Chinese characters of text, which no case changes: what is searched for in
// upper and lower case alike.
func hanSignatureOf(text string) (s signature) {
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			s |= signatureBit(r)
		}
	}
	return s
}

// signatureBit spreads characters that stand side by side in Unicode over the 64 bits.
func signatureBit(r rune) signature {
	const golden = 0x9E3779B97F4A7C15
	return 1 << (uint64(r) * golden >> 58)
}

// mayHold tells whether a text of this signature may have a word of that one; false is certain.
func (s signature) mayHold(word signature) bool { return word&^s == 0 }

// mayHoldAny tells the same of any of words.
func (s signature) mayHoldAny(words []signature) bool { return slices.ContainsFunc(words, s.mayHold) }

// signatures are those of words.
func signatures(words []string, of func(string) signature) []signature {
	out := make([]signature, len(words))
	for i, word := range words {
		out[i] = of(word)
	}
	return out
}

// wordList is words that are taken out of texts, the long ones first, so that a short one does not break them.
type wordList struct {
	words []string
	marks []signature
}

func newWordList(words []string) wordList {
	words = byLength(words)
	return wordList{words, signatures(words, signatureOf)}
}

// removeFrom is removeAll of the words.
func (l wordList) removeFrom(text string) string {
	chars := signatureOf(text)
	for i, mark := range l.marks {
		if chars.mayHold(mark) {
			text = strings.ReplaceAll(text, l.words[i], "")
		}
	}
	return text
}
