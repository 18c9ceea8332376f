package zh

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mozillazg/go-pinyin"
)

// TestPinyinTable compares pinyin.txt with what go-pinyin knows.
func TestPinyinTable(t *testing.T) {
	plain := strings.NewReplacer(
		"ā", "a", "á", "a", "ǎ", "a", "à", "a", "ē", "e", "é", "e", "ě", "e", "è", "e",
		"ī", "i", "í", "i", "ǐ", "i", "ì", "i", "ō", "o", "ó", "o", "ǒ", "o", "ò", "o",
		"ū", "u", "ú", "u", "ǔ", "u", "ù", "u", "ǖ", "v", "ǘ", "v", "ǚ", "v", "ǜ", "v", "ü", "v",
		"ń", "n", "ň", "n", "ǹ", "n", "ḿ", "m", "m̀", "m", "m̄", "m", "ế", "e", "ề", "e", "ê̄", "e", "ê̌", "e",
	)
	var want strings.Builder
	for r := rune(firstHan); r <= lastHan; r++ {
		var readings []string
		for toned := range strings.SplitSeq(pinyin.PinyinDict[int(r)], ",") {
			if s := plain.Replace(toned); s != "" && !slices.Contains(readings, s) {
				readings = append(readings, s)
			}
		}
		want.WriteString(cmp.Or(strings.Join(readings, ","), noReading))
		if (r-firstHan)%pinyinRunes < pinyinRunes-1 {
			want.WriteByte(' ')
		} else {
			want.WriteByte('\n')
		}
	}
	if *update {
		if err := os.WriteFile("pinyin.txt", []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if pinyinTable != want.String() {
		t.Error("pinyin.txt is not go-pinyin's table; -update rewrites it")
	}
}

func TestReadings(t *testing.T) {
	p := NewPinyin()
	for _, c := range []struct {
		in    rune
		first string   // the commonest
		all   []string // in any order
	}{
		{'账', "zhang", []string{"zhang"}},
		{'码', "ma", []string{"ma"}},
		{'行', "xing", []string{"hang", "heng", "xing"}},
		{'绿', "lv", []string{"lu", "lv"}}, // ü is typed as v
		{'a', "", nil},
		{'。', "", nil},
		{'😀', "", nil},
		{-1, "", nil},
		{0x10ffff, "", nil},
	} {
		got := slices.Clone(p.Readings(c.in))
		first := ""
		if len(got) > 0 {
			first = got[0]
		}
		slices.Sort(got)
		if first != c.first || !slices.Equal(got, c.all) {
			t.Errorf("Readings(%c) = %q with %q first, want %q with %q first", c.in, got, first, c.all, c.first)
		}
	}
}

// TestSyllables: no two readings have one number.
func TestSyllables(t *testing.T) {
	read := map[syllable]string{}
	for r, readings := range NewPinyin().All() {
		for _, reading := range readings {
			other := read[newSyllable(reading)]
			if other != "" && other != reading || len(reading) > maxSyllable || strings.Trim(reading, "abcdefghijklmnopqrstuvwxyz") != "" {
				t.Errorf("%c is read as %q; of that number is %q", r, reading, other)
			}
			read[newSyllable(reading)] = reading
		}
	}
}
