package zh

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Words finds the words of a list in text, the longest first. The zero value finds none.
type Words struct {
	group   map[string]int // word → the number of its group
	longest map[rune]int   // first rune of a word → bytes of the longest such word
	first   []uint64       // a bit for the end of each first rune: where it is missing, no word begins
}

// firstBits is how many bits tell first runes apart.
const firstBits = 1 << 11

// NewWords makes a finder. groups[g] are the words of group g; a word in two groups belongs to the first.
func NewWords(groups [][]string) Words {
	w := Words{group: map[string]int{}, longest: map[rune]int{}, first: make([]uint64, firstBits/64)}
	for g, words := range groups {
		for _, word := range words {
			if _, taken := w.group[word]; !taken && word != "" {
				w.group[word] = g
				first, _ := utf8.DecodeRuneInString(word)
				w.longest[first] = max(w.longest[first], len(word))
				w.first[first%firstBits/64] |= 1 << (first % 64)
			}
		}
	}
	return w
}

// MatchAt returns the longest word that begins at text[i], as its end and its group; end is i when there is none.
// A word that begins or ends with a letter or a digit does not match inside a longer run of them.
func (w Words) MatchAt(text string, i int) (end, group int) {
	if i > 0 && isAlnum(text[i]) && isAlnum(text[i-1]) {
		return i, 0
	}
	first, _ := utf8.DecodeRuneInString(text[i:])
	if len(w.first) == 0 || w.first[first%firstBits/64]>>(first%64)&1 == 0 {
		return i, 0
	}
	for end = min(len(text), i+w.longest[first]); end > i; end-- {
		if end < len(text) && (!utf8.RuneStart(text[end]) || isAlnum(text[end]) && isAlnum(text[end-1])) {
			continue
		}
		if g, ok := w.group[text[i:end]]; ok {
			return end, g
		}
	}
	return i, 0
}

// FindAll returns the groups that occur in text, each once, in order of their first word.
func (w Words) FindAll(text string) []int {
	var found []int
	for i := 0; i < len(text); {
		end, g := w.MatchAt(text, i)
		if end == i {
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		if !slices.Contains(found, g) {
			found = append(found, g)
		}
		i = end
	}
	return found
}

// Remove returns text without the words; one that is only a part of a word of kept stays.
func (w Words) Remove(text string, kept Words) string {
	return rewrite(text, func(i int) (int, string, bool) {
		end, _ := w.MatchAt(text, i)
		whole, _ := kept.MatchAt(text, i)
		return max(end, whole), "", end > i && end >= whole
	})
}

// Replace returns text with each word replaced by what its group stands for.
func (w Words) Replace(text string, by func(group int) string) string {
	return rewrite(text, func(i int) (int, string, bool) {
		end, g := w.MatchAt(text, i)
		if end == i {
			return i, "", false
		}
		return end, by(g), true
	})
}

// rewrite returns text with some of its spans replaced. span tells of the one that begins at text[i] where it ends, what
// stands for it, and whether it is replaced at all; an end of i means that none begins there.
func rewrite(text string, span func(i int) (end int, by string, replaced bool)) string {
	var b strings.Builder
	done := 0 // text[:done] is in b
	for i := 0; i < len(text); {
		end, by, replaced := span(i)
		if replaced {
			b.WriteString(text[done:i])
			b.WriteString(by)
			done = end
		}
		if end == i {
			_, size := utf8.DecodeRuneInString(text[i:])
			end += size
		}
		i = end
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}
