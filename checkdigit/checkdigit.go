// Package checkdigit knows the check digits of numbers that must not be kept: of payment cards and of resident ids.
package checkdigit

// Luhn tells whether digits in ASCII, and nothing else, pass the check of ISO/IEC 7812-1.
func Luhn[T string | []byte](digits T) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// ResidentID tells whether 17 digits and a last one, which may be an X, pass the check of GB 11643-1999: the last one
// over the others modulo 11.
func ResidentID[T string | []byte](s T) bool {
	const length = 18
	if len(s) != length {
		return false
	}
	sum := 0
	for i, weight := range [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		d := int(s[i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		sum += d * weight
	}
	last := s[length-1]
	if last == 'x' {
		last = 'X'
	}
	return last == "10X98765432"[sum%11]
}
