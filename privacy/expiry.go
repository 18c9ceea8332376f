package privacy

import "strconv"

// expires hides a card's month and year of expiry that begin at token i. Full dates are kept, and
// months in which something else than a card ends.
func (s *scan) expires(i int) bool {
	from := int(s.tokens[i].lo)
	to, secret := s.monthYear(from)
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
	b := s.before(i)
	if b.class != expiry && b.class != due {
		b = s.after(last)
	}
	switch {
	case !b.tight || s.near(i, subject, resident):
		return false
	case b.class == expiry:
	case b.class == due:
		if !s.near(i, bankCard, cvv) {
			return false
		}
	default:
		return false
	}
	s.hide(Expiry, i, last, secret)
	return true
}

// monthYear reads MM/YY, YY/MM, MM/YYYY, YYYY-MM, MMYY, 12月28年, 二八年十二月 and the like. It
// returns the cell behind and MMYY, or 0.
func (s *scan) monthYear(i int) (int, string) {
	a, width, j := s.value(i)
	if width == 4 || width == 6 {
		if secret := split(a, width); secret != "" && !s.continues(j) {
			return j, secret
		}
	}
	sep := j
	for j < len(s.cells) && j-sep < 3 && monthGap(s.cells[j].r) {
		j++
	}
	if j == sep {
		return 0, ""
	}
	b, width2, j := s.value(j)
	secret := ordered(a, width, b, width2)
	if secret == "" {
		secret = ordered(b, width2, a, width)
	}
	if j < len(s.cells) && (s.cells[j].r == '月' || s.cells[j].r == '年') {
		j++
	}
	if secret == "" || s.continues(j) {
		return 0, ""
	}
	return j, secret
}

// value reads a number of up to six digits, and months such as 十二. A width of 0 means none.
func (s *scan) value(i int) (value, width, next int) {
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
		if c.digit == noDigit {
			break
		}
		value, width = 10*value+int(c.digit), width+1
	}
	return value, width, next
}

// ordered is MMYY for a month and a year, or empty.
func ordered(month, monthWidth, year, yearWidth int) string {
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

// split is MMYY for MMYY, YYMM, YYYYMM and MMYYYY, or empty.
func split(v, width int) string {
	if width == 4 {
		if secret := ordered(v/100, 2, v%100, 2); secret != "" {
			return secret
		}
		return ordered(v%100, 2, v/100, 2)
	}
	if secret := ordered(v%100, 2, v/100, 4); secret != "" {
		return secret
	}
	return ordered(v/10000, 2, v%10000, 4)
}

func monthGap(r rune) bool {
	return gapFlags(r)&joins != 0 && r != '\n' && r != ',' && r != '、' && r != '。' || r == '年' || r == '月'
}

// continues reports whether a date goes on at cell i: with a day, or with more digits.
func (s *scan) continues(i int) bool {
	if i >= len(s.cells) {
		return false
	}
	if monthGap(s.cells[i].r) && s.cells[i].r != ' ' {
		i++
	}
	return i < len(s.cells) && (s.cells[i].digit != noDigit || s.cells[i].r == '日')
}
