package checkdigit

import "testing"

func TestLuhn(t *testing.T) {
	for in, want := range map[string]bool{
		"4111111111111111": true, "6222021234567894": true, "6222021234567890128": true, "79927398713": true,
		"4111111111111112": false, "6222021234567849": false, "411111111111111X": false, "٤111111111111111": false,
	} {
		if got := Luhn(in); got != want || Luhn([]byte(in)) != want {
			t.Errorf("%s: %t, want %t", in, got, want)
		}
	}
}

func TestResidentID(t *testing.T) {
	for in, want := range map[string]bool{
		"11010519491231002X": true, "11010519491231002x": true, "440524188001010014": true,
		"110105194912310021": false, "11010519491231002": false, "1101051949123100X2": false, "": false,
	} {
		if got := ResidentID(in); got != want || ResidentID([]byte(in)) != want {
			t.Errorf("%s: %t, want %t", in, got, want)
		}
	}
}
