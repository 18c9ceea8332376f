// Package zh prepares Chinese text for search: it folds width, case and script, splits text into
// units, finds words of a lexicon, and reads pinyin.
package zh

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/longbridgeapp/opencc"
	"golang.org/x/text/unicode/norm"
)

// Folder turns the many ways to write one text into one: full-width into half-width, upper case
// into lower, traditional into simplified; invisible characters vanish, and every run of space
// becomes one blank. It is safe for concurrent use.
type Folder struct {
	simplified [lastHan - firstHan + 1]rune // of each Han rune
}

// The block of unified ideographs whose runes may be traditional.
const firstHan, lastHan = 0x4e00, 0x9fff

func isHan(r rune) bool { return firstHan <= r && r <= lastHan }

// NewFolder converts every Han rune once, so that Fold never calls the converter. The table is
// OpenCC's; it takes some 6 ms to build.
func NewFolder() (*Folder, error) {
	cc, err := opencc.New("t2s")
	if err != nil {
		return nil, fmt.Errorf("load the table from traditional to simplified: %w", err)
	}
	f := new(Folder)
	for r := rune(firstHan); r <= lastHan; r++ {
		f.simplified[r-firstHan] = r
		s, err := cc.Convert(string(r))
		if err != nil {
			return nil, fmt.Errorf("convert %c: %w", r, err)
		}
		if to := []rune(s); len(to) == 1 && isHan(to[0]) {
			f.simplified[r-firstHan] = to[0]
		}
	}
	for i, to := range f.simplified { // OpenCC simplifies 藴 to 苧, and that to 苎
		f.simplified[i] = f.simplified[to-firstHan]
	}
	return f, nil
}

// Fold returns the folded form of s. Invalid UTF-8 becomes a blank.
func (f *Folder) Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := true // no blank at the beginning
	for _, r := range norm.NFKC.String(s) {
		switch {
		case isHan(r):
			r = f.simplified[r-firstHan]
		case r > ' ' && r < utf8.RuneSelf-1: // printable
			r = unicode.ToLower(r)
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar:
			if !blank {
				b.WriteByte(' ')
			}
			blank = true
			continue
		default:
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
		blank = false
	}
	// What stood between two runes may be gone, so that they compose now: Hangul around a joiner does.
	return norm.NFKC.String(strings.TrimSuffix(b.String(), " "))
}
