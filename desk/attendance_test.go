package desk

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
)

// TestReturnUnattended: only business time counts, and what changed since it was listed stays as it is.
func TestReturnUnattended(t *testing.T) {
	hours, err := HoursSpec{Hours: "Mon-Fri 09:00-12:00,13:30-18:00"}.Parse()
	if err != nil {
		t.Fatal(err)
	}
	friday := time.Date(2026, 11, 27, 9, 55, 0, 0, time.UTC) // 17:55 in China
	const after = 10 * time.Minute
	for _, tt := range []struct {
		name   string
		change func(*Ticket) // since it was listed
		now    time.Time
		want   int
	}{
		{"the weekend does not count", nil, friday.Add(48 * time.Hour), 0},
		{"nor the night", nil, friday.Add(63*time.Hour + 9*time.Minute), 0}, // Monday, 09:04
		{"on Monday", nil, friday.Add(63*time.Hour + 10*time.Minute), 1},    // 09:05
		{"answered meanwhile", func(k *Ticket) { k.CustomerAt = time.Time{} }, friday.Add(72 * time.Hour), 0},
		{"asked again meanwhile", func(k *Ticket) { k.CustomerAt = friday.Add(time.Hour) }, friday.Add(72 * time.Hour), 0},
		{"taken over meanwhile", func(k *Ticket) { k.Assignee = "乙" }, friday.Add(72 * time.Hour), 0},
		{"returned meanwhile", func(k *Ticket) { k.State, k.Assignee = StateWaiting, "" }, friday.Add(72 * time.Hour), 0},
	} {
		d, m := newDesk(t)
		k := m.tickets["h"]
		k.CustomerAt = friday
		m.unattended = []Ticket{k}
		if tt.change != nil {
			tt.change(&k)
		}
		m.tickets["h"] = k
		returned, err := d.ReturnUnattended(t.Context(), &hours, after, tt.now)
		if err != nil || returned != tt.want || len(m.changes) != tt.want {
			t.Errorf("%s: %d went back, %v; changes %+v; want %d", tt.name, returned, err, m.changes, tt.want)
		}
		if tt.want == 1 {
			c := m.changes[0]
			if c.Event != EventReturned || c.Holder != chat.HolderBot || c.Ticket.State != StateWaiting || c.Ticket.Assignee != "" || len(c.Say) != 1 || c.Say[0].Text != "排队" {
				t.Errorf("%s: committed %+v", tt.name, c)
			}
		}
	}
}

func TestNoteSeen(t *testing.T) {
	d, m := newDesk(t)
	if err := d.NoteSeen(t.Context(), Agent{Name: "x"}); !errors.Is(err, chat.ErrForbidden) {
		t.Errorf("a stranger: %v", err)
	}
	if err := d.NoteSeen(t.Context(), staff["看"]); err != nil || !slices.Equal(m.seen, []string{"看"}) {
		t.Errorf("seen %q, %v", m.seen, err)
	}
}

// TestBetween measures open time over breaks, nights, holidays and days that end on the next one.
func TestBetween(t *testing.T) {
	at := func(text string) time.Time {
		t.Helper()
		v, err := time.Parse("2006-01-02 15:04 -0700", text+" +0800")
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct {
		spec     HoursSpec
		from, to string
		want     time.Duration
	}{
		{HoursSpec{}, "2026-11-23 23:00", "2026-11-24 01:30", 150 * time.Minute},
		{HoursSpec{}, "2026-11-24 01:00", "2026-11-23 01:00", 0},
		{HoursSpec{Holidays: "2026-11-24"}, "2026-11-23 23:00", "2026-11-25 01:00", 2 * time.Hour},
		{HoursSpec{Hours: "Mon-Fri 09:00-12:00,13:30-18:00"}, "2026-11-23 11:50", "2026-11-23 13:40", 20 * time.Minute},
		{HoursSpec{Hours: "Mon-Fri 09:00-12:00,13:30-18:00"}, "2026-11-23 08:00", "2026-11-25 08:00", 15 * time.Hour},
		{HoursSpec{Hours: "Mon-Fri 09:00-12:00,13:30-18:00"}, "2026-11-23 13:40", "2026-11-23 11:50", 0},
		{HoursSpec{Hours: "Sat 22:00-02:00"}, "2026-11-28 23:00", "2026-11-29 12:00", 3 * time.Hour},
		{HoursSpec{Hours: "Sat 22:00-02:00"}, "2026-11-29 01:00", "2026-11-29 12:00", time.Hour},
		{HoursSpec{Hours: "Sat 22:00-02:00; Sun 01:00-03:00"}, "2026-11-28 12:00", "2026-11-29 12:00", 5 * time.Hour},
		{HoursSpec{Hours: "closed"}, "2026-11-23 09:00", "2026-12-23 09:00", 0},
	} {
		h, err := tt.spec.Parse()
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Between(at(tt.from), at(tt.to)); got != tt.want {
			t.Errorf("%+v: from %s to %s %s are open, want %s", tt.spec, tt.from, tt.to, got, tt.want)
		}
	}
}
