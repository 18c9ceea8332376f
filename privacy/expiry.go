package privacy

import (
	"strconv"

	"github.com/yingda/yingda/zh"
)

// detectExpiry hides a card's month and year of expiry that begin at token i. Full dates are kept, and
// months in which something else than a card ends.
func (s *scanner) detectExpiry(i int) bool {
	from := int(s.tokens[i].lo)
	to, secret := s.parseMonthYear(from)
	if to == 0 {
		return false
	}
	last := i
	for last < len(s.tokens) && int(s.tokens[last].lo) < to {
		last++
	}
	if int(s.tokens[last-1].hi) != to {
		return false
	}
	if s.followsCard(i) && s.hasCVVAt(last) {
		s.addHit(Expiry, i, last, secret)
		s.addHit(CVV, last+1, last+2, s.digitsOf(last+1))
		return true
	}
	b := s.labelBefore(i)
	if b.class != expiry && b.class != dueDate {
		b = s.labelAfter(last)
	}
	named := b.class == expiry || b.class == dueDate && s.hasLabelBefore(i, bankCard, cvv)
	if !named || !b.adjacent || s.hasLabelBefore(i, termSubject, resident) {
		return false
	}
	s.addHit(Expiry, i, last, secret)
	return true
}

// followsCard reports whether only a gap stands between token i and a card that was just hidden: people
// copy a card as number, 12/28, 123.
func (s *scanner) followsCard(i int) bool {
	n := len(*s.hits)
	if n == 0 || i < 2 || s.tokens[i-1].kind != separator {
		return false
	}
	h := &(*s.hits)[n-1]
	return h.kind == Card && h.hi == int(s.tokens[i-2].hi)
}

// hasCVVAt reports whether a gap and then three digits begin at token i.
func (s *scanner) hasCVVAt(i int) bool {
	return i+1 < len(s.tokens) && s.tokens[i].kind == separator && s.tokens[i+1].kind == number && s.tokens[i+1].hi-s.tokens[i+1].lo == 3 &&
		!s.isCounted(i+2)
}

// parseMonthYear reads MM/YY, YY/MM, MM/YYYY, YYYY-MM, MMYY, 12月28年, 二八年十二月 and the like. It
// returns the cell behind and MMYY, or 0.
func (s *scanner) parseMonthYear(i int) (int, string) {
	a, width, j := s.parseNumber(i)
	if width == 4 || width == 6 {
		if secret := splitMMYY(a, width); secret != "" && !s.dateContinues(j) {
			return j, secret
		}
	}
	sep := j
	for j < len(s.cells) && j-sep < 3 && isDateSeparator(s.cells[j].r) {
		j++
	}
	if j == sep {
		return 0, ""
	}
	b, width2, j := s.parseNumber(j)
	secret := formatMMYY(a, width, b, width2)
	if secret == "" {
		secret = formatMMYY(b, width2, a, width)
	}
	if j < len(s.cells) && (s.cells[j].r == '月' || s.cells[j].r == '年') {
		j++
	}
	if secret == "" || s.dateContinues(j) {
		return 0, ""
	}
	return j, secret
}

// parseNumber reads a number of up to six digits, and months such as 十二. A width of 0 means none.
func (s *scanner) parseNumber(i int) (value, width, next int) {
	for next = i; next < len(s.cells) && width <= 6; next++ {
		c := &s.cells[next]
		if c.r == '十' && width == 0 {
			value, width = 10, 2
			if next+1 < len(s.cells) && (s.cells[next+1].digit == 1 || s.cells[next+1].digit == 2) {
				next++
				value += int(s.cells[next].digit)
			}
			return value, width, next + 1
		}
		if c.digit == zh.NoDigit {
			break
		}
		value, width = 10*value+int(c.digit), width+1
	}
	return value, width, next
}

// formatMMYY is MMYY for a month and a year, or empty.
func formatMMYY(month, monthWidth, year, yearWidth int) string {
	if yearWidth == 4 && year/100 == 20 {
		year %= 100
	} else if yearWidth != 2 {
		return ""
	}
	if monthWidth == 0 || monthWidth > 2 || month < 1 || month > 12 || year < 20 || year > 49 {
		return ""
	}
	return strconv.Itoa(100 + month)[1:] + strconv.Itoa(year)
}

// splitMMYY is MMYY for MMYY, YYMM, YYYYMM and MMYYYY, or empty.
func splitMMYY(v, width int) string {
	if width == 4 {
		if secret := formatMMYY(v/100, 2, v%100, 2); secret != "" {
			return secret
		}
		return formatMMYY(v%100, 2, v/100, 2)
	}
	if secret := formatMMYY(v%100, 2, v/100, 4); secret != "" {
		return secret
	}
	return formatMMYY(v/10000, 2, v%10000, 4)
}

func isDateSeparator(r rune) bool {
	return separatorFlags(r)&sepJoins != 0 && r != '\n' && r != ',' && r != '、' && r != '。' || r == '年' || r == '月'
}

// dateContinues reports whether a date goes on at cell i: with a day, or with more digits.
func (s *scanner) dateContinues(i int) bool {
	if i >= len(s.cells) {
		return false
	}
	if isDateSeparator(s.cells[i].r) && s.cells[i].r != ' ' {
		i++
	}
	return i < len(s.cells) && (s.cells[i].digit != zh.NoDigit || s.cells[i].r == '日')
}
