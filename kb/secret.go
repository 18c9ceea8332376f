package kb

import "regexp"

// secretNumbers finds what looks like a payment card number (13–19 digits that pass Luhn) or a
// resident identity number (18 characters that pass GB 11643), single spaces and dashes allowed.
func secretNumbers(text string) []string {
	var found []string
	for _, m := range regexp.MustCompile(`[0-9](?:[ -]?[0-9]){11,17}(?:[ -]?[0-9xX])`).FindAllString(text, -1) {
		digits := regexp.MustCompile(`[ -]`).ReplaceAllString(m, "")
		if identityNumber(digits) || luhn(digits) {
			found = append(found, m)
		}
	}
	return found
}

// luhn is the check of ISO/IEC 7812-1.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if d > 9 { // the X of an identity number
			return false
		}
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// identityNumber is the check of GB 11643-1999: 18 characters, the last one over the others modulo 11.
func identityNumber(s string) bool {
	if len(s) != 18 {
		return false
	}
	sum := 0
	for i, weight := range [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(s[i]-'0') * weight
	}
	last := s[17]
	if last == 'x' {
		last = 'X'
	}
	return last == "10X98765432"[sum%11]
}
