package zh

import (
	"testing"
	"time"
)

func TestDayTime(t *testing.T) {
	parse := func(text string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", text, China())
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct{ now, at, want string }{
		{"2026-11-27 08:00", "2026-11-27 09:00", "今天 09:00"},
		{"2026-11-27 23:59", "2026-11-28 00:00", "明天 00:00"},
		{"2026-11-27 00:00", "2026-11-26 23:59", "昨天 23:59"},
		{"2026-11-27 18:00", "2026-11-29 09:00", "周日 09:00"},
		{"2026-11-27 18:00", "2026-11-30 09:00", "周一 09:00"},
		{"2026-11-27 00:00", "2026-12-04 09:00", "12月4日 09:00"}, // as far as the same day of the week
		{"2026-11-27 00:00", "2026-11-25 09:00", "11月25日 09:00"},
		{"2026-12-31 18:00", "2027-01-01 09:30", "明天 09:30"},
		{"2026-12-20 18:00", "2027-01-04 09:30", "2027年1月4日 09:30"},
		{"2026-01-20 18:00", "2025-10-08 09:30", "2025年10月8日 09:30"},
		{"1969-12-31 18:00", "1970-01-01 09:30", "明天 09:30"},
	} {
		if got := DayTime(parse(c.at), parse(c.now).UTC()); got != c.want { // the zone is that of the first
			t.Errorf("DayTime(%s, %s) = %s, want %s", c.at, c.now, got, c.want)
		}
	}
}

func TestToTraditional(t *testing.T) {
	if got := ToTraditional()("手续费 POS"); got != "手續費 POS" {
		t.Errorf("手续费 POS in traditional script is %s", got)
	}
}
