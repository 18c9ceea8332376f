package zh

import "testing"

func TestBlank(t *testing.T) {
	for _, blank := range []string{
		"", " ", "\t\r\n", "\u3000", "\u00a0", "\u2028", "\x00\x1f", "\u2800", "\u3164", "\uffa0", "\u115f\u1160", "\u200b\u200c\u200d\u2060\ufeff",
		"\ufe0f", "\ufe0e\u20e3", "\u00ad", "\u061c\u202e", "\U000e0041\U000e007f", "\u180e", " \u2800\u3164 \n",
	} {
		if !Blank(blank) {
			t.Errorf("%+q is not blank", blank)
		}
	}
	for _, shown := range []string{"。", ".", "1", "好", "🙂", "\u2801", "1\ufe0f\u20e3", "\u3164嗯", "\ufffd"} {
		if Blank(shown) {
			t.Errorf("%+q is blank", shown)
		}
	}
}
