package kb

import (
	"regexp"
	"strings"

	"github.com/yingda/yingda/zh"
)

// numberRuns matches digits, single blanks and dashes between them allowed, and the X of an identity number.
var numberRuns = regexp.MustCompile(`[0-9]+(?:[ -][0-9]+)*(?:[ -]?[xX])?`)

// secretNumbers finds what looks like a payment card number (13–19 digits that pass Luhn) or a
// resident identity number (18 characters that pass GB 11643), in half-width or full-width digits,
// single spaces and dashes allowed. What it returns is half-width.
//
// Only whole groups of digits count, so that a part of a longer number is none, and a card number
// is found in front of its expiry date.
func secretNumbers(text string) []string {
	var found []string
	for _, run := range numberRuns.FindAllString(zh.FoldLight(text), -1) {
		for rest := run; rest != ""; {
			number := secretPrefix(rest)
			if number != "" {
				found = append(found, number)
			}
			rest = strings.TrimLeft(strings.TrimLeft(rest[len(number):], "0123456789xX"), " -")
		}
	}
	return found
}

// secretPrefix is the longest secret number that begins a run of groups; "" when there is none.
func secretPrefix(run string) string {
	for end := len(run); end > 0; end = strings.LastIndexAny(run[:end], " -") {
		digits := strings.NewReplacer(" ", "", "-", "").Replace(run[:end])
		if identityNumber(digits) || 13 <= len(digits) && len(digits) <= 19 && luhn(digits) {
			return run[:end]
		}
	}
	return ""
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
	return strings.ToUpper(s)[17] == "10X98765432"[sum%11]
}
