package zh

import (
	"strconv"
	"unicode/utf8"
)

// NoDigit is what Digit and Numeral return for characters that are none.
const NoDigit = -1

// Digit returns the digit that r stands for in any script, circled or raised too, or as a Chinese
// numeral; NoDigit when it stands for none.
func Digit(r rune) int {
	switch {
	case '0' <= r && r <= '9':
		return int(r - '0')
	case r < 0xb2:
		return NoDigit
	case isHan(r):
		return Numeral(r)
	case '０' <= r && r <= '９':
		return int(r - '０')
	}
	for _, zero := range [...]rune{0x660, 0x6f0, 0x966, 0x2080, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1fbf0} {
		if zero <= r && r <= zero+9 {
			return int(r - zero)
		}
	}
	for _, one := range [...]rune{0x2460, 0x2474, 0x2488, 0x24f5, 0x2776, 0x2780, 0x278a, 0x3220, 0x3280} { // ① ⑴ ⒈ ⓵ ❶ ➀ ➊ ㈠ ㊀
		if one <= r && r <= one+8 {
			return int(r-one) + 1
		}
	}
	switch r {
	case '〇', '⓪', '⓿', '⁰', '○':
		return 0
	case '¹':
		return 1
	case '²', '³':
		return int(r-'²') + 2
	}
	if '⁴' <= r && r <= '⁹' {
		return int(r-'⁴') + 4
	}
	return NoDigit
}

// Numeral returns the digit of a Chinese numeral, as written, on cheques and on the telephone (幺, 洞);
// NoDigit when r is none.
func Numeral(r rune) int {
	switch r {
	case '零', '洞', '〇':
		return 0
	case '一', '壹', '幺', '弌':
		return 1
	case '二', '贰', '貳', '两', '兩', '弍':
		return 2
	case '三', '叁', '叄', '參', '弎':
		return 3
	case '四', '肆':
		return 4
	case '五', '伍':
		return 5
	case '六', '陆', '陸':
		return 6
	case '七', '柒', '拐':
		return 7
	case '八', '捌':
		return 8
	case '九', '玖', '勾':
		return 9
	}
	return NoDigit
}

// power is the power of ten that a Chinese numeral multiplies by; 1 when it is none.
func power(r rune) float64 {
	switch r {
	case '十', '拾':
		return 10
	case '百', '佰':
		return 100
	case '千', '仟':
		return 1000
	case '万', '萬':
		return 10000
	}
	return 1
}

// ParseNumber reads a number in digits or in Chinese: 3800, 0.6, 三千八, 一万二, 两百五, 十二. Of two
// digits in a row (两三天) the last counts. ok is false when s is not a number as a whole.
func ParseNumber(s string) (n float64, ok bool) {
	if s != "" && '0' <= s[0] && s[0] <= '9' {
		if n, err := strconv.ParseFloat(s, 64); err == nil {
			return n, true
		}
		return 0, false
	}
	var total, section, digit, last float64 // last is the power behind which digit stands
	for _, r := range s {
		d, unit := Numeral(r), power(r)
		switch {
		case d == 0:
			digit, last = 0, 0 // 三千零八 is 3008
		case d > 0:
			digit = float64(d)
		case unit == 10000:
			total, section, digit, last = (total+section+digit)*unit, 0, 0, unit
		case unit > 1:
			section += max(digit, 1) * unit
			digit, last = 0, unit
		default:
			return 0, false
		}
	}
	if digit > 0 && last >= 100 { // 三千八 is 3800
		digit *= last / 10
	}
	return total + section + digit, s != ""
}

// minSpelled is the fewest numerals in a row that are taken for a number spelled digit by digit.
const minSpelled = 5

// SpelledDigits writes the numbers in s that are spelled digit by digit (幺三八零零) in digits; fewer
// than five numerals in a row stay.
func SpelledDigits(s string) string {
	return rewrite(s, func(i int) (int, string, bool) {
		var digits []byte
		end := i
		for _, r := range s[i:] {
			d := Numeral(r)
			if d == NoDigit {
				break
			}
			digits, end = append(digits, '0'+byte(d)), end+utf8.RuneLen(r)
		}
		return end, string(digits), len(digits) >= minSpelled
	})
}
