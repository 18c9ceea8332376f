package desk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yingda/yingda/zh"
)

// HoursSpec is how hours are written; docs/desk.md describes it.
type HoursSpec struct {
	Hours    string `yaml:"hours"`    // "Mon-Fri 09:00-12:00,13:30-18:00; Sat 22:00-02:00"; "": always; "closed": on workdays alone
	Holidays string `yaml:"holidays"` // "2026-10-01..2026-10-07, 2027-01-01": closed
	Workdays string `yaml:"workdays"` // "2026-10-10, 2026-10-11 10:00-16:00": open, holiday or not; as on Mondays where no time is given
	Zone     string `yaml:"zone"`     // "+08:00", or "Asia/Shanghai"; "": China's
}

// Parse reads hours. Its error names the field and the part of it that cannot be.
func (f HoursSpec) Parse() (Hours, error) {
	var h Hours
	for _, field := range []struct {
		name, text, separators string
		add                    func(*Hours, string) error
	}{
		{"zone", f.Zone, "", (*Hours).addZone},
		{"hours", f.Hours, ";", (*Hours).addHours},
		{"holidays", f.Holidays, ",;", (*Hours).addHolidays},
		{"workdays", f.Workdays, ",;", (*Hours).addWorkday},
	} {
		split := func(r rune) bool { return strings.ContainsRune(field.separators, r) }
		for part := range strings.FieldsFuncSeq(normalize(field.text), split) {
			if part = strings.TrimSpace(part); part == "" {
				continue
			}
			if err := field.add(&h, part); err != nil {
				return Hours{}, fmt.Errorf("%s: %q: %w", field.name, part, err)
			}
		}
	}
	return h, nil
}

// normalize writes full-width signs as their ASCII ones, and no space around a dash.
func normalize(text string) string {
	text = strings.NewReplacer("：", ":", "；", ";", "，", ",", "、", ",", "－", "-", "–", "-", "—", "-", "～", "-", "~", "-", "至", "-").Replace(text)
	for strings.Contains(text, " -") || strings.Contains(text, "- ") {
		text = strings.NewReplacer(" -", "-", "- ", "-").Replace(text)
	}
	return text
}

func (h *Hours) addZone(part string) error {
	if at, err := time.Parse("-07:00", part); err == nil {
		if _, offset := at.Zone(); -12*3600 <= offset && offset <= 14*3600 {
			h.zone = time.FixedZone("", offset)
			return nil
		}
	} else if zone, err := time.LoadLocation(part); err == nil && zone != time.Local {
		h.zone = zone
		return nil
	}
	return errors.New("want an offset like +08:00, or a name like Asia/Shanghai")
}

// addHours reads "Mon-Wed,Fri 09:00-12:00,13:30-18:00", "Sun closed", or "closed" alone.
func (h *Hours) addHours(part string) error {
	h.limited = true
	if isClosed(part) {
		return nil
	}
	var on []time.Weekday
	spans := []span{} // not nil: the day is spoken for
	words := strings.FieldsFunc(part, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
	off := len(words) > 0 && isClosed(words[len(words)-1])
	if off {
		words = words[:len(words)-1]
	}
	for _, word := range words {
		if word[0] >= '0' && word[0] <= '9' {
			s, err := parseSpan(word)
			if err != nil {
				return err
			}
			spans = append(spans, s)
			continue
		}
		if len(spans) > 0 {
			return fmt.Errorf("missing semicolon before %q: days follow a time", word)
		}
		names, err := parseDays(word)
		if err != nil {
			return err
		}
		on = append(on, names...)
	}
	switch {
	case len(on) == 0:
		return errors.New("missing day before the time: want Mon-Fri 09:00-18:00")
	case off == (len(spans) > 0):
		return errors.New("want either times like 09:00-18:00 or closed behind the days")
	}
	spans, err := sortSpans(spans)
	if err != nil {
		return err
	}
	return h.addWeek(on, spans)
}

func isClosed(word string) bool { return strings.EqualFold(word, "closed") || word == "休息" }

// addHolidays reads "2027-01-01" or "2026-10-01..2026-10-07".
func (h *Hours) addHolidays(part string) error {
	from, to, isRange := strings.Cut(part, "..")
	if !isRange {
		to = from
	}
	first, err := parseDate(from)
	if err != nil {
		return err
	}
	last, err := parseDate(to)
	if err != nil {
		return err
	}
	if last < first || last-first > 366 {
		return errors.New("want the first and the last day, at most a year apart")
	}
	h.holidays = append(h.holidays, dateRange{first, last})
	h.last = max(h.last, last)
	return nil
}

// addWorkday reads "2026-10-10", "2026-10-10 10:00-16:00", or "17:00-19:00" for more of the day before.
func (h *Hours) addWorkday(part string) error {
	words := strings.Fields(part)
	day, err := parseDate(words[0])
	n := len(h.workdays)
	switch {
	case err != nil && n > 0 && h.workdays[n-1].own && strings.Contains(words[0], ":"):
		n--
	case err != nil:
		return err
	case slices.ContainsFunc(h.workdays, func(w workday) bool { return w.day == day }):
		return errors.New("the day is given twice")
	default:
		words = words[1:]
		h.workdays = append(h.workdays, workday{day: day, own: len(words) > 0})
		h.last = max(h.last, day)
	}
	w := &h.workdays[n]
	for _, word := range words {
		s, err := parseSpan(word)
		if err != nil {
			return err
		}
		w.spans = append(w.spans, s)
	}
	if !w.own {
		if w.spans = h.usualSpans(); len(w.spans) == 0 {
			return errors.New("no day of the week is open: want the time too, as in 2026-10-10 09:00-18:00")
		}
	}
	w.spans, err = sortSpans(w.spans)
	return err
}

// addWeek sets the open time of the days of the week.
func (h *Hours) addWeek(on []time.Weekday, spans []span) error {
	for _, day := range on {
		if h.week[day] != nil {
			return fmt.Errorf("day %s is given twice", day.String()[:3])
		}
		h.week[day] = spans
	}
	return nil
}

// sortSpans orders the spans of one day; an error where two overlap.
func sortSpans(spans []span) ([]span, error) {
	slices.SortFunc(spans, func(a, b span) int { return int(a.from - b.from) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return nil, fmt.Errorf("%s and %s overlap", spans[i-1], spans[i])
		}
	}
	return spans, nil
}

func parseDate(text string) (dayNumber, error) {
	t, err := time.Parse(time.DateOnly, strings.TrimSpace(text))
	if err != nil || t.Year() < 2000 || t.Year() >= 2200 {
		return 0, fmt.Errorf("invalid date %q: want one like 2026-10-01", text)
	}
	return dayOf(t.Unix()), nil
}

// parseDays reads "Mon", "Mon-Fri", "周一-周五" or "Sat-Mon".
func parseDays(word string) ([]time.Weekday, error) {
	first, last, isRange := strings.Cut(word, "-")
	if !isRange {
		last = first
	}
	from, ok := parseDay(first)
	to, alsoOK := parseDay(last)
	if !ok || !alsoOK {
		return nil, fmt.Errorf("invalid day of the week %q: want Mon, Mon-Fri or 周一-周五", word)
	}
	on := []time.Weekday{from}
	for day := from; day != to; on = append(on, day) {
		day = (day + 1) % 7
	}
	return on, nil
}

func parseDay(word string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.EqualFold(word, day.String()[:3]) || word == zh.Weekday(day) {
			return day, true
		}
	}
	return 0, false
}

// parseSpan reads "09:00-18:00"; "22:00-02:00" ends on the next day.
func parseSpan(word string) (span, error) {
	from, to, isRange := strings.Cut(word, "-")
	first, ok := parseClock(from)
	last, alsoOK := parseClock(to)
	switch {
	case !isRange || !ok || !alsoOK || first == daySeconds:
		return span{}, fmt.Errorf("invalid time %q: want one like 09:00-18:00", word)
	case first == last:
		return span{}, fmt.Errorf("%q begins and ends at once: a whole day is 00:00-24:00", word)
	case last < first:
		last += daySeconds
	}
	return span{first, last}, nil
}

// parseClock reads 00:00 to 24:00 as seconds from midnight.
func parseClock(text string) (int64, bool) {
	if text == "24:00" {
		return daySeconds, true
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, false
	}
	return int64(t.Hour()*3600 + t.Minute()*60), true
}
