package zh

import (
	_ "embed"
	"strings"
	"unicode/utf8"
)

//go:embed faces.txt
var facesTable string

// Sense is what the faces of a message say.
type Sense string

// The closed set of senses.
const (
	SenseNone     Sense = ""  // there is no face
	SenseNeutral  Sense = "=" // neither yes nor no
	SensePositive Sense = "+" // yes, or thanks
	SenseNegative Sense = "-" // no, or a complaint
)

// Faces knows what people send for a face: emoji, and the names ([强], [Strong]) and codes (/:strong) that WeChat
// writes for its own. It is safe for concurrent use.
type Faces struct {
	names map[string]Sense // without brackets, in lower case
	codes map[string]Sense
	emoji map[rune]Sense // those that are not neutral
}

// NewFaces reads the table.
func NewFaces() *Faces {
	f := &Faces{names: map[string]Sense{}, codes: map[string]Sense{}, emoji: map[rune]Sense{}}
	for line := range strings.Lines(facesTable) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		for _, name := range fields[1:] {
			switch r, _ := utf8.DecodeRuneInString(name); {
			case strings.HasPrefix(name, codePrefix):
				f.codes[name] = Sense(fields[0])
			case isEmoji(r):
				f.emoji[r] = Sense(fields[0])
			default:
				f.names[strings.ToLower(FoldLight(strings.ReplaceAll(name, "_", " ")))] = Sense(fields[0])
			}
		}
	}
	return f
}

const (
	codePrefix = "/:"
	maxCode    = 12 // bytes of a code
	maxName    = 24 // bytes of a name with its brackets
)

// Split takes the faces out of a text. words is what is left, with a blank for each run of faces inside; sense is what
// they say together: a complaint outweighs thanks. A digit in a key cap is a digit.
func (f *Faces) Split(text string) (words string, sense Sense) {
	var b strings.Builder
	done := 0 // of text[:done] the words are in b
	for i := 0; i < len(text); {
		n, s := f.at(text[i:])
		if n == 0 {
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		b.WriteString(text[done:i])
		if sense == SenseNone || s == SenseNegative || s == SensePositive && sense == SenseNeutral {
			sense = s
		}
		i += n
		i += len(text[i:]) - len(strings.TrimLeftFunc(text[i:], IsInvisible)) // joiners, selectors and tags
		if more, _ := f.at(text[i:]); more == 0 {
			b.WriteByte(' ')
		}
		done = i
	}
	if sense == SenseNone {
		return text, sense
	}
	b.WriteString(text[done:])
	return strings.TrimSpace(b.String()), sense
}

// at is the face at the beginning of a text: its bytes, 0 for none, and what it says.
func (f *Faces) at(text string) (int, Sense) {
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case isEmoji(r):
		if s, ok := f.emoji[r]; ok {
			return size, s
		}
		return size, SenseNeutral
	case r == '[' || r == '［':
		end := strings.IndexAny(text[:min(len(text), maxName)], "]］")
		if end < 0 {
			break
		}
		_, closing := utf8.DecodeRuneInString(text[end:])
		if s, ok := f.names[strings.ToLower(FoldLight(text[size:end]))]; ok {
			return end + closing, s
		}
	case strings.HasPrefix(text, codePrefix):
		for n := min(len(text), maxCode); n > len(codePrefix); n-- {
			if s, ok := f.codes[text[:n]]; ok {
				return n, s
			}
		}
	}
	return 0, SenseNone
}

// isEmoji reports what shows as a picture: the blocks of pictures with their flags, skin tones and hands, and the
// signs of older blocks that phones draw. Numbers in circles are none, nor are arrows and marks of trade.
func isEmoji(r rune) bool {
	switch {
	case r < 0x231a:
		return false
	case 0x2776 <= r && r <= 0x2793: // ❶ is a number
		return false
	}
	return 0x1f000 <= r && r <= 0x1faff || 0x2600 <= r && r <= 0x27bf || 0x2b00 <= r && r <= 0x2bff ||
		r == 0x231a || r == 0x231b || 0x23e9 <= r && r <= 0x23ff || r == 0x25b6 || r == 0x25c0 || 0x25fb <= r && r <= 0x25fe ||
		r == 0x303d || r == 0x3297 || r == 0x3299
}
