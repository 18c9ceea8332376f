package zh

import (
	_ "embed"
	"math"
	"strings"
	"unicode/utf8"
)

// background.txt holds the words of everyday Chinese that are commoner than 300 in 57.6 million: an extract of the
// dictionary of github.com/go-ego/gse v0.80.3 (Apache-2.0). A line is a character and the words that begin with it:
//
//	码 1535 10431 2508 头 2508 2508
//
// Behind the character stands how often it is a word, how often words have it, and how often another one follows it
// there; behind the rest of a word how often that is one, and of a pair how often words have it. The sums are made of
// the counts: go test ./zh -run TestBackgroundFile -update writes them.
//
//go:embed background.txt
var backgroundFile string

const (
	backgroundTotal      = 57.6e6     // words counted
	backgroundCharacters = 81313139.0 // characters of the words in the file
	backgroundRare       = 150        // the count given to what is not in the file
)

// Background knows how common words are in everyday Chinese. The zero value knows none. It is read in place: what is
// made is where the lines are.
type Background struct {
	lines []uint32 // where the line of each character of the block begins in the file, and where the last one ends
}

// NewBackground opens the list that ships with the program.
func NewBackground() Background {
	b := Background{make([]uint32, 0, numHan+1)}
	for at := 0; at < len(backgroundFile); {
		r, _ := utf8.DecodeRuneInString(backgroundFile[at:])
		for len(b.lines) <= int(r-firstHan) {
			b.lines = append(b.lines, uint32(at))
		}
		at += strings.IndexByte(backgroundFile[at:], '\n') + 1
	}
	for len(b.lines) <= numHan {
		b.lines = append(b.lines, uint32(len(backgroundFile)))
	}
	return b
}

// Information is how much a token says, in nats, to somebody who knows only everyday Chinese.
func (b Background) Information(token string) float64 {
	r, size := utf8.DecodeRuneInString(token)
	n := 0.0
	if size == len(token) {
		n = b.timesIn(r)
	} else {
		n = b.timesWord(r, token[size:])
	}
	if n > 0 {
		return math.Log(backgroundTotal / n)
	}
	return math.Log(backgroundTotal / backgroundRare)
}

// Knows tells whether word is one of the common words of two characters and more.
func (b Background) Knows(word string) bool {
	r, size := utf8.DecodeRuneInString(word)
	return size < len(word) && b.timesWord(r, word[size:]) > 0
}

// timesWord is how often r with rest behind it is a word.
func (b Background) timesWord(r rune, rest string) float64 { return numberAt(b.numbers(r, rest), 0) }

// timesPair is how often words have r with next behind it.
func (b Background) timesPair(r, next rune) float64 { return numberAt(b.numbers(r, string(next)), 1) }

// timesIn is how often words have r.
func (b Background) timesIn(r rune) float64 { return numberAt(b.numbers(r, ""), 1) }

// timesFollowed is how often words have r with another character behind it.
func (b Background) timesFollowed(r rune) float64 { return numberAt(b.numbers(r, ""), 2) }

// numbers is the rest of a line from the numbers of a word on, which is r with rest behind it; "" where there are none.
func (b Background) numbers(r rune, rest string) string {
	if !isHan(r) || b.lines == nil {
		return ""
	}
	line := backgroundFile[b.lines[r-firstHan]:b.lines[r-firstHan+1]]
	if rest == "" {
		return line[min(len(line), hanBytes+len(" ")):]
	}
	if rest[0] < utf8.RuneSelf { // 码05 is no word, whatever the numbers of 码 are
		return ""
	}
	for at := hanBytes; ; {
		i := strings.Index(line[min(len(line), at):], rest)
		if i < 0 {
			return ""
		}
		if at += i + len(rest); at < len(line) && line[at] == ' ' && line[at-len(rest)-1] == ' ' {
			return line[at+len(" "):]
		}
	}
}

// numberAt is one of the numbers that a line begins with, by its place among them; 0 in an empty line.
func numberAt(line string, place int) float64 {
	n := 0.0
	for i := range len(line) {
		switch c := line[i]; {
		case isDigit(c) && place == 0:
			n = 10*n + float64(c-'0')
		case isDigit(c):
		case place == 0:
			return n
		default:
			place--
		}
	}
	return 0
}

// Tables are what is known of Chinese words and sounds whatever the guide.
type Tables struct {
	Pinyin     *Pinyin
	Background Background
}

// NewTables opens all tables.
func NewTables() *Tables { return &Tables{NewPinyin(), NewBackground()} }
