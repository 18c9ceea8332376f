package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// containsAny tells whether text has any of parts.
func containsAny(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(text, p) })
}

func hasAnyPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

func hasAnySuffix(s string, suffixes []string) bool {
	return slices.ContainsFunc(suffixes, func(p string) bool { return strings.HasSuffix(s, p) })
}

// removeAll takes words, long ones first, out of s.
func removeAll(s string, words []string) string {
	for _, w := range words {
		s = strings.ReplaceAll(s, w, "")
	}
	return s
}

// byLength puts long words first, so that a short one does not break them.
func byLength(words []string) []string {
	out := slices.Clone(words)
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// anyOf is a pattern that matches any of words, the longest first, in a group that does not capture;
// it matches nothing when there are none.
func anyOf(words []string) string {
	quoted := make([]string, 0, len(words))
	for _, w := range byLength(words) {
		quoted = append(quoted, regexp.QuoteMeta(w))
	}
	if len(quoted) == 0 {
		return `[^\x{0}-\x{10FFFF}]`
	}
	return "(?:" + strings.Join(quoted, "|") + ")"
}

// charsOf is the inside of a character class of the characters of s.
func charsOf(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(regexp.QuoteMeta(string(r)))
	}
	return b.String()
}

// group is a submatch, "" where it took no part.
func group(s string, m []int, i int) string {
	if 2*i+1 >= len(m) || m[2*i] < 0 {
		return ""
	}
	return s[m[2*i]:m[2*i+1]]
}

// isWordy tells whether a text has a letter or a digit.
func isWordy(text string) bool { return strings.ContainsFunc(text, isWordRune) }

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// charactersOf is the set of the characters of words.
func charactersOf(words []string) map[rune]bool {
	set := map[rune]bool{}
	for _, word := range words {
		for _, r := range word {
			set[r] = true
		}
	}
	return set
}

// oneLine joins what blanks and line breaks part.
func oneLine(text string) string {
	var line strings.Builder
	line.Grow(len(text))
	for word := range strings.FieldsSeq(text) {
		if line.Len() > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(word)
	}
	return line.String()
}

// cutRunes is the beginning of a text, at most n runes.
func cutRunes(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

// paragraphs joins what is not empty.
func paragraphs(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "\n")
}

// fill puts values into a sentence: pairs of a name in braces and what stands for it.
func fill(sentence string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		sentence = strings.ReplaceAll(sentence, "{"+pairs[i]+"}", pairs[i+1])
	}
	return sentence
}

// numberRuns are the runs of letters and digits that have a digit, each group for itself first and
// then joined with its neighbours over blanks and dashes: places in s. What is left of a masked number
// (622202******0128) is none.
func numberRuns(s string) [][2]int {
	var single, joined [][2]int
	for _, at := range alnumRuns.FindAllStringIndex(s, -1) {
		from, to := at[0], at[1]
		masked := from > 0 && s[from-1] == '*' || to < len(s) && s[to] == '*'
		if masked || countDigits(s[from:to]) == 0 {
			continue
		}
		if n := len(single); n > 0 && strings.Trim(s[single[n-1][1]:from], " -") == "" {
			joined[len(joined)-1][1] = to
		} else {
			joined = append(joined, [2]int{from, to})
		}
		single = append(single, [2]int{from, to})
	}
	return append(single, joined...)
}

var alnumRuns = regexp.MustCompile(`[0-9A-Za-z]+`)

func isAlnum(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// leadingNumber ends a captured run before a word of letters that belongs to the next thing.
func leadingNumber(s string) string {
	for i := range len(s) {
		if s[i] == ' ' && i+1 < len(s) && (s[i+1] < '0' || '9' < s[i+1]) {
			return s[:i]
		}
	}
	return s
}

// compact drops the blanks and dashes of a number.
func compact(s string) string {
	if !strings.ContainsAny(s, " -") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "-", "")
}

func countDigits(s string) int {
	n := 0
	for _, r := range s {
		if '0' <= r && r <= '9' {
			n++
		}
	}
	return n
}

// containsWord is strings.Contains, where a word of letters and digits must not be part of a longer one.
func containsWord(text, word string) bool {
	for from := 0; ; {
		before, after, found := strings.Cut(text[from:], word)
		if !found {
			return false
		}
		start := from + len(before)
		from = len(text) - len(after)
		joinsBefore := start > 0 && isAlnum(text[start-1]) && isAlnum(word[0])
		joinsAfter := from < len(text) && isAlnum(text[from]) && isAlnum(word[len(word)-1])
		if !joinsBefore && !joinsAfter {
			return true
		}
	}
}

// unrepeated is what a text says again and again: 收到收到 is 收到.
func unrepeated(s string) string {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && s[n:] == s[:len(s)-n] {
			return s[:n]
		}
	}
	return s
}

// squeeze writes each run of one rune once: 嗯嗯嗯 becomes 嗯.
func squeeze(s string) string {
	var last rune
	return strings.Map(func(r rune) rune {
		if r == last {
			return -1
		}
		last = r
		return r
	}, s)
}
