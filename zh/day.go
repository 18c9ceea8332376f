package zh

import "time"

// China is the zone of China: the whole country has one, without summer time.
func China() *time.Location { return time.FixedZone("CST", 8*60*60) }

// Weekday is the short name of a day of the week: 周一.
func Weekday(d time.Weekday) string {
	return "周" + string([]rune("日一二三四五六")[d])
}

// DayName names the day of t as people say it at now: 今天, 明天, 昨天, the day of the week up to six
// days ahead, else 10月8日, with the year when it is another one. Both are seen in the zone of t.
func DayName(t, now time.Time) string {
	now = now.In(t.Location())
	switch ahead := dayNumber(t) - dayNumber(now); {
	case ahead == 0:
		return "今天"
	case ahead == 1:
		return "明天"
	case ahead == -1:
		return "昨天"
	case 1 < ahead && ahead < 7:
		return Weekday(t.Weekday())
	case t.Year() != now.Year():
		return t.Format("2006年1月2日")
	}
	return t.Format("1月2日")
}

// DayTime is DayName with the time of day: 明天 09:00.
func DayTime(t, now time.Time) string { return DayName(t, now) + t.Format(" 15:04") }

// dayNumber counts the days of the calendar in the zone of t.
func dayNumber(t time.Time) int64 {
	y, m, d := t.Date()
	const seconds = 24 * 60 * 60
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / seconds // a multiple of a day, before 1970 too
}
