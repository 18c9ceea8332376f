package zh

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		in, want string // h, l or n for the kind of each unit, then its text
	}{
		{"", ""},
		{" ,。?!", ""},
		{"费率", "h费 h率"},
		{"pos机坏了", "lpos h机 h坏 h了"},
		{"报05", "h报 n05"},
		{"0.6%", "n0.6"},
		{"0.6.", "n0.6"},
		{"1.2.3", "n1.2.3"},
		{"t+1到账", "lt+1 h到 h账"},
		{"d0", "ld0"},
		{"4g卡", "l4g h卡"},
		{"a+1", "la n1"}, // only t and d are joined
		{"1+1", "n1 n1"},
		{"t+", "lt"},
		{".5", "n5"},
		{"pos96", "lpos n96"}, // too long to be one word
		{"pos9", "lpos n9"},
		{"96pos", "n96 lpos"},
		{"abc12def", "labc n12 ldef"},
		{"韩하рус", "h韩 h하 hр hу hс"},
		{"A", ""}, // not folded
		{"坏\xff字", "h坏 h字"},
	} {
		var got []string
		for _, u := range Units(nil, c.in) {
			got = append(got, "hln"[u.Kind:u.Kind+1]+c.in[u.Start:u.End])
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("Units(%q) = %q, want %q", c.in, s, c.want)
		}
	}
	if got := Units([]Unit{{0, 1, Latin}}, "费"); len(got) != 2 {
		t.Errorf("Units does not append to what it is given: %v", got)
	}
}

func FuzzUnits(f *testing.F) {
	for _, in := range []string{"pos96", "t+1", "0.6.", "\xff", "+.+", "1.t+2"} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, u := range Units(nil, text) {
			switch {
			case u.Start < at || u.End <= u.Start || u.End > len(text):
				t.Fatalf("unit %v of %q: units are apart, in order, and not empty", u, text)
			case !utf8.ValidString(text[u.Start:u.End]):
				t.Fatalf("unit %v of %q is not UTF-8", u, text)
			}
			at = u.End
		}
	})
}
