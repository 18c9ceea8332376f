package kb

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// Code is one response code that a terminal shows.
type Code struct {
	Code    string   `yaml:"code"`  // two characters, upper case
	Title   string   `yaml:"title"` // the meaning, short
	Owner   string   `yaml:"owner"` // who acts: 发卡行, 收单机构, …
	Retry   Retry    `yaml:"retry"`
	Class   string   `yaml:"class"` // A–E, as in the terminal specification
	Text    string   `yaml:"text"`  // ready for the customer, one chat bubble
	Sources []string `yaml:"sources"`

	line int // in codes.yaml
}

// Retry says whether the customer should try the payment again.
type Retry string

// The closed set of Retry values.
const (
	RetryNo    Retry = "no"    // it will fail again
	RetryAfter Retry = "after" // once the named step is done
	RetryLater Retry = "later" // after a while
	RetryCheck Retry = "check" // first look whether the money went
)

// CodesArticle is the id of the article about response codes; a question that names a code is its.
const CodesArticle = "txn-response-code"

// Codes are all known response codes in the file's order.
type Codes []Code

// Find returns the code with that name.
func (cs Codes) Find(code string) (Code, bool) {
	i := slices.IndexFunc(cs, func(c Code) bool { return c.Code == code })
	if i < 0 {
		return Code{}, false
	}
	return cs[i], true
}

// maxMentioned is how many codes of one question are explained.
const maxMentioned = 3

// Mentioned finds the response codes that a folded question (half-width, lower case) names: "报05",
// "错误代码97是啥", "一直96", or a code alone. They come back in upper case, each once, known or not.
// Amounts, dates and operator numbers are no codes. A guide without codes finds none.
func (cs Codes) Mentioned(folded string) []string {
	if len(cs) == 0 {
		return nil
	}
	var found []string
	for from, to := range codeRuns(folded) {
		run := strings.ToUpper(strings.Trim(folded[from:to], ".")) // "05." ends a sentence
		_, known := cs.Find(run)
		proof := codeEvidence(folded[:from], folded[to:])
		named := known && proof > noEvidence || looksLikeCode(run) && proof == strongEvidence
		if named && len(found) < maxMentioned && !slices.Contains(found, run) {
			found = append(found, run)
		}
	}
	return found
}

// codeRuns are the places of what may be a response code. A dot joins the digits of an amount, so that "0.55" is one run
// and no code.
func codeRuns(folded string) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for from := 0; from < len(folded); from++ {
			to := from
			for to < len(folded) && mayStandInCode(folded[to]) {
				to++
			}
			if to > from && !yield(from, to) {
				return
			}
			from = to
		}
	}
}

func mayStandInCode(b byte) bool { return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || b == '.' }

// looksLikeCode tells whether an unknown run may be a response code: two digits, or a letter and a digit.
func looksLikeCode(run string) bool {
	return len(run) == 2 && '0' <= run[1] && run[1] <= '9' && run[0] != '.'
}

// evidence is how much speaks for a run being a response code.
type evidence int

const (
	noEvidence     evidence = iota
	weakEvidence            // the code alone, or a word that often stands beside a code: enough for a known one
	strongEvidence          // a word that says that it is a code: enough for an unknown one
)

// codeEvidence judges what stands directly before and after a run.
func codeEvidence(before, after string) evidence {
	clock := isClock(before, after)
	before = strings.TrimRight(before, " :：,，。\"“'「【.")
	whole := before // with the particles that 老是 ends in
	before = strings.TrimRight(before, " 了的是个为着过")
	rest := strings.TrimLeft(after, " ,，。!?！？\"”'」】了的")
	switch {
	case hasPrefixAny(after, "元", "块", "岁", "点", "月", "天", "分", "年", "日", "个", "笔", "万", "千", "%", "％", "号", "小时", "位", "台", "张", "折", "/", "-", "+",
		"秒", "次", "度", "遍", "期", "人", "家", "钱"),
		clock, isChoice(whole),
		hasSuffixAny(before, "扫码", "维码", "款码", "钱码", "条码", "跳码", "套码", "密码", "验证码", "一机多码", "预报"): // an amount or a secret follows
		return noEvidence
	case hasSuffixAny(before, "错误码", "错误代码", "错误", "代码", "返回码", "应答码", "响应码", "状态码", "提示码", "码", "报错", "报", "code", "返回", "应答"),
		hasPrefixAny(rest, "错误", "代码", "报错"):
		return strongEvidence
	case hasSuffixAny(before, "扣", "收", "付", "交", "退", "转", "刷", "少", "多", "扣我", "收我", "¥", "$", "支出", "转出", "取出", "付出"): // an amount
		return noEvidence
	case hasSuffixAny(before, "提示", "显示", "出现", "跳出", "弹出", "出", "一直", "又"),
		hasSuffixAny(whole, "老是", "总是", "还是", "写着", "来个"),
		hasPrefixAny(rest, "什么意思", "啥意思", "是啥", "是什么", "啥子", "是几个意思", "什么情况", "怎么回事", "咋回事", "怎么办", "咋办", "咋整"),
		before == "" && rest == "":
		return weakEvidence
	}
	return noEvidence
}

// isClock tells whether a run is the hour or the minutes of a time such as 12:30.
func isClock(before, after string) bool {
	return strings.HasPrefix(after, ":") && digitAt(after, 1) || strings.HasSuffix(before, ":") && digitAt(before, len(before)-2)
}

// isChoice tells whether a run is the second of two numbers to choose from: 01还是00.
func isChoice(before string) bool {
	first, ok := strings.CutSuffix(before, "还是")
	return ok && digitAt(first, len(first)-1)
}

func digitAt(s string, i int) bool { return 0 <= i && i < len(s) && '0' <= s[i] && s[i] <= '9' }

func hasSuffixAny(s string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(x string) bool { return strings.HasSuffix(s, x) })
}

func hasPrefixAny(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(x string) bool { return strings.HasPrefix(s, x) })
}

// Lookup is the agents' look-up while they type: the codes that a folded text names, begins, or
// describes ("5" finds 51 to 59, "密码" finds 55).
func (cs Codes) Lookup(folded string) []Code {
	named := cs.Mentioned(folded)
	var out []Code
	for _, c := range cs {
		hasPrefix := len(folded) <= len(c.Code) && strings.HasPrefix(strings.ToLower(c.Code), folded)
		titled := utf8.RuneCountInString(folded) > 1 && strings.Contains(c.Title, folded)
		if slices.Contains(named, c.Code) || hasPrefix || titled {
			out = append(out, c)
		}
	}
	return out
}
