package zh

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// readCodes writes the codes of folded text that are spelled out in digits: 报零五 becomes 报05, 提示五十七 becomes
// 提示57. Only numerals beside a cue that announces a code are read, and a text that is nothing else.
func readCodes(text string) string {
	return rewrite(text, func(i int) (int, string, bool) {
		code, end := parseCode(text, i)
		return end, code, code != "" && isAnnounced(text[:i], text[end:])
	})
}

const ten = 10 // 十 in a run of numerals

// parseCode reads the run of numerals that begins at text[i], as its two digits and its end; "" when
// it is no number of two digits, end is i when there is no numeral.
func parseCode(text string, i int) (code string, end int) {
	var run []int
	for end = i; end < len(text); {
		r, size := utf8.DecodeRuneInString(text[end:])
		digit := Numeral(r)
		if r == '十' {
			digit = ten
		}
		if digit == NoDigit {
			break
		}
		run, end = append(run, digit), end+size
	}
	switch at := slices.Index(run, ten); {
	case len(run) == 3 && at == 1 && run[0] > 0: // 五十七
		run = []int{run[0], run[2]}
	case len(run) == 2 && at == 1: // 五十
		run = []int{run[0], 0}
	case len(run) == 2 && at == 0: // 十五
		run = []int{1, run[1]}
	case len(run) != 2 || at >= 0:
		return "", end
	}
	if slices.Contains(run, ten) {
		return "", end
	}
	return string([]byte{'0' + byte(run[0]), '0' + byte(run[1])}), end
}

// isAnnounced reports whether a number between before and after is a code.
func isAnnounced(before, after string) bool {
	before, after = strings.TrimRight(before, " :,"), strings.TrimLeft(after, " ")
	if before == "" && strings.Trim(after, "?!.,。 ") == "" {
		return true
	}
	for _, cue := range [...]string{
		"报", "报错", "报个", "报了", "报了个", "代码", "代码是", "错误", "错误码", "提示", "提示码", "提示个", "显示", "显示个", "显示了", "出现",
		"返回", "返回码", "跳出", "跳出来", "弹出", "弹出个", "出来个", "来个", "一直", "老是",
	} {
		if strings.HasSuffix(before, cue) {
			return !isCounter(after)
		}
	}
	return false
}

// isCounter reports whether what follows a number counts something: 五十块, 两三天.
func isCounter(after string) bool {
	r, _ := utf8.DecodeRuneInString(after)
	return strings.ContainsRune("块元毛个笔天点号月年万千百位台张折次遍期人家分秒度小左多来几", r)
}
