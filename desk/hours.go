package desk

import (
	"fmt"
	"time"

	"github.com/yingda/yingda/zh"
)

// Hours are when somebody is at the desk, and in what zone. The zero value is always open, in China.
type Hours struct {
	limited  bool           // else always open, but on holidays
	week     [7][]span      // by time.Weekday
	holidays []dateRange    // closed days
	workdays []workday      // open whatever day of the week they are
	zone     *time.Location // nil is China
	last     dayNumber      // the last day that is no ordinary one
}

// span is open time of one day: seconds from its midnight. to is above a day's length where it ends on the next day.
type span struct{ from, to int64 }

// dayNumber counts days from 1970-01-01 in the desk's own time.
type dayNumber int64

// dateRange is consecutive days, both ends included.
type dateRange struct{ from, to dayNumber }

// workday is a day that is worked though the week or a holiday says otherwise.
type workday struct {
	day   dayNumber
	spans []span
	own   bool // the spans were given for it, not those of an ordinary day
}

const daySeconds = 24 * 60 * 60

// Open tells whether somebody is there at t.
func (h *Hours) Open(t time.Time) bool {
	next := h.Next(t)
	return !next.IsZero() && !next.After(t)
}

// Next is the first moment from t on when somebody is there: t itself while the desk is open, and
// zero when it never opens again.
func (h *Hours) Next(t time.Time) time.Time {
	if !h.limited && len(h.holidays) == 0 {
		return t
	}
	now := h.wallClock(t)
	today := dayOf(now)
	// The day before may reach into this one; a week behind the last special day all has been seen.
	for day := today - 1; day <= max(today, h.last)+8; day++ {
		midnight := int64(day) * daySeconds
		for _, s := range h.spansOf(day) {
			switch {
			case midnight+s.to <= now:
			case midnight+s.from <= now:
				return t
			default:
				return time.Date(1970, time.January, 1, 0, 0, int(midnight+s.from), 0, h.location()).In(t.Location())
			}
		}
	}
	return time.Time{}
}

// Day is the number of a moment's day in the desk's zone: the next day has the next number.
func (h *Hours) Day(t time.Time) int64 { return int64(dayOf(h.wallClock(t))) }

// Between is how much of the time from one moment to another somebody is there.
func (h *Hours) Between(from, to time.Time) (open time.Duration) {
	if !h.limited && len(h.holidays) == 0 {
		return max(0, to.Sub(from))
	}
	at, end := h.wallClock(from), h.wallClock(to)
	for day := dayOf(at) - 1; day <= dayOf(end); day++ { // the day before may reach into the first one
		midnight := int64(day) * daySeconds
		for _, s := range h.spansOf(day) {
			if until := min(midnight+s.to, end); until > max(midnight+s.from, at) {
				open += time.Duration(until-max(midnight+s.from, at)) * time.Second
				at = until // what the next one covers as well counts once
			}
		}
	}
	return open
}

// spansOf is the open time that begins on a day, in order.
func (h *Hours) spansOf(day dayNumber) []span {
	for _, w := range h.workdays {
		if w.day == day {
			return w.spans
		}
	}
	for _, d := range h.holidays {
		if d.from <= day && day <= d.to {
			return nil
		}
	}
	if !h.limited {
		return []span{{0, daySeconds}}
	}
	return h.week[day.weekday()]
}

// In is a moment in the desk's zone, as everything shows it that people of the desk, or their customers, read.
func (h *Hours) In(t time.Time) time.Time { return t.In(h.location()) }

func (h *Hours) location() *time.Location {
	if h.zone == nil {
		return zh.China()
	}
	return h.zone
}

// wallClock is what the desk's clock shows at t, in seconds since it showed 1970-01-01 00:00.
func (h *Hours) wallClock(t time.Time) int64 {
	_, offset := h.In(t).Zone()
	return t.Unix() + int64(offset)
}

// usualSpans is the open time of an ordinary working day: that of the first day from Monday on that has any.
func (h *Hours) usualSpans() []span {
	if !h.limited {
		return []span{{0, daySeconds}}
	}
	for i := range h.week {
		if spans := h.week[(int(time.Monday)+i)%7]; len(spans) > 0 {
			return spans
		}
	}
	return nil
}

func dayOf(seconds int64) dayNumber {
	day := seconds / daySeconds
	if seconds%daySeconds < 0 {
		day--
	}
	return dayNumber(day)
}

// weekday is the day of the week; 1970-01-01 was a Thursday.
func (d dayNumber) weekday() time.Weekday { return time.Weekday(((int64(d)+4)%7 + 7) % 7) }

// String is the span as it is written.
func (s span) String() string {
	clock := func(seconds int64) string { return fmt.Sprintf("%02d:%02d", seconds/3600, seconds/60%60) }
	if s.to > daySeconds {
		return clock(s.from) + "-" + clock(s.to-daySeconds)
	}
	return clock(s.from) + "-" + clock(s.to)
}
