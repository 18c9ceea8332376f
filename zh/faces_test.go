package zh

import (
	"strings"
	"testing"
)

func TestSplitFaces(t *testing.T) {
	f := NewFaces()
	for _, c := range []struct {
		in, words string
		sense     Sense
	}{
		{"好的", "好的", SenseNone},
		{"好的[OK]", "好的", SensePositive},
		{"谢谢[玫瑰][玫瑰]", "谢谢", SensePositive},
		{"[强]", "", SensePositive},
		{"［強］", "", SensePositive}, // full width, traditional
		{"[thumbsup]", "", SensePositive},
		{"[Red Envelope]", "", SenseNeutral},
		{"[弱]", "", SenseNegative},
		{"[怒]", "", SenseNegative},
		{"/:strong", "", SensePositive},
		{"/::)", "", SenseNeutral},
		{"/:,@-D谢了", "谢了", SensePositive},
		{"/::'(机器坏了/::'(", "机器坏了", SenseNeutral},
		{"👍👌🙏", "", SensePositive},
		{"👍🏽", "", SensePositive},
		{"👨‍👩‍👧‍👦", "", SenseNeutral},
		{"🇨🇳", "", SenseNeutral},
		{"🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "", SenseNeutral},
		{"❤️", "", SensePositive},
		{"👎", "", SenseNegative},
		{"👍👎", "", SenseNegative},
		{"押金🙂能退吗", "押金 能退吗", SenseNeutral},
		{"1️⃣", "1️⃣", SenseNone}, // picks the first option
		{"❶", "❶", SenseNone},
		{"[图片]", "[图片]", SenseNone},
		{"[收到]押金", "[收到]押金", SenseNone},
		{"http://127.0.0.1/:8080", "http://127.0.0.1/:8080", SenseNone},
		{"[", "[", SenseNone},
		{"", "", SenseNone},
		{"\xff👍", "\xff", SensePositive},
	} {
		if words, sense := f.Split(c.in); words != c.words || sense != c.sense {
			t.Errorf("%q is %q with %q, want %q with %q", c.in, words, sense, c.words, c.sense)
		}
	}
}

// TestFacesTable: each line has a sense, and no name stands twice.
func TestFacesTable(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(facesTable) {
		fields := strings.Fields(line)
		if fields[0] == "#" {
			continue
		}
		if s := Sense(fields[0]); s != SenseNeutral && s != SensePositive && s != SenseNegative || len(fields) < 2 {
			t.Errorf("no sense in %q", line)
		}
		for _, name := range fields[1:] {
			name = strings.TrimSuffix(name, "\ufe0f")
			if seen[name] {
				t.Errorf("%s stands twice", name)
			}
			seen[name] = true
		}
	}
}

func FuzzSplitFaces(f *testing.F) {
	faces := NewFaces()
	for _, s := range []string{"好的[OK]", "/::)", "👨‍👩‍👧", "[[强]]", "/:/:v"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words, sense := faces.Split(text)
		if sense == SenseNone && words != text || len(words) > len(text)+1 {
			t.Errorf("%q is %q with %q", text, words, sense)
		}
	})
}
