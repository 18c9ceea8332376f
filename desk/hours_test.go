package desk

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/zh"
)

// shop is a desk of a shop that has had its share of special days. 2026-11-23 is a Monday.
func shop() HoursSpec {
	return HoursSpec{
		Hours:    "Mon-Fri 09:00-12:00, 13:30-18:00; Sat 22:00-02:00",
		Holidays: "2026-10-01..2026-10-07, 2027-01-01",
		Workdays: "2026-10-10, 2026-10-11 10:00-12:00, 14:00-16:00, 2026-10-05 09:00-10:00",
	}
}

// at reads a time of China's.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	got, err := time.ParseInLocation("2006-01-02 15:04", text, time.FixedZone("", 8*3600))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func parse(t *testing.T, f HoursSpec) Hours {
	t.Helper()
	h, err := f.Parse()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHours(t *testing.T) {
	h := parse(t, shop())
	tests := []struct{ now, next string }{
		{"2026-11-23 08:59", "2026-11-23 09:00"},
		{"2026-11-23 09:00", "2026-11-23 09:00"},
		{"2026-11-23 11:59", "2026-11-23 11:59"},
		{"2026-11-23 12:00", "2026-11-23 13:30"},
		{"2026-11-23 18:00", "2026-11-24 09:00"},
		{"2026-11-28 12:00", "2026-11-28 22:00"}, // a Saturday
		{"2026-11-29 01:59", "2026-11-29 01:59"}, // its night
		{"2026-11-29 02:00", "2026-11-30 09:00"},
		{"2026-09-30 18:00", "2026-10-05 09:00"}, // on duty in the holidays
		{"2026-10-03 23:00", "2026-10-05 09:00"}, // a Saturday in the holidays
		{"2026-10-05 10:00", "2026-10-08 09:00"},
		{"2026-10-10 13:00", "2026-10-10 13:30"}, // made up for, as on a Monday, not as on a Saturday
		{"2026-10-10 22:30", "2026-10-11 10:00"},
		{"2026-10-11 12:00", "2026-10-11 14:00"},
		{"2026-12-31 18:00", "2027-01-02 22:00"},
	}
	for _, tt := range tests {
		now, want := at(t, tt.now), at(t, tt.next)
		if got := h.Next(now); !got.Equal(want) {
			t.Errorf("next at %s is %s, want %s", tt.now, got, tt.next)
		}
		if got := h.Open(now.UTC()); got != now.Equal(want) {
			t.Errorf("open at %s is %v", tt.now, got)
		}
	}
}

func TestHoursThatAreNoHours(t *testing.T) {
	now := at(t, "2026-11-23 03:00")
	tests := []struct {
		name string
		form HoursSpec
		next string // "" for never
	}{
		{"always", HoursSpec{}, "2026-11-23 03:00"},
		{"always but in holidays", HoursSpec{Holidays: "2026-11-22..2026-11-24"}, "2026-11-25 00:00"},
		{"never", HoursSpec{Hours: "closed"}, ""},
		{"no more", HoursSpec{Hours: "closed", Workdays: "2026-11-22 09:00-18:00"}, ""},
		{"once", HoursSpec{Hours: "closed", Workdays: "2028-02-29 09:00-18:00"}, "2028-02-29 09:00"},
		{"one day of the week", HoursSpec{Hours: "Mon 01:00-02:00; Sun closed"}, "2026-11-30 01:00"},
		{"elsewhere, by its name", HoursSpec{Hours: "Mon-Fri 09:00-18:00", Zone: "Asia/Tokyo"}, "2026-11-23 08:00"},
		{"where clocks are set back", HoursSpec{Hours: "Mon-Fri 09:00-18:00", Zone: "Europe/Berlin"}, "2026-11-23 16:00"},
		{"elsewhere", HoursSpec{Hours: "周一至周五　09:00－18:00", Zone: "+09:00"}, "2026-11-23 08:00"},
		{"round the week", HoursSpec{Hours: "Sat-Mon 09:00 - 18:00"}, "2026-11-23 09:00"},
	}
	for _, tt := range tests {
		h := parse(t, HoursSpec{
			Hours: strings.ReplaceAll(tt.form.Hours, "　", " "), Holidays: tt.form.Holidays, Workdays: tt.form.Workdays, Zone: tt.form.Zone,
		})
		want := time.Time{}
		if tt.next != "" {
			want = at(t, tt.next)
		}
		if got := h.Next(now); !got.Equal(want) {
			t.Errorf("%s: next is %s, want %s", tt.name, got, want)
		}
	}
	var zero Hours
	if !zero.Open(now) {
		t.Error("the zero value is closed")
	}
}

func TestHoursSayWhatIsWrong(t *testing.T) {
	tests := []struct {
		form HoursSpec
		want string // in the error
	}{
		{HoursSpec{Hours: "Mon-Fri"}, `hours: "Mon-Fri": want either times`},
		{HoursSpec{Hours: "Mon-Fri 9:00-18:00"}, `invalid time "9:00-18:00"`},
		{HoursSpec{Hours: "Mon-Fri 09:00-18:60"}, `invalid time "09:00-18:60"`},
		{HoursSpec{Hours: "Mon 24:00-02:00"}, `invalid time "24:00-02:00"`},
		{HoursSpec{Hours: "Mon 09:00-09:00"}, `a whole day is 00:00-24:00`},
		{HoursSpec{Hours: "Mon 09:00-12:00,11:00-13:00"}, `09:00-12:00 and 11:00-13:00 overlap`},
		{HoursSpec{Hours: "Mon 09:00-12:00 Tue 09:00-12:00"}, `missing semicolon before "Tue"`},
		{HoursSpec{Hours: "Mon-Fri 09:00-18:00; Fri 09:00-16:00"}, `hours: "Fri 09:00-16:00": day Fri is given twice`},
		{HoursSpec{Hours: "Mon-Fry 09:00-18:00"}, `invalid day of the week "Mon-Fry"`},
		{HoursSpec{Hours: "Mon 09:00-18:00 closed"}, `want either times`},
		{HoursSpec{Hours: "09:00-18:00"}, `missing day before the time`},
		{HoursSpec{Holidays: "2026-10-01..2026-10-07, 2026-02-30"}, `holidays: "2026-02-30": invalid date "2026-02-30"`},
		{HoursSpec{Holidays: "2026-10-07..2026-10-01"}, `the first and the last day`},
		{HoursSpec{Holidays: "2026-10-01..2062-10-07"}, `at most a year apart`},
		{HoursSpec{Workdays: "2026-10-10, 2026-10-10"}, `workdays: "2026-10-10": the day is given twice`},
		{HoursSpec{Workdays: "10:00-12:00"}, `invalid date "10:00-12:00"`},
		{HoursSpec{Hours: "closed", Workdays: "2026-10-10"}, `want the time too`},
		{HoursSpec{Zone: "Asia/Peking"}, `zone: "Asia/Peking": want an offset like +08:00, or a name like Asia/Shanghai`},
		{HoursSpec{Zone: "Local"}, `zone: "Local": want`},
		{HoursSpec{Zone: "+23:00"}, `want an offset`},
	}
	for _, tt := range tests {
		if _, err := tt.form.Parse(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: error %v, want %s", tt.form, err, tt.want)
		}
	}
}

func TestIn(t *testing.T) {
	h := parse(t, shop())
	tests := []struct{ now, at, want string }{
		{"2026-11-27 08:00", "2026-11-27 09:00", "今天 09:00"},
		{"2026-11-27 23:59", "2026-11-28 00:00", "明天 00:00"},
		{"2026-11-27 18:00", "2026-11-29 09:00", "周日 09:00"},
		{"2026-11-27 18:00", "2026-11-30 09:00", "周一 09:00"},
		{"2026-11-27 00:00", "2026-12-04 09:00", "12月4日 09:00"}, // as far as the same day of the week
		{"2026-09-30 18:00", "2026-10-08 09:00", "10月8日 09:00"},
		{"2026-12-20 18:00", "2027-01-04 09:30", "2027年1月4日 09:30"},
		{"2026-11-27 18:00", "2026-11-26 09:00", "昨天 09:00"},
	}
	for _, tt := range tests {
		if got := zh.DayTime(h.In(at(t, tt.at).UTC()), at(t, tt.now).UTC()); got != tt.want {
			t.Errorf("%s at %s is %s, want %s", tt.at, tt.now, got, tt.want)
		}
	}
}

// checkNext tells what is wrong with the next opening from now on: it must be open, and no minute before it.
func checkNext(t *testing.T, h *Hours, now time.Time) {
	t.Helper()
	next := h.Next(now)
	if next.IsZero() {
		next = now.AddDate(0, 0, 3)
	} else if !h.Open(next) {
		t.Errorf("from %s the next opening is %s, which is closed", now, next)
	}
	if next.Before(now) {
		t.Errorf("from %s the next opening is %s, which is past", now, next)
	}
	end := now.AddDate(0, 0, 12)
	for m := now; m.Before(next) && m.Before(end); m = m.Add(time.Minute) {
		if openByMinute(h, m) {
			t.Errorf("from %s the next opening is %s, but it is open at %s", now, next, m)
			return
		}
	}
	if h.Open(now) != openByMinute(h, now) {
		t.Errorf("open at %s: %v", now, h.Open(now))
	}
}

// openByMinute tells by another way than Next whether a moment is within an open time.
func openByMinute(h *Hours, t time.Time) bool {
	if !h.limited && len(h.holidays) == 0 {
		return true
	}
	second := h.wallClock(t)
	today := dayOf(second)
	into := second - int64(today)*daySeconds
	for _, s := range h.spansOf(today) {
		if s.from <= into && into < s.to {
			return true
		}
	}
	for _, s := range h.spansOf(today - 1) {
		if into+daySeconds < s.to {
			return true
		}
	}
	return false
}

func TestNextIsTheFirstOpening(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	h := parse(t, shop())
	start := at(t, "2026-09-25 00:00")
	for range 300 {
		checkNext(t, &h, start.Add(time.Duration(random.Int64N(110*daySeconds))*time.Second))
	}
}

func FuzzHours(f *testing.F) {
	s := shop()
	f.Add(s.Hours, s.Holidays, s.Workdays, s.Zone, int64(1790000000))
	f.Add("周一-周日 00:00-24:00", "", "", "-03:30", int64(0))
	f.Add("Sat-Mon 22:00-21:59", "2026-01-01", "2026-01-01 00:00-24:00", "+14:00", int64(-1))
	f.Add("closed; Sun 休息", "", "2199-12-31 23:59-00:01", "", int64(1<<33))
	f.Fuzz(func(t *testing.T, hours, holidays, workdays, zone string, now int64) {
		h, err := HoursSpec{Hours: hours, Holidays: holidays, Workdays: workdays, Zone: zone}.Parse()
		if err != nil {
			if !strings.HasPrefix(err.Error(), "hours: ") && !strings.HasPrefix(err.Error(), "holidays: ") &&
				!strings.HasPrefix(err.Error(), "workdays: ") && !strings.HasPrefix(err.Error(), "zone: ") {
				t.Errorf("error %v names no field", err)
			}
			return
		}
		moment := time.Unix(now%(1<<34), 0).UTC()
		checkNext(t, &h, moment)
	})
}
