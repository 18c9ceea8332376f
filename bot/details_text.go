package bot

import (
	"strings"
	"unicode/utf8"
)

// plain folds a text's widths and the traditional characters of the words that details are told with.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '！' <= r && r <= '～':
			return r - '！' + '!'
		case r == '\u3000' || r == '\u00a0' || r == '\t':
			return ' '
		case r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\ufeff':
			return -1
		case '①' <= r && r <= '⑨':
			return r - '①' + '1'
		case r == '—' || r == '–':
			return '-'
		case r < '\u4e00':
			return r
		}
		return simplified(r)
	}, text)
}

// simplified is the simplified form of the characters that stand beside details, and of numerals.
func simplified(r rune) rune {
	const traditional, simple = "號機編戶終額錢點時萬單賬帳顯寫為開號碼錯誤報聯繫電話這邊裡剛個鐘兩塊圓陸轉對確認資訊沒記過麼嗎還處來問題進", "号机编户终额钱点时万单账账显写为开号码错误报联系电话这边里刚个钟两块圆陆转对确认资讯没记过么吗还处来问题进"
	if i := strings.IndexRune(traditional, r); i >= 0 {
		return []rune(simple)[utf8.RuneCountInString(traditional[:i])]
	}
	return r
}

// longNumeral is the fewest numerals in a row that are read out digit by digit.
const longNumeral = 5

// digits writes numbers that were spelt out digit by digit (幺二三四五) in digits.
func digits(text string) string {
	const numerals = "零一二三四五六七八九"
	if strings.Count(text, "一")+strings.Count(text, "幺")+strings.Count(text, "零")+strings.Count(text, "〇")+strings.Count(text, "二")+strings.Count(text, "八") == 0 {
		return text
	}
	var out strings.Builder
	run := []rune(text)
	for i := 0; i < len(run); {
		end := i
		for end < len(run) && strings.ContainsRune(numerals+"〇幺", run[end]) {
			end++
		}
		if end-i < longNumeral {
			end = max(end, i+1)
			out.WriteString(string(run[i:end]))
			i = end
			continue
		}
		for ; i < end; i++ {
			r := strings.NewReplacer("〇", "零", "幺", "一").Replace(string(run[i]))
			out.WriteByte(byte('0' + utf8.RuneCountInString(numerals[:strings.Index(numerals, r)])))
		}
	}
	return out.String()
}

// numberRuns are the runs of letters and digits that have a digit, each group for itself first and
// then joined with its neighbours over blanks and dashes: places in s. What is left of a masked number
// (622202******0128) is none.
func numberRuns(s string) [][2]int {
	var single, joined [][2]int
	for i := 0; i < len(s); i++ {
		if !alnum(s[i]) {
			continue
		}
		from := i
		for i < len(s) && alnum(s[i]) {
			i++
		}
		masked := from > 0 && s[from-1] == '*' || i < len(s) && s[i] == '*'
		if masked || countDigits(s[from:i]) == 0 {
			continue
		}
		if n := len(single); n > 0 && strings.Trim(s[single[n-1][1]:from], " -") == "" {
			joined[len(joined)-1][1] = i
		} else {
			joined = append(joined, [2]int{from, i})
		}
		single = append(single, [2]int{from, i})
	}
	return append(single, joined...)
}

func alnum(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// firstNumber ends a captured run before a word of letters that belongs to the next thing.
func firstNumber(s string) string {
	for i := range len(s) {
		if s[i] == ' ' && i+1 < len(s) && (s[i+1] < '0' || '9' < s[i+1]) {
			return s[:i]
		}
	}
	return s
}

func squeeze(s string) string { return strings.NewReplacer(" ", "", "-", "").Replace(s) }

func countDigits(s string) int {
	n := 0
	for _, r := range s {
		if '0' <= r && r <= '9' {
			n++
		}
	}
	return n
}

// group is a submatch, "" where it took no part.
func group(s string, m []int, i int) string {
	if 2*i+1 >= len(m) || m[2*i] < 0 {
		return ""
	}
	return s[m[2*i]:m[2*i+1]]
}
