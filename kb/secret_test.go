package kb

import (
	"slices"
	"testing"
)

func TestSecretNumbers(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"4111111111111111", []string{"4111111111111111"}}, // 16 digits that pass Luhn
		{"卡号4111 1111 1111 1111，帮我查", []string{"4111 1111 1111 1111"}},
		{"4111-1111-1111-1111", []string{"4111-1111-1111-1111"}},
		{"４１１１１１１１１１１１１１１１", []string{"4111111111111111"}}, // full width
		{"４１１１　１１１１－１１１１　１１１１", []string{"4111 1111-1111 1111"}},
		{"4111 1111 1111 1111 05/27", []string{"4111 1111 1111 1111"}}, // its expiry follows
		{"123 4111111111111111", []string{"4111111111111111"}},
		{"4222222222222", []string{"4222222222222"}},             // 13 digits, the fewest
		{"6212345678901234560", nil},                             // 19 digits, Luhn fails
		{"6212345678901234569", []string{"6212345678901234569"}}, // 19 digits, the most
		{"11010519491231002X", []string{"11010519491231002X"}},
		{"11010519491231002x", []string{"11010519491231002x"}},
		{"110105 19491231 002X", []string{"110105 19491231 002X"}},
		{"１１０１０５１９４９１２３１００２Ｘ", []string{"11010519491231002X"}},
		{"440524188001010014", []string{"440524188001010014"}}, // ends in a digit
		{"4111111111111111和11010519491231002X", []string{"4111111111111111", "11010519491231002X"}},

		{"", nil},
		{"95516", nil},
		{"商户编号848100000000000", nil},      // 15 digits, Luhn fails
		{"4111111111111112", nil},         // Luhn fails
		{"110105194912310021", nil},       // check digit fails
		{"411111111117", nil},             // too short
		{"411111111111111111111111", nil}, // too long, though a part of it passes
		{"41111111111111110", nil},        // a part of a longer number
		{"4111  1111  1111  1111", nil},   // two blanks: no card is written so
		{"411111**********1111", nil},     // blanked
		{"2026-11-23 12:30:45", nil},
		{"电话400-100-1234转5", nil},
		{"4111X111111111111", nil},
	} {
		if got := secretNumbers(c.in); !slices.Equal(got, c.want) {
			t.Errorf("secretNumbers(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzSecretNumbers(f *testing.F) {
	for _, in := range []string{"4111 1111 1111 1111 05/27", "１１０１０５１９４９１２３１００２Ｘ", "1-x", "- 1 -"} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, number := range secretNumbers(text) {
			if again := secretNumbers(number); !slices.Equal(again, []string{number}) {
				t.Fatalf("%q is found in %q, and in itself %q", number, text, again)
			}
		}
	})
}
