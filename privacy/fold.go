package privacy

import "unicode/utf8"

// cell is one visible character: what it means to the rules, and the bytes lo to hi of the text that
// it came from, together with the invisible characters behind it.
type cell struct {
	r      rune // lower case, half width, simplified
	lo, hi int32
	digit  int8 // 0 to 9, or -1
}

const noDigit = -1

// plain reports whether text cannot hold a secret: fewer than three digits of any script, and no
// word that a password without digits could follow.
func plain(text string) bool {
	digits := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case '0' <= c && c <= '9':
				digits++
			case (c|0x20) == 'p' && i < len(text) && startsPassword(text[i]):
				return false
			case (c|0x20) == 'o' || (c|0x20) == 'l' || (c|0x20) == 'i':
				continue
			}
		} else {
			r, size := utf8.DecodeRuneInString(text[i:])
			i += size
			if r == '密' || r == '令' || 0xff21 <= r && r <= 0xff5a || invisible(r) {
				return false
			}
			if digitOf(r) != noDigit {
				digits++
			}
		}
		if digits >= 3 {
			return false
		}
	}
	return true
}

// startsPassword reports whether c may follow the p of "password", "pwd" and "pin".
func startsPassword(c byte) bool {
	c |= 0x20
	return c == 'a' || c == 'w' || c == 'i' || c >= 0x80
}

// fold reads text into cells and leaves out what cannot be seen.
func fold(cells []cell, text string) []cell {
	if len(text) > 2*cap(cells) {
		cells = make([]cell, 0, utf8.RuneCountInString(text))
	}
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		lo := i
		i += size
		if r >= utf8.RuneSelf {
			if invisible(r) {
				if n := len(cells); n > 0 {
					cells[n-1].hi = int32(i)
				}
				continue
			}
			if 0xff01 <= r && r <= 0xff5e {
				r -= 0xfee0
			}
		}
		c := cell{r: r, lo: int32(lo), hi: int32(i), digit: noDigit}
		switch {
		case '0' <= r && r <= '9':
			c.digit = int8(r - '0')
		case 'A' <= r && r <= 'Z':
			c.r += 'a' - 'A'
		case r >= utf8.RuneSelf:
			c.digit = digitOf(r)
			c.r = simplified(r)
		}
		cells = append(cells, c)
	}
	return cells
}

// invisible reports characters that leave a number looking the same: zero width, direction marks,
// soft hyphens, variation selectors, key caps and combining marks.
func invisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r == 0x3164, r == 0xfeff, r == 0xffa0:
		return true
	}
	return 0x300 <= r && r <= 0x36f || 0x180b <= r && r <= 0x180f || 0x200b <= r && r <= 0x200f ||
		0x202a <= r && r <= 0x202e || 0x2060 <= r && r <= 0x206f || 0x20d0 <= r && r <= 0x20f0 ||
		0xfe00 <= r && r <= 0xfe0f || 0xe0000 <= r && r <= 0xe01ef
}

// digitOf is the digit that a character beyond ASCII stands for, or noDigit.
func digitOf(r rune) int8 {
	switch {
	case r < 0xb2:
		return noDigit
	case 0x4e00 <= r && r <= 0x9fff:
		return numeral(r)
	case 0xff10 <= r && r <= 0xff19:
		return int8(r - 0xff10)
	}
	for _, zero := range [...]rune{0x660, 0x6f0, 0x966, 0x2080, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1fbf0} {
		if zero <= r && r <= zero+9 {
			return int8(r - zero)
		}
	}
	for _, one := range [...]rune{0x2460, 0x2474, 0x2488, 0x24f5, 0x2776, 0x2780, 0x278a, 0x3220, 0x3280} { // ① ⑴ ⒈ ⓵ ❶ ➀ ➊ ㈠ ㊀
		if one <= r && r <= one+8 {
			return int8(r-one) + 1
		}
	}
	switch r {
	case '〇', '⓪', '⓿', '⁰', '○':
		return 0
	case '¹':
		return 1
	case '²', '³':
		return int8(r-'²') + 2
	}
	if '⁴' <= r && r <= '⁹' {
		return int8(r-'⁴') + 4
	}
	return noDigit
}

// numeral is the digit of a Chinese numeral, as written, on cheques and on the telephone.
func numeral(r rune) int8 {
	switch r {
	case '零', '洞':
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
	return noDigit
}

// simplified folds the traditional characters of the dictionary, and what looks like an id's X.
func simplified(r rune) rune {
	switch r {
	case '×', 'Х', 'х', 'Χ', 'χ', '✕', '✖', '叉':
		return 'x'
	case '號':
		return '号'
	case '碼':
		return '码'
	case '驗':
		return '验'
	case '證':
		return '证'
	case '帳', '帐', '賬':
		return '账'
	case '電':
		return '电'
	case '話':
		return '话'
	case '機':
		return '机'
	case '訂':
		return '订'
	case '單':
		return '单'
	case '銀':
		return '银'
	case '為', '爲':
		return '为'
	case '終':
		return '终'
	case '戶', '户':
		return '户'
	case '編':
		return '编'
	case '憑':
		return '凭'
	case '參':
		return '参'
	case '額':
		return '额'
	case '們':
		return '们'
	case '聯':
		return '联'
	case '絡':
		return '络'
	}
	return r
}
