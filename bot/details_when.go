package bot

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/yingda/yingda/kb"
)

// china is the zone of every time that customers tell: the whole country has one, without summer time.
func china() *time.Location { return time.FixedZone("CST", 8*60*60) }

const minuteLayout = "2006-01-02 15:04"

// when reads when it happened, and writes it as absolute local time. A day alone counts where it was
// asked for, or where something was done on it ("昨天刷的"): "今天还没到" says nothing about when.
func (t *telling) when() {
	if !containsAny(t.text, []string{"刚", "前", "天", "日", "号", "月", "晚", "早", "夜", "点", ":", "-", "/"}) {
		return
	}
	if at := t.ago.FindStringSubmatchIndex(t.text); at != nil {
		n := int(chineseNumber(group(t.text, at, 1)))
		unit := map[string]time.Duration{"分钟": time.Minute, "小时": time.Hour, "钟头": time.Hour, "天": 24 * time.Hour}[group(t.text, at, 2)]
		layout := minuteLayout
		if unit == 24*time.Hour {
			layout = time.DateOnly
		}
		back := time.Duration(n) * unit
		if group(t.text, at, 1) == "半" {
			back = unit / 2
		}
		t.note(kb.SlotOccurredAt, t.now.Add(-back).Format(layout), at[0], at[1])
		return
	}
	day, from, to, dated := t.date()
	rest := t.text
	if dated {
		rest = t.text[to:]
	}
	hour, minute, clockEnd, timed := t.hour(rest)
	switch {
	case dated && timed:
		t.note(kb.SlotOccurredAt, day.Add(time.Duration(hour*60+minute)*time.Minute).Format(minuteLayout), from, to+clockEnd)
	case timed && t.wants(kb.SlotOccurredAt):
		t.out[kb.SlotOccurredAt] = t.today().Add(time.Duration(hour*60+minute) * time.Minute).Format(minuteLayout)
	case dated && (t.wants(kb.SlotOccurredAt) || done(rest)):
		t.note(kb.SlotOccurredAt, day.Format(time.DateOnly)+partOfDay(t.text[from:]), from, to)
	}
}

func (t *telling) today() time.Time {
	y, m, d := t.now.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.now.Location())
}

// date is the last day that the text names, and its place.
func (t *telling) date() (day time.Time, from, to int, ok bool) {
	for _, m := range t.day.FindAllStringSubmatchIndex(t.text, -1) {
		d, valid := t.dayOf(m)
		if valid {
			day, from, to, ok = d, m[0], m[1], true
		}
	}
	return day, from, to, ok
}

func (t *telling) dayOf(m []int) (time.Time, bool) {
	today := t.today()
	if word := group(t.text, m, 4); word != "" {
		back := map[string]int{"大前天": 3, "前天": 2, "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1}[word]
		return today.AddDate(0, 0, -back), true
	}
	if only := group(t.text, m, 5); only != "" { // "23号"
		d, _ := strconv.Atoi(only)
		if d < 1 || d > 31 {
			return time.Time{}, false
		}
		day := time.Date(today.Year(), today.Month(), d, 0, 0, 0, 0, today.Location())
		if day.After(today) {
			day = day.AddDate(0, -1, 0)
		}
		return day, true
	}
	month, _ := strconv.Atoi(group(t.text, m, 2))
	d, _ := strconv.Atoi(group(t.text, m, 3))
	year, given := strconv.Atoi(group(t.text, m, 1))
	if given != nil {
		year = today.Year()
	}
	day := time.Date(year, time.Month(month), d, 0, 0, 0, 0, today.Location())
	if month < 1 || month > 12 || day.Day() != d {
		return time.Time{}, false
	}
	if given != nil && day.After(today) { // nobody reports what is to come: it was last year
		day = day.AddDate(-1, 0, 0)
	}
	return day, true
}

// hour is the first clock time of rest and where it ends.
func (t *telling) hour(rest string) (hour, minute, end int, ok bool) {
	m := t.clock.FindStringSubmatchIndex(rest)
	if m == nil {
		return 0, 0, 0, false
	}
	hour = int(chineseNumber(group(rest, m, 2) + group(rest, m, 4)))
	minute, _ = strconv.Atoi(group(rest, m, 3) + group(rest, m, 6))
	if group(rest, m, 5) != "" {
		minute = 30
	}
	part := group(rest, m, 1)
	if part == "" && strings.Contains(t.text, "昨晚") {
		part = "晚上"
	}
	switch part {
	case "下午", "傍晚", "晚上", "晚", "夜里":
		if hour < 12 {
			hour += 12
		}
	case "中午":
		if hour < 3 {
			hour += 12
		}
	}
	return hour, minute, m[1], hour < 24 && minute < 60
}

// done tells whether something was done on the day in front of rest.
func done(rest string) bool {
	head := rest
	if i := strings.IndexAny(rest, ",。;!?\n"); i >= 0 {
		head = rest[:i]
	}
	if before, _, ok := strings.Cut(head, "没"); ok {
		head = before
	}
	return containsAny(head, []string{"刷", "收了", "收的", "付", "扣", "转", "交易", "做的", "买", "发生"})
}

// partOfDay is the part of the day that a text names, in front of which a blank stands; "" for none.
func partOfDay(text string) string {
	for _, part := range []string{"凌晨", "早上", "上午", "中午", "下午", "傍晚", "晚上"} {
		if strings.Contains(text, part) {
			return " " + part
		}
	}
	switch {
	case strings.Contains(text, "晚"):
		return " 晚上"
	case strings.Contains(text, "早"):
		return " 早上"
	}
	return ""
}

// money reads an amount: one that has a unit, or one behind a word that says that money moved.
func (t *telling) money() {
	if countDigits(t.text) == 0 && !strings.ContainsAny(t.text, "一二两三四五六七八九十百千万") {
		return
	}
	for _, m := range t.amount.FindAllStringSubmatchIndex(t.text, -1) {
		if group(t.text, m, 3) != "" || !counted(t.text[m[1]:]) {
			if t.sum(m) {
				return
			}
		}
	}
	if strings.ContainsAny(t.text, "元块圆rR") {
		if m := t.amountWords.FindStringSubmatchIndex(t.text); m != nil && t.sum(m) {
			return
		}
	}
	if !t.wants(kb.SlotAmount) {
		return
	}
	if m := t.amountWords.FindStringSubmatchIndex(t.text + "元"); m != nil && strings.Trim(t.text[:m[0]], " ,.。¥￥") == "" {
		m[1] = min(m[1], len(t.text))
		t.sum(m)
	}
}

// counted tells whether what follows a number makes it something else than money.
func counted(after string) bool {
	return hasAffix(strings.HasPrefix, strings.TrimLeft(after, " "), "点", "月", "日", "号", "天", "次", "笔", "张", "台", "年", "个", "分", "%", "位", "家", ":", "人", "小时", "遍", "期", "折", "-", "/", "/", ".", "下", "机", "起", "不", "到", "块卡")
}

// sum notes the amount of a match whose groups 1 and 2 are the number and its multiplier.
func (t *telling) sum(m []int) bool {
	value := chineseNumber(strings.ReplaceAll(group(t.text, m, 1), ",", ""))
	value *= map[string]float64{"": 1, "百": 100, "千": 1e3, "k": 1e3, "K": 1e3, "万": 1e4, "w": 1e4, "W": 1e4}[group(t.text, m, 2)]
	if value <= 0 || value >= 1e9 {
		return false
	}
	t.note(kb.SlotAmount, strconv.FormatFloat(math.Round(value*100)/100, 'f', -1, 64)+"元", m[0], m[1])
	return true
}

// chineseNumber reads 3800, 三千八, 一万二, 两百五 and 十二; 0 when it is no number.
func chineseNumber(s string) float64 {
	if x, err := strconv.ParseFloat(s, 64); err == nil {
		return x
	}
	var total, section, digit, last float64
	for _, r := range s {
		unit := map[rune]float64{'十': 10, '百': 100, '千': 1000, '万': 10000}[r]
		switch i := strings.IndexRune("零一二三四五六七八九", r); {
		case r == '两':
			digit = 2
		case i >= 0:
			digit = float64(i / len("零"))
			if r == '零' {
				last = 0 // 三千零八 is 3008
			}
		case r == '万':
			total, section, digit, last = (total+section+digit)*unit, 0, 0, unit
		case unit > 0:
			section += max(digit, 1) * unit
			digit, last = 0, unit
		default:
			return 0
		}
	}
	if digit > 0 && last >= 100 { // 三千八 is 3800
		digit *= last / 10
	}
	return total + section + digit
}
