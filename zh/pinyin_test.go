package zh

import (
	"slices"
	"testing"
)

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
