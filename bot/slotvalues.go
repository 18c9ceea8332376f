package bot

import (
	"cmp"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// told are details by their slot, as they go into a chat.Device.
type told map[kb.Slot]string

// slotReader reads what a person needs to know of a terminal out of what customers say. It is pure and
// safe for concurrent use.
type slotReader struct {
	kb.Reading
	codes  kb.Codes
	brands []brandName // the longest first
	cities []string    // the longest first
	beside []string    // what may stand beside a bare number, the longest first
	zone   *time.Location

	finders                     []func(*telling)         // of each slot, in their order
	labels                      map[kb.Slot]labelPattern // what stands behind the words that name it
	bareVersion, account, model *regexp.Regexp
	spent, priced, sum          *regexp.Regexp
	day, clock, ago             *regexp.Regexp
}

// The right lengths, as the networks define them.
const (
	merchantDigits = 15
	terminalChars  = 8
	phoneDigits    = 11
)

// labelPattern finds a number or a name behind the words that name it.
type labelPattern struct {
	*regexp.Regexp
	marks []signature // of these words
}

// telling is one message while it is being read; what is understood leaves the text.
type telling struct {
	*slotReader
	asked []kb.Slot
	now   time.Time
	text  string
	chars signature // of the whole message
	out   told
}

func (t *telling) wants(s kb.Slot) bool { return slices.Contains(t.asked, s) }

// note keeps a value and takes its place out of the text.
func (t *telling) note(s kb.Slot, value string, from, to int) {
	t.out[s] = value
	t.text = t.text[:from] + "," + t.text[to:]
}

// behind is what stands behind the labels of a slot, or nil.
func (t *telling) behind(s kb.Slot) []int {
	l, ok := t.labels[s]
	if !ok || !t.chars.mayHoldAny(l.marks) {
		return nil
	}
	return l.FindStringSubmatchIndex(t.text)
}

const minuteLayout = "2006-01-02 15:04"

// numeralChars are the characters of a Chinese number.
const numeralChars = "零一二两三四五六七八九十百千万"

func (r *slotReader) compileMoney() {
	m := &r.Money
	by := anyOf(slices.Collect(maps.Keys(m.Multiply)))
	number := `(\d+(?:,\d{3})*(?:\.\d+)?|[` + numeralChars + `]{2,})\s*(?:(` + by + `)(?:(\d{1,4}|[` + numeralChars + `]{1,7})(` + by + `)?)?)?`
	r.spent = regexp.MustCompile(`(?i)` + anyOf(m.Before) + `(?:` + anyOf(m.Between) + `|\s)*` + number + `\s*(` + anyOf(m.Units) + `)?`)
	r.priced = regexp.MustCompile(`(?i)` + number + `\s*(` + anyOf(slices.Concat(m.Units, m.Signs)) + `)`)
	r.sum = regexp.MustCompile(`(?i)` + number)
}

func (r *slotReader) compileTimes() {
	var parts []string
	for _, p := range r.Times.Parts {
		parts = append(parts, p.Name)
		if p.Short != "" {
			parts = append(parts, p.Short)
		}
	}
	r.day = regexp.MustCompile(`(?:(20\d\d)[年./-])?(\d{1,2})[月/-](\d{1,2})[日号]?|(` + anyOf(slices.Collect(maps.Keys(r.Times.Days))) + `)|(\d{1,2})号`)
	r.clock = regexp.MustCompile(`(` + anyOf(parts) + `)?\s*(?:(\d{1,2}):(\d{2})|(\d{1,2}|[` + numeralChars + `]{1,3})[点时](?:钟|(半)|(\d{1,2})分?)?)`)
	r.ago = regexp.MustCompile(anyOf(r.Times.JustNow) + `|(\d{1,3}|[半` + numeralChars + `]{1,3})个?(` + anyOf(slices.Collect(maps.Keys(r.Times.Units))) + `)之?前`)
}

// parseNumber reads digits or numerals; 0 when it is no number.
func parseNumber(s string) float64 {
	n, _ := zh.ParseNumber(s)
	return n
}

// mayHoldSum tells whether a text has what every sum has: a digit, or two characters of a Chinese number side by side.
func mayHoldSum(text string) bool {
	numerals := 0 // side by side
	for _, r := range text {
		switch {
		case '0' <= r && r <= '9':
			return true
		case !strings.ContainsRune(numeralChars, r):
			numerals = 0
		case numerals > 0:
			return true
		default:
			numerals++
		}
	}
	return false
}

// amount reads an amount: one that has a unit, or one behind a word that says that money moved.
func (t *telling) amount() {
	if !mayHoldSum(t.text) {
		return
	}
	for _, m := range t.spent.FindAllStringSubmatchIndex(t.text, -1) {
		if (group(t.text, m, 5) != "" || !t.isCounted(t.text[m[1]:])) && t.noteSum(m) {
			return
		}
	}
	if m := t.priced.FindStringSubmatchIndex(t.text); m != nil && t.noteSum(m) || !t.wants(kb.SlotAmount) {
		return
	}
	for _, m := range t.sum.FindAllStringSubmatchIndex(t.text, -1) {
		alone := (m[0] == 0 || !isAlnum(t.text[m[0]-1])) && (m[1] == len(t.text) || !isAlnum(t.text[m[1]]))
		if alone && t.standsAlone(m[0], m[1]) && !isPadded(group(t.text, m, 1)) && m[1]-m[0] < merchantDigits-3 && !t.isCounted(t.text[m[1]:]) && t.noteSum(m) {
			return
		}
	}
}

// remainder is what a number behind a multiplier adds: one digit alone is of the next lower power.
func (t *telling) remainder(digits, by string, multiplier float64) float64 {
	switch value := parseNumber(digits); {
	case by != "":
		return value * t.Money.Multiply[strings.ToLower(by)]
	case utf8.RuneCountInString(digits) == 1:
		return value * multiplier / 10
	default:
		return value
	}
}

// isPadded tells whether a number begins as no amount does: 05 is a code.
func isPadded(number string) bool {
	return len(number) > 1 && number[0] == '0' && number[1] != '.'
}

// isCounted tells whether what follows a number makes it something else than money.
func (t *telling) isCounted(after string) bool {
	return hasAnyPrefix(strings.TrimLeft(after, " "), t.Money.Counted)
}

// noteSum notes the amount of a match whose groups 1 and 2 are the number and its multiplier, and 3 and 4 those of what
// stands behind: 1万2 is 12000, as 1万2千 is.
func (t *telling) noteSum(m []int) bool {
	value := parseNumber(strings.ReplaceAll(group(t.text, m, 1), ",", ""))
	if by := group(t.text, m, 2); by != "" {
		value *= t.Money.Multiply[strings.ToLower(by)]
		value += t.remainder(group(t.text, m, 3), group(t.text, m, 4), t.Money.Multiply[strings.ToLower(by)])
	}
	if value <= 0 || value >= 1e9 || len(t.Money.Units) == 0 {
		return false
	}
	t.note(kb.SlotAmount, strconv.FormatFloat(math.Round(value*100)/100, 'f', -1, 64)+t.Money.Units[0], m[0], m[1])
	return true
}

// when reads when it happened, and writes it as absolute local time. A day alone counts where it was
// asked for, or where something was done on it ("昨天刷的"): "今天还没到" says nothing about when.
func (t *telling) when() {
	if !containsAny(t.text, t.Times.Hints) {
		return
	}
	if at := t.ago.FindStringSubmatchIndex(t.text); at != nil {
		t.note(kb.SlotOccurredAt, t.before(group(t.text, at, 1), group(t.text, at, 2)), at[0], at[1])
		return
	}
	day, from, to, dated := t.lastDay()
	rest := t.text
	if dated {
		rest = t.text[to:]
	}
	clock, clockEnd, timed := t.clockTime(rest)
	switch {
	case dated && timed:
		t.note(kb.SlotOccurredAt, day.Add(clock).Format(minuteLayout), from, to+clockEnd)
	case timed && t.wants(kb.SlotOccurredAt):
		t.out[kb.SlotOccurredAt] = t.date(t.now.Date()).Add(clock).Format(minuteLayout)
	case dated && (t.wants(kb.SlotOccurredAt) || t.isDone(rest)):
		t.note(kb.SlotOccurredAt, day.Format(time.DateOnly)+t.dayPart(t.text[from:]), from, to)
	}
}

// before is the time so long ago: to the day where days are counted. A half of a unit has no number.
func (t *telling) before(number, unit string) string {
	back := time.Duration(t.Times.Units[unit]) * time.Minute
	layout := minuteLayout
	if back >= 24*time.Hour {
		layout = time.DateOnly
	}
	if n, ok := zh.ParseNumber(number); ok || number == "" {
		back *= time.Duration(n)
	} else {
		back /= 2
	}
	return t.now.Add(-back).Format(layout)
}

// date is the beginning of a day.
func (t *telling) date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, t.now.Location())
}

// lastDay is the last day that the text names, and its place.
func (t *telling) lastDay() (day time.Time, from, to int, ok bool) {
	for _, m := range t.day.FindAllStringSubmatchIndex(t.text, -1) {
		if d, valid := t.dayOf(m); valid {
			day, from, to, ok = d, m[0], m[1], true
		}
	}
	return day, from, to, ok
}

func (t *telling) dayOf(m []int) (time.Time, bool) {
	today := t.date(t.now.Date())
	if word := group(t.text, m, 4); word != "" {
		return today.AddDate(0, 0, -t.Times.Days[word]), true
	}
	if only := group(t.text, m, 5); only != "" { // "23号"
		d, _ := strconv.Atoi(only)
		day := t.date(today.Year(), today.Month(), d)
		if day.After(today) {
			day = day.AddDate(0, -1, 0)
		}
		return day, 1 <= d && d <= 31
	}
	month, _ := strconv.Atoi(group(t.text, m, 2))
	d, _ := strconv.Atoi(group(t.text, m, 3))
	year, missing := strconv.Atoi(group(t.text, m, 1))
	if missing != nil {
		year = today.Year()
	}
	day := t.date(year, time.Month(month), d)
	if month < 1 || month > 12 || day.Day() != d {
		return time.Time{}, false
	}
	if missing != nil && day.After(today) { // nobody reports what is to come: it was last year
		day = day.AddDate(-1, 0, 0)
	}
	return day, true
}

// clockTime is the first clock time of rest, since midnight, and where it ends.
func (t *telling) clockTime(rest string) (since time.Duration, end int, ok bool) {
	m := t.clock.FindStringSubmatchIndex(rest)
	if m == nil {
		return 0, 0, false
	}
	hour := int(parseNumber(group(rest, m, 2) + group(rest, m, 4)))
	minute, _ := strconv.Atoi(group(rest, m, 3) + group(rest, m, 6))
	if group(rest, m, 5) != "" {
		minute = 30
	}
	part := group(rest, m, 1)
	if part == "" && t.Times.Night != "" && strings.Contains(t.text, t.Times.Night) {
		part = t.Times.Night
	}
	for _, p := range t.Times.Parts {
		if part != "" && (p.Name == part || p.Short != "" && strings.HasSuffix(part, p.Short)) && hour < p.Until {
			hour += 12
		}
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute, m[1], hour < 24 && minute < 60
}

// isDone tells whether something was done on the day in front of rest.
func (t *telling) isDone(rest string) bool {
	head := rest
	if i := strings.IndexAny(rest, ",。;!?\n"); i >= 0 {
		head = rest[:i]
	}
	if t.Times.Undone != "" {
		head, _, _ = strings.Cut(head, t.Times.Undone)
	}
	return containsAny(head, t.Times.Done)
}

// dayPart is the part of the day that a text names, in front of which a blank stands; "" for none.
func (t *telling) dayPart(text string) string {
	for _, p := range t.Times.Parts {
		if !p.Mute && strings.Contains(text, p.Name) {
			return " " + p.Name
		}
	}
	for _, p := range slices.Backward(t.Times.Parts) {
		if p.Short != "" && strings.Contains(text, p.Short) {
			return " " + p.Name
		}
	}
	return ""
}

// brandName is one way to name a brand of terminals, or one of its models.
type brandName struct {
	folded string // lower case, without blanks and dashes
	brand  string
	model  string    // as it is written; "" for a name of the brand
	mark   signature // of folded
}

func newBrands(brands map[string][]string) []brandName {
	var out []brandName
	fold := func(s string) string { return strings.ToLower(compact(s)) }
	for brand, names := range brands {
		out = append(out, brandName{folded: fold(brand), brand: brand})
		for _, n := range names {
			b := brandName{folded: fold(n), brand: brand}
			if isModel(n) {
				b.model = n
			}
			out = append(out, b)
		}
	}
	for i := range out {
		out[i].mark = signatureOf(out[i].folded)
	}
	slices.SortFunc(out, func(a, b brandName) int {
		return cmp.Or(len(b.folded)-len(a.folded), cmp.Compare(a.folded, b.folded), cmp.Compare(a.brand, b.brand))
	})
	return out
}

// isModel tells a model (ME31) from another name of the brand (landi).
func isModel(name string) bool {
	return countDigits(name) > 0 || !strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) || unicode.IsLower(r) })
}

const (
	shortModel  = 3  // bytes: models that short (A8) need their brand beside them
	maxModelGap = 21 // bytes between a brand and its model: "新大陆的机器型号是 ME99"
)

// brand reads the terminal's brand and model: "联迪A8", "新大陆的ME31", or a model that only one brand has.
func (t *telling) brand() {
	low := strings.ToLower(t.text)
	value := t.brandIn(low)
	if whole := compact(low); whole != low && !strings.Contains(value, " ") { // "me 31", "ME-31"
		if named := t.brandIn(whole); strings.Contains(named, " ") {
			value = named
		}
	}
	if value != "" {
		t.out[kb.SlotBrandModel] = value
	}
}

// brandIn is the brand and model that a text in lower case names, "" for none.
func (t *telling) brandIn(text string) string {
	name, rest, chars := "", text, signatureOf(text)
	for _, b := range t.brands {
		if b.model == "" && chars.mayHold(b.mark) && containsWord(text, b.folded) {
			name = b.brand
			_, rest, _ = strings.Cut(text, b.folded)
			break
		}
	}
	for _, b := range t.brands {
		switch {
		case b.model == "", !chars.mayHold(b.mark):
		case name == b.brand && containsWord(rest, b.folded):
			return name + " " + strings.ToUpper(b.model)
		case name == "" && (len(b.folded) > shortModel || t.wants(kb.SlotBrandModel)) && containsWord(text, b.folded):
			return b.brand + " " + strings.ToUpper(b.model)
		}
	}
	if m := t.model.FindStringIndex(rest); name != "" && m != nil && m[0] <= maxModelGap && !strings.ContainsAny(rest[:m[0]], ",。;!?") {
		return name + " " + strings.ToUpper(rest[m[0]:m[1]]) // a model that is not in the list
	}
	return name
}
