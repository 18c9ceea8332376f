package privacy

import (
	"slices"

	"github.com/yingda/yingda/checkdigit"
)

// Lengths of numbers, in digits.
const (
	cardMin, cardMax = 13, 19
	mobileDigits     = 11
	idDigits         = 18
	oldIDDigits      = 15
)

// grade is how surely digits are a card's number by how they begin and how many they are.
type grade uint8

const (
	gradeNone grade = iota // no issuer's range
	gradeWeak              // a range that serials, dates and others share
	gradeStrong
)

// gradeIssuer grades a number by the issuers' ranges. UnionPay cards begin with 62, rarely with 81; banks'
// own older ones with 9 and others.
func gradeIssuer(digits []byte) grade {
	n := len(digits)
	head := func(k int) int {
		v := 0
		for _, c := range digits[:k] {
			v = 10*v + int(c-'0')
		}
		return v
	}
	two, four := head(2), head(4)
	switch {
	case n < cardMin || n > cardMax:
		return gradeNone
	case two == 62 && n >= 16, digits[0] == '4' && n == 16, 51 <= two && two <= 55 && n == 16, (four == 9558 || four == 9559) && n == 19:
		return gradeStrong
	}
	weak := false
	switch {
	case two == 62, digits[0] == '4':
		weak = two == 62 || n == 13 || n == 19
	case two == 34, two == 37:
		weak = n == 15
	case 3528 <= four && four <= 3589, 2221 <= four && four <= 2720, 2200 <= four && four <= 2204:
		weak = n == 16
	case two == 30, two == 36, two == 38, two == 39:
		weak = n == 14
	case two == 60, two == 64, two == 65, two == 81, two == 95, two == 50, 56 <= two && two <= 58, two == 63, two == 67,
		two == 90, two == 94, two == 96, two == 98:
		weak = n == 16 || n == 19 || two == 81 && n >= 16
	}
	if weak {
		return gradeWeak
	}
	return gradeNone
}

// startsWithDate reports whether digits begin with a day of the twenties as YYMMDD, as many serials do: the range of
// 2221 to 2720 is Mastercard's too.
func startsWithDate(digits []byte) bool {
	return digits[0] == '2' && isMonthDay(digits[2:])
}

// isMonthDay reports whether digits begin with MMDD.
func isMonthDay(digits []byte) bool {
	month, d := int(digits[0]-'0')*10+int(digits[1]-'0'), int(digits[2]-'0')*10+int(digits[3]-'0')
	limit := 31
	switch month {
	case 2:
		limit = 29
	case 4, 6, 9, 11:
		limit = 30
	}
	return 1 <= month && month <= 12 && 1 <= d && d <= limit
}

// isResidentID reports whether digits are 18 of a resident id by region, birthday and, unless a word
// beside them says what they are, the check of GB 11643.
func isResidentID(digits []byte, named bool) bool {
	if len(digits) != idDigits || !hasRegion(digits) || !isMonthDay(digits[10:]) || !slices.Contains([]string{"18", "19", "20"}, string(digits[6:8])) {
		return false
	}
	return named || checkdigit.ResidentID(digits)
}

// isOldResidentID reports whether digits could be a resident id of the kind issued until 1999.
func isOldResidentID(digits []byte) bool {
	return len(digits) == oldIDDigits && hasRegion(digits) && isMonthDay(digits[8:])
}

// hasRegion reports whether digits begin with a province's code of GB/T 2260.
func hasRegion(digits []byte) bool {
	switch p := int(digits[0]-'0')*10 + int(digits[1]-'0'); {
	case 11 <= p && p <= 15, 21 <= p && p <= 23, 31 <= p && p <= 37, 41 <= p && p <= 46, 50 <= p && p <= 54,
		61 <= p && p <= 65, p == 71, 81 <= p && p <= 83:
		return true
	}
	return false
}
