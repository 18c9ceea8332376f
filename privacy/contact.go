package privacy

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/zh"
)

// MaskContact shows enough of a contact to recognise it: 138****5678, zh***@qq.com, wx***88. A word before a
// colon stays: 微信：wx***88.
func MaskContact(contact string) string {
	contact = strings.TrimSpace(contact)
	if i := strings.LastIndexAny(contact, ":："); i >= 0 {
		_, size := utf8.DecodeRuneInString(contact[i:])
		if head, rest := contact[:i+size], contact[i+size:]; !slices.ContainsFunc(foldCells(nil, head), cell.isDigit) && strings.TrimSpace(rest) != "" {
			return head + MaskContact(rest)
		}
	}
	if digits := phoneDigits(contact); len(digits) >= 7 {
		return maskPhone(digits)
	}
	if name, host, ok := strings.Cut(contact, "@"); ok && name != "" && host != "" {
		return keepEnds(name, min(2, utf8.RuneCountInString(name)-1), 0) + "@" + host
	}
	switch n := utf8.RuneCountInString(contact); {
	case n >= 7:
		return keepEnds(contact, 2, 2)
	case n >= 2:
		return keepEnds(contact, 1, 0)
	}
	return "***"
}

// phoneDigits are the digits of a contact that consists of nothing but digits, separators, plus
// and parentheses; otherwise it is empty.
func phoneDigits(contact string) string {
	var b strings.Builder
	for _, c := range foldCells(nil, contact) {
		switch {
		case c.digit != zh.NoDigit:
			b.WriteByte(byte(c.digit) + '0')
		case separatorFlags(c.r) == 0:
			return ""
		}
	}
	return b.String()
}

func maskPhone(digits string) string {
	for _, country := range []string{"0086", "86"} {
		if rest, ok := strings.CutPrefix(digits, country); ok && len(rest) == mobileDigits {
			digits = rest
		}
	}
	if len(digits) < 10 {
		return "****" + digits[len(digits)-4:]
	}
	return Phone.cover(digits)
}

// keepEnds shows the first and last few characters.
func keepEnds(s string, first, last int) string {
	r := []rune(s)
	return string(r[:max(first, 0)]) + "***" + string(r[len(r)-last:])
}
