package bot

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// details reads what a person needs to know of a terminal out of what customers say. It is pure and
// safe for concurrent use.
type details struct {
	codes  kb.Codes
	brands []brandName // the longest first
	cities []string    // the longest first

	serial, merchant, terminal, version, versionBare *regexp.Regexp
	amount, amountWords                              *regexp.Regexp
	day, clock, ago                                  *regexp.Regexp
	receipt, statement                               *regexp.Regexp
	code, contact, model                             *regexp.Regexp
}

// told are details by their slot, as they go into a chat.Device.
type told map[kb.Slot]string

func newDetails(lib *kb.Library) *details {
	number := `[是为:号码编\s]{0,4}([0-9A-Za-z][0-9A-Za-z \-]*[0-9A-Za-z])`
	money := `(\d[\d,]*(?:\.\d+)?|[零一二两三四五六七八九十百千万]{2,})\s*(万|千|百|w|k)?`
	name := `[是叫为成着的了:"“「【\s]{0,3}([\p{Han}A-Za-z0-9()（）·*＊&]{2,30})`
	return &details{
		codes: lib.Codes, brands: newBrands(lib.Phrases.Brands), cities: byLength(strings.Fields(lib.Phrases.Cities)),
		serial:      regexp.MustCompile(`(?i)(?:s/?n码?|序列号|机身编?号|机器编?号|设备号)` + number),
		merchant:    regexp.MustCompile(`(?i)(?:商户编?号码?|商户代码|商编)` + number),
		terminal:    regexp.MustCompile(`(?i)(?:终端编?号码?|终端代码|tid)` + number),
		version:     regexp.MustCompile(`(?i)(?:版本|app|软件)[^0-9\n]{0,6}?v?(\d+(?:\.\d+){1,3})`),
		versionBare: regexp.MustCompile(`(?i)(?:^|[^a-z0-9])v(\d+(?:\.\d+){1,3})|(\d+(?:\.\d+){2,3})`),
		amount:      regexp.MustCompile(`(?i)(?:收了?|刷了?|付了?|扣了?|转了?|充了?|交了?|金额|一共|总共|少了|差了|共|押金|损失)(?:我|是|为|:|款|掉|的|了|大概|大约|一笔|改成|改为|应该|\s)*` + money + `\s*(元|块|圆)?`),
		amountWords: regexp.MustCompile(`(?i)` + money + `\s*(元|块|圆|rmb)`),
		day:         regexp.MustCompile(`(?:(20\d\d)[年./-])?(\d{1,2})[月/-](\d{1,2})[日号]?|(大前天|前天|昨天|昨日|今天|今日|昨晚|今早|今晚|昨夜)|(\d{1,2})号`),
		clock:       regexp.MustCompile(`(凌晨|早上|上午|中午|下午|傍晚|晚上|夜里|早|晚)?\s*(?:(\d{1,2}):(\d{2})|(\d{1,2}|[一二两三四五六七八九十]{1,3})[点時时](?:钟|(半)|(\d{1,2})分?)?)`),
		ago:         regexp.MustCompile(`刚才|刚刚|(\d{1,3}|[半一二两三四五六七八九十]{1,3})个?(分钟|小时|钟头|天)(?:之)?前`),
		receipt:     regexp.MustCompile(`(?:小票|签购单|票据|打出来的票)[^,。;!?\n账]{0,6}?(?:写|印|打|显示|商户名?称?|名字|抬头)` + name),
		statement:   regexp.MustCompile(`(?:账单|流水|银行短信|交易记录|云闪付|银行app|银行)[^,。;!?\n票]{0,6}?(?:写|显示|商户名?称?|名字)` + name),
		code:        regexp.MustCompile(`(?i)(?:错误码|错误代码|提示码|返回码|应答码|报错|报|提示)[是为:\s]{0,2}([a-z]{0,2}\d{2,6})`),
		contact:     regexp.MustCompile(`(?i)([a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,})|(?:微信号?|wx|vx|v信|扣扣|qq)[是为:号\s]{0,3}([a-z0-9][a-z0-9_-]{4,19})`),
		model:       regexp.MustCompile(`(?i)[a-z]{1,4}[ -]?\d{1,4}[a-z]{0,4}(?: pro)?`),
	}
}

// find reads every detail that text tells. asked are the slots that the customer was just asked for:
// a bare number then needs no word beside it. now is the time of the message.
func (d *details) find(text string, asked []kb.Slot, now time.Time) told {
	t := &telling{details: d, asked: asked, now: now.In(china()), text: digits(plain(text)), out: told{}}
	t.names()
	t.numbers()
	t.when()
	t.money()
	t.code()
	t.brand()
	t.place()
	t.bare()
	return t.out
}

// telling is one message while it is being read; what is understood leaves the text.
type telling struct {
	*details
	asked []kb.Slot
	now   time.Time
	text  string
	out   told
}

func (t *telling) wants(s kb.Slot) bool { return slices.Contains(t.asked, s) }

// note keeps a value and takes its place out of the text.
func (t *telling) note(s kb.Slot, value string, from, to int) {
	t.out[s] = value
	t.text = t.text[:from] + "," + t.text[to:]
}

// numbers reads the numbers that say what they are.
func (t *telling) numbers() {
	if t.wants(kb.SlotContact) {
		if m := t.contact.FindStringIndex(t.text); m != nil {
			t.note(kb.SlotContact, t.text[m[0]:m[1]], m[0], m[1])
		}
	}
	if countDigits(t.text) < 2 {
		return
	}
	t.labelled()
	if strings.Contains(t.text, ".") {
		t.appVersion()
	}
	t.merchantBare()
}

// labelled reads the numbers behind the words that name them.
func (t *telling) labelled() {
	if countDigits(t.text) < 4 {
		return
	}
	for _, one := range []struct {
		slot kb.Slot
		re   *regexp.Regexp
	}{{kb.SlotSerial, t.serial}, {kb.SlotMerchantNo, t.merchant}, {kb.SlotTerminalNo, t.terminal}} {
		at := one.re.FindStringSubmatchIndex(t.text)
		if at == nil {
			continue
		}
		raw := firstNumber(t.text[at[2]:at[3]])
		if value := squeeze(raw); countDigits(value) >= 4 {
			t.note(one.slot, strings.ToUpper(value), at[0], at[2]+len(raw))
		}
	}
}

func (t *telling) appVersion() {
	for _, re := range []*regexp.Regexp{t.version, t.versionBare} {
		m := re.FindStringSubmatchIndex(t.text)
		if m != nil && (re == t.version || t.wants(kb.SlotAppVersion) || m[2] >= 0) {
			t.note(kb.SlotAppVersion, group(t.text, m, 1)+group(t.text, m, 2), m[0], m[1])
			return
		}
	}
}

// merchantBare takes 15 digits for a merchant number, whatever stands beside them.
func (t *telling) merchantBare() {
	if countDigits(t.text) < merchantDigits {
		return
	}
	if t.out[kb.SlotMerchantNo] != "" || t.wants(kb.SlotSerial) && !t.wants(kb.SlotMerchantNo) {
		return
	}
	for _, r := range numberRuns(t.text) {
		if value := squeeze(t.text[r[0]:r[1]]); len(value) == merchantDigits && countDigits(value) == merchantDigits {
			t.note(kb.SlotMerchantNo, value, r[0], r[1])
			return
		}
	}
}

// The right lengths, as the networks define them.
const (
	merchantDigits = 15
	terminalChars  = 8
	phoneDigits    = 11
)

// code reads the response code or the error number on the screen.
func (t *telling) code() {
	if countDigits(t.text) == 0 {
		return
	}
	if named := t.codes.Mentioned(strings.ToLower(t.text)); len(named) > 0 {
		t.out[kb.SlotErrorCode] = named[len(named)-1]
	} else if m := t.details.code.FindStringSubmatchIndex(t.text); m != nil {
		t.note(kb.SlotErrorCode, strings.ToUpper(group(t.text, m, 1)), m[0], m[1])
	}
}

// bare gives the numbers that stand alone to what was asked for, the best shape first.
func (t *telling) bare() {
	for _, slot := range t.asked {
		if t.out[slot] != "" {
			continue
		}
		best := [2]int{}
		for _, r := range numberRuns(t.text) {
			value := squeeze(t.text[r[0]:r[1]])
			if bareFits(slot, value) && (best[1] == 0 || !doubtful(slot, value) && doubtful(slot, squeeze(t.text[best[0]:best[1]]))) {
				best = r
			}
		}
		if best[1] > 0 {
			t.note(slot, strings.ToUpper(squeeze(t.text[best[0]:best[1]])), best[0], best[1])
		}
	}
}

// bareFits tells whether a bare number may be meant for an asked slot at all.
func bareFits(slot kb.Slot, value string) bool {
	n := countDigits(value)
	switch slot {
	case kb.SlotSerial:
		return n >= 4 && len(value) >= 6
	case kb.SlotMerchantNo:
		return n == len(value) && n >= 6
	case kb.SlotTerminalNo:
		return n >= 4 && 6 <= len(value) && len(value) <= 12
	case kb.SlotContact:
		return n == len(value) && 7 <= n && n <= 13
	case kb.SlotErrorCode:
		return n > 0 && len(value) <= 6
	}
	return false
}

// doubtful tells whether a value has not the shape that its slot should have.
func doubtful(slot kb.Slot, value string) bool {
	n := utf8.RuneCountInString(value)
	switch slot {
	case kb.SlotSerial:
		return n < 8 || n > 24
	case kb.SlotMerchantNo:
		return n != merchantDigits
	case kb.SlotTerminalNo:
		return n != terminalChars
	case kb.SlotContact:
		return countDigits(value) == n && n != phoneDigits && !strings.HasPrefix(value, "0")
	}
	return false
}

// merge notes newer details; a later value replaces an earlier one. It returns the slots that changed.
func merge(device *chat.Device, t told) []kb.Slot {
	var changed []kb.Slot
	for _, slot := range kb.Slots() {
		if value, ok := t[slot]; ok {
			if at := device.Field(string(slot)); *at != value {
				*at = value
				changed = append(changed, slot)
			}
		}
	}
	return changed
}

// numberRuns are the runs of letters and digits that have a digit, each group for itself first and
// then joined with its neighbours over blanks and dashes: places in s.
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
		if countDigits(s[from:i]) == 0 {
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
		if s[i] == ' ' && i+1 < len(s) && !('0' <= s[i+1] && s[i+1] <= '9') {
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
		for end < len(run) && (strings.ContainsRune(numerals+"〇幺", run[end])) {
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

// brandName is one way to name a brand of terminals, or one of its models.
type brandName struct {
	folded string // lower case, without blanks and dashes
	brand  string
	model  string // as it is written; "" for a name of the brand
}

func newBrands(brands map[string][]string) []brandName {
	var out []brandName
	fold := func(s string) string { return strings.ToLower(squeeze(s)) }
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
	slices.SortFunc(out, func(a, b brandName) int {
		return cmp.Or(len(b.folded)-len(a.folded), cmp.Compare(a.folded, b.folded), cmp.Compare(a.brand, b.brand))
	})
	return out
}

// isModel tells a model (ME31) from another name of the brand (landi).
func isModel(name string) bool {
	return countDigits(name) > 0 || !strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) || unicode.IsLower(r) })
}
