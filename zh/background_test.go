package zh

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// readBackground reads background.txt the long way: how often each word is one.
func readBackground(tb testing.TB) map[string]int {
	tb.Helper()
	words := map[string]int{}
	for line := range strings.Lines(backgroundFile) {
		fields := strings.Fields(line)
		for i, field := range fields {
			if isDigit(field[0]) {
				continue
			}
			if i > 0 {
				field = fields[0] + field
			}
			n, err := strconv.Atoi(fields[i+1])
			if err != nil {
				tb.Fatal(err)
			}
			if n > 0 {
				words[field] = n
			}
		}
	}
	return words
}

// sumUp counts how often words have each character and each pair, and how often another character follows each there.
func sumUp(words map[string]int) (in, followed map[string]int) {
	in, followed = map[string]int{}, map[string]int{}
	for word, n := range words {
		last := ""
		for _, r := range word {
			in[string(r)] += n
			if last != "" {
				in[last+string(r)] += n
				followed[last] += n
			}
			last = string(r)
		}
	}
	return in, followed
}

// TestBackgroundFile compares the sums in background.txt with those of its counts.
func TestBackgroundFile(t *testing.T) {
	words := readBackground(t)
	in, followed := sumUp(words)
	all := maps.Clone(in)
	maps.Copy(all, words)
	var want strings.Builder
	characters := 0
	for i, word := range slices.Sorted(maps.Keys(all)) {
		_, size := utf8.DecodeRuneInString(word)
		switch utf8.RuneCountInString(word) {
		case 1:
			if i > 0 {
				want.WriteByte('\n')
			}
			fmt.Fprint(&want, word, " ", words[word], " ", in[word], " ", followed[word])
			characters += in[word]
		case 2:
			fmt.Fprint(&want, " ", word[size:], " ", words[word], " ", in[word])
		default:
			fmt.Fprint(&want, " ", word[size:], " ", words[word])
		}
	}
	want.WriteByte('\n')
	if characters != backgroundCharacters {
		t.Errorf("the words have %d characters, backgroundCharacters are %.0f", characters, backgroundCharacters)
	}
	if *update {
		if err := os.WriteFile("background.txt", []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if backgroundFile != want.String() {
		t.Error("the sums in background.txt are not those of its counts; -update rewrites it")
	}
}

// TestBackground: what is looked up in place is what a reading of the whole file knows.
func TestBackground(t *testing.T) {
	b, words := NewBackground(), readBackground(t)
	in, followed := sumUp(words)
	for r := rune(firstHan); r <= lastHan; r++ {
		c := string(r)
		if b.timesIn(r) != float64(in[c]) || b.timesFollowed(r) != float64(followed[c]) || b.Knows(c) {
			t.Errorf("%s: in words %v, followed %v, known %t", c, b.timesIn(r), b.timesFollowed(r), b.Knows(c))
		}
	}
	for pair, n := range in {
		if runes := []rune(pair); len(runes) > 1 && b.timesPair(runes[0], runes[1]) != float64(n) {
			t.Errorf("%s: in words %v, want %d", pair, b.timesPair(runes[0], runes[1]), n)
		}
	}
	for word := range words {
		if utf8.RuneCountInString(word) > 1 && !b.Knows(word) {
			t.Errorf("%s is not known", word)
		}
	}
}

func TestInformation(t *testing.T) {
	b := NewBackground()
	for _, c := range []struct {
		token string
		times float64
	}{
		{"码", 10431}, // of all words that have it
		{"码头", 2508},
		{"中华人民共和国", 9989},
		{"码码", 150}, // unknown
		{"码0", 150},
		{"码2508", 150}, // behind 码 in the file, but no word
		{"\xe7\xa0", 150},
		{"码\xe5", 150},
		{"pos", 150},
		{"#", 150},
		{"", 150},
	} {
		if got, want := b.Information(c.token), math.Log(57.6e6/c.times); got != want {
			t.Errorf("Information(%q) = %v, want %v", c.token, got, want)
		}
		if got := (Background{}).Information(c.token); got != math.Log(57.6e6/150) {
			t.Errorf("without any words %q tells %v", c.token, got)
		}
	}
}

// FuzzBackground: no token makes a look-up read beside its line.
func FuzzBackground(f *testing.F) {
	for _, in := range []string{"码", "码头", "码头 2508", "码头 2508 2508\n", "鼹 ", "一\xe4", "\xff"} {
		f.Add(in)
	}
	b, words := NewBackground(), readBackground(f)
	f.Fuzz(func(t *testing.T, token string) {
		b.Information(token)
		known := b.Knows(token)
		if word := words[token] > 0 && utf8.RuneCountInString(token) > 1; !strings.ContainsAny(token, " \n") && known != word {
			t.Errorf("Knows(%q) is %t", token, known)
		}
	})
}

func BenchmarkInformation(b *testing.B) {
	background, words := NewBackground(), readBackground(b)
	var tokens []string // the words, and as many that are none
	for _, word := range slices.Sorted(maps.Keys(words)) {
		tokens = append(tokens, word, word+"码")
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		background.Information(tokens[i%len(tokens)])
		i += 7919 // not in the order of the file
	}
}
