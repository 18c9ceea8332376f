package bot

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// recogniser is how the details of one slot are recognised. What else there is to a slot stands in
// kb.SlotSpecs and in the guide's phrases.
type recogniser struct {
	slot  kb.Slot
	find  func(*telling)          // reads it anywhere in a message; nil: whatever stands behind its labels
	fits  func(value string) bool // a bare number may be meant, once it was asked for; nil: none is
	shape func(value string) bool // a right value has this shape; nil: any has
}

// recognisers is the table of slots, in the order in which they are read: what one takes is gone for
// the next.
func recognisers() []recogniser {
	return []recogniser{
		{slot: kb.SlotReceiptMerchant, find: func(t *telling) { t.paper(kb.SlotReceiptMerchant) }},
		{slot: kb.SlotStatementMerchant, find: func(t *telling) { t.paper(kb.SlotStatementMerchant) }},
		{slot: kb.SlotContact, find: (*telling).contact, fits: fitsContact, shape: isContact},
		{slot: kb.SlotSerial, find: func(t *telling) { t.labelled(kb.SlotSerial) }, fits: fitsSerial, shape: isSerial},
		{slot: kb.SlotTerminalNo, find: func(t *telling) { t.labelled(kb.SlotTerminalNo) }, fits: fitsTerminal, shape: isTerminal},
		{slot: kb.SlotAppVersion, find: (*telling).version},
		{slot: kb.SlotMerchantNo, find: (*telling).merchantNumber, fits: fitsMerchant, shape: isMerchant},
		{slot: kb.SlotOccurredAt, find: (*telling).when},
		{slot: kb.SlotAmount, find: (*telling).amount},
		{slot: kb.SlotErrorCode, find: (*telling).errorCode, fits: fitsCode},
		{slot: kb.SlotBrandModel, find: (*telling).brand},
		{slot: kb.SlotCity, find: (*telling).city},
	}
}

// recogniserOf is the slot's line of the table; the zero recogniser for one that is only told behind its labels.
func recogniserOf(slot kb.Slot) recogniser {
	for _, r := range recognisers() {
		if r.slot == slot {
			return r
		}
	}
	return recogniser{}
}

func fitsSerial(v string) bool   { return countDigits(v) >= 4 && len(v) >= 6 }
func fitsMerchant(v string) bool { return countDigits(v) == len(v) && len(v) >= 6 }
func fitsTerminal(v string) bool { return countDigits(v) >= 4 && 6 <= len(v) && len(v) <= 12 }
func fitsContact(v string) bool  { return countDigits(v) == len(v) && 7 <= len(v) && len(v) <= 13 }
func fitsCode(v string) bool     { return countDigits(v) > 0 && len(v) <= 6 }

func isSerial(v string) bool   { n := utf8.RuneCountInString(v); return 8 <= n && n <= 24 }
func isMerchant(v string) bool { return utf8.RuneCountInString(v) == merchantDigits }
func isTerminal(v string) bool { return utf8.RuneCountInString(v) == terminalChars }
func isContact(v string) bool {
	n := utf8.RuneCountInString(v)
	return countDigits(v) != n || n == phoneDigits || strings.HasPrefix(v, "0")
}

// isMisshapen tells whether a value has not the shape that its slot should have.
func isMisshapen(slot kb.Slot, value string) bool {
	shape := recogniserOf(slot).shape
	return shape != nil && !shape(value)
}

func newSlotReader(lib *kb.Library) *slotReader {
	p := &lib.Phrases
	m := &p.Reading.Money
	r := &slotReader{
		zone:    zh.China(),
		beside:  byLength(slices.Concat(m.Beside, m.Before, m.Between)),
		Reading: p.Reading, codes: lib.Codes, brands: newBrands(p.Brands), cities: byLength(strings.Fields(p.Cities)), labels: map[kb.Slot]labelPattern{},
		bareVersion: regexp.MustCompile(`(?i)(?:^|[^a-z0-9])v(\d+(?:\.\d+){1,3})|(\d+(?:\.\d+){2,3})`),
		model:       regexp.MustCompile(`(?i)\b[a-z]{1,4}[ -]?\d{1,4}[a-z]{0,4}(?: pro)?\b`),
	}
	links, names := charsOf(p.Reading.Numbers.Links), charsOf(p.Reading.Numbers.Names)
	name := `[` + names + `\s]{0,3}([\p{Han}A-Za-z0-9()（）·*＊&]{2,30})`
	number := `[` + links + `\s]{0,4}([0-9A-Za-z][0-9A-Za-z \-]*[0-9A-Za-z])`
	paper := func(slot kb.Slot) string {
		return `[^,。;!?\n` + charsOf(p.Reading.Merchants.Beside[slot]) + `]{0,6}?` + anyOf(p.Reading.Merchants.Shows[slot]) + name
	}
	values := map[kb.Slot]string{ // what stands behind the labels of those that are not told by name
		kb.SlotSerial: number, kb.SlotMerchantNo: number, kb.SlotTerminalNo: number,
		kb.SlotAppVersion:        `[^0-9\n]{0,6}?v?(\d+(?:\.\d+){1,3})`,
		kb.SlotErrorCode:         `[` + links + `\s]{0,2}([a-z]{0,2}\d{2,6})`,
		kb.SlotContact:           `[` + links + `\s]{0,3}([a-z0-9][a-z0-9_-]{4,19})`,
		kb.SlotReceiptMerchant:   paper(kb.SlotReceiptMerchant),
		kb.SlotStatementMerchant: paper(kb.SlotStatementMerchant),
	}
	for slot, d := range p.Details {
		r.labels[slot] = labelPattern{regexp.MustCompile(`(?i)` + anyOf(d.Labels) + cmp.Or(values[slot], name)), signatures(d.Labels, hanSignatureOf)}
	}
	account := `[^\x{0}-\x{10FFFF}]`
	if l, ok := r.labels[kb.SlotContact]; ok {
		account = l.String()
	}
	r.account = regexp.MustCompile(`(?i)[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}|` + account)
	r.compileMoney()
	r.compileTimes()
	r.finders = newFinders()
	return r
}

// newFinders are what reads each slot, in the order of recognisers; those of no line of it come last.
func newFinders() (finders []func(*telling)) {
	for _, one := range recognisers() {
		finders = append(finders, one.find)
	}
	for _, slot := range kb.Slots() {
		if recogniserOf(slot).find == nil {
			finders = append(finders, func(t *telling) { t.named(slot) })
		}
	}
	return finders
}

// recognize reads every detail that text tells; rest is what it says besides. asked are the slots that the customer was just asked for:
// a bare number then needs no word beside it. now is the time of the message.
func (r *slotReader) recognize(text string, asked []kb.Slot, now time.Time) (details told, rest string) {
	t := &telling{slotReader: r, asked: asked, now: now.In(r.zone), text: zh.SpelledDigits(zh.FoldLight(text)), out: told{}}
	t.chars = signatureOf(t.text)
	for _, find := range r.finders {
		find(t)
	}
	t.bare()
	t.bareSerial()
	rest = strings.ToLower(t.text)
	for _, word := range strings.Fields(t.out[kb.SlotBrandModel] + " " + t.out[kb.SlotCity]) {
		rest = strings.ReplaceAll(rest, strings.ToLower(word), "")
	}
	return t.out, rest
}

// labelled reads a number behind the words that name it.
func (t *telling) labelled(s kb.Slot) {
	const digits = 4 // the fewest of a number
	if countDigits(t.text) < digits {
		return
	}
	at := t.behind(s)
	if at == nil {
		return
	}
	raw := leadingNumber(t.text[at[2]:at[3]])
	if value := compact(raw); countDigits(value) >= digits {
		t.note(s, strings.ToUpper(value), at[0], at[2]+len(raw))
	}
}

// merchantNumber reads a labelled merchant number, or takes 15 digits for one, whatever stands beside them.
func (t *telling) merchantNumber() {
	t.labelled(kb.SlotMerchantNo)
	if t.out[kb.SlotMerchantNo] != "" || t.wants(kb.SlotSerial) && !t.wants(kb.SlotMerchantNo) || countDigits(t.text) < merchantDigits {
		return
	}
	for _, run := range numberRuns(t.text) {
		if value := compact(t.text[run[0]:run[1]]); len(value) == merchantDigits && countDigits(value) == merchantDigits {
			t.note(kb.SlotMerchantNo, value, run[0], run[1])
			return
		}
	}
}

func (t *telling) version() {
	if countDigits(t.text) < 2 || !strings.Contains(t.text, ".") {
		return
	}
	m := t.behind(kb.SlotAppVersion)
	if m == nil {
		if m = t.bareVersion.FindStringSubmatchIndex(t.text); m == nil || m[2] < 0 && !t.wants(kb.SlotAppVersion) {
			return
		}
	}
	t.note(kb.SlotAppVersion, group(t.text, m, 1)+group(t.text, m, 2), m[0], m[1])
}

// contact reads an address or an account where it was asked for.
func (t *telling) contact() {
	if !t.wants(kb.SlotContact) {
		return
	}
	if m := t.account.FindStringIndex(t.text); m != nil {
		t.note(kb.SlotContact, t.text[m[0]:m[1]], m[0], m[1])
	}
}

// errorCode reads the response code or the error number on the screen.
func (t *telling) errorCode() {
	if countDigits(t.text) == 0 {
		return
	}
	if named := t.codes.Mentioned(strings.ToLower(t.text)); len(named) > 0 {
		t.out[kb.SlotErrorCode] = named[len(named)-1]
	} else if m := t.behind(kb.SlotErrorCode); m != nil {
		t.note(kb.SlotErrorCode, strings.ToUpper(group(t.text, m, 1)), m[0], m[1])
	}
}

// bare gives the numbers that stand alone to what was asked for, the best shape first.
func (t *telling) bare() {
	for _, slot := range t.asked {
		fits := recogniserOf(slot).fits
		if fits == nil || t.out[slot] != "" {
			continue
		}
		best, value := [2]int{}, ""
		for _, run := range numberRuns(t.text) {
			v := compact(t.text[run[0]:run[1]])
			if shaped := recogniserOf(slot).shape != nil && !isMisshapen(slot, v) && !isHotline(v); !shaped && !t.standsAlone(run[0], run[1]) {
				continue
			}
			if fits(v) && (value == "" || !isMisshapen(slot, v) && isMisshapen(slot, value)) {
				best, value = run, v
			}
		}
		if value != "" {
			t.note(slot, strings.ToUpper(value), best[0], best[1])
		}
	}
}

// standsAlone tells whether the clause around t.text[from:to] says nothing else.
func (t *telling) standsAlone(from, to int) bool {
	const ends = " ,，.。;；!！?？、\n"
	start := strings.LastIndexAny(t.text[:from], ends) + 1
	end := len(t.text)
	if i := strings.IndexAny(t.text[to:], ends); i >= 0 {
		end = to + i
	}
	if start > 0 { // behind the whole sign
		_, size := utf8.DecodeRuneInString(t.text[start-1:])
		start += size - 1
	}
	rest := t.text[start:from] + t.text[to:end]
	return strings.Trim(removeAll(rest, t.beside), t.Numbers.Links+t.Particles) == ""
}

// hotlineDigits is how many digits the number of a company's telephone has that begins with 400 or 800.
const hotlineDigits = 10

// isHotline tells whether a number is where companies are called.
func isHotline(v string) bool { return len(v) == hotlineDigits && (v[:3] == "400" || v[:3] == "800") }

// bareSerial takes a long number that begins with a letter for a serial number, once details are
// being told at all.
func (t *telling) bareSerial() {
	if len(t.asked) == 0 || t.out[kb.SlotSerial] != "" {
		return
	}
	for _, run := range numberRuns(t.text) {
		if value := compact(t.text[run[0]:run[1]]); countDigits(value) >= 8 && countDigits(value) < len(value) && isSerial(value) {
			t.note(kb.SlotSerial, strings.ToUpper(value), run[0], run[1])
			return
		}
	}
}

// paper reads the merchant's name on the receipt or on the statement.
func (t *telling) paper(s kb.Slot) {
	if strings.ContainsAny(t.text, t.Merchants.Hints) {
		t.named(s)
	}
}

// named reads a name behind the labels of a slot.
func (t *telling) named(s kb.Slot) {
	m := t.behind(s)
	if m == nil {
		return
	}
	if name := t.properName(group(t.text, m, 1)); name != "" {
		t.note(s, name, m[0], m[2]+len(name))
	}
}

// properName cuts a name out of what stands behind 写着; "" when it is none ("不是我的店").
func (t *telling) properName(raw string) string {
	for _, stop := range t.Merchants.Stops {
		raw, _, _ = strings.Cut(raw, stop)
	}
	if hasAnyPrefix(raw, t.Merchants.Never) || utf8.RuneCountInString(raw) < 2 || !strings.ContainsFunc(raw, unicode.IsLetter) {
		return ""
	}
	return raw
}

// city reads a city where the message says that it is a place.
func (t *telling) city() {
	w := &t.Places
	asked := t.wants(kb.SlotCity)
	const bare = 5 // runes of a message that may be a city and nothing else
	if !asked && utf8.RuneCountInString(t.text) > bare && !containsAny(t.text, w.Before) && !containsAny(t.text, w.After) {
		return
	}
	for _, city := range t.cities {
		before, after, found := strings.Cut(t.text, city)
		if !found {
			continue
		}
		cued := asked || hasAnySuffix(before, w.Before) || hasAnyPrefix(after, w.After) || strings.Trim(t.text, " ,。.!?") == city
		if cued && !hasAnyPrefix(after, w.Never) {
			t.out[kb.SlotCity] = city
			return
		}
	}
}
