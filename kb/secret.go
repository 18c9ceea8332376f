package kb

import (
	"regexp"
	"strings"

	"github.com/yingda/yingda/checkdigit"
	"github.com/yingda/yingda/zh"
)

// numberRuns matches digits, single blanks and dashes between them allowed, and the X of an identity number.
var numberRuns = regexp.MustCompile(`[0-9]+(?:[ -][0-9]+)*(?:[ -]?[xX])?`)

// minSecret is how many characters the shortest secret number has.
const minSecret = 13

// secretNumbers finds what looks like a payment card number (13–19 digits that pass Luhn) or a
// resident identity number (18 characters that pass GB 11643), in half-width or full-width digits,
// single spaces and dashes allowed. What it returns is half-width.
//
// Only whole groups of digits count, so that a part of a longer number is none, and a card number
// is found in front of its expiry date.
func secretNumbers(text string) []string {
	var found []string
	for _, run := range numberRuns.FindAllString(zh.FoldLight(text), -1) {
		for rest := run; len(rest) >= minSecret; {
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
		if checkdigit.ResidentID(digits) || minSecret <= len(digits) && len(digits) <= 19 && checkdigit.Luhn(digits) {
			return run[:end]
		}
	}
	return ""
}
