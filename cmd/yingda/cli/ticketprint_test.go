package cli

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// TestTimesAreTheDesks: whatever the machine's zone is, agents read the times of their desk.
func TestTimesAreTheDesks(t *testing.T) {
	at := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	all := ticketDetails{
		Ticket:   desk.Ticket{Number: "1125-7K3F", State: desk.StateWaiting, CreatedAt: at},
		Messages: []chat.Entry{{Seq: 1, From: chat.FromCustomer, Text: "在吗", At: at.Add(time.Minute)}},
		Notes:    []desk.Note{{By: "前台", Text: "老客户", At: at.Add(2 * time.Minute)}},
	}
	for zone, want := range map[string][]string{
		"":               {"11-25 00:30", "11-25 00:31", "11-25 00:32"},
		"Asia/Shanghai":  {"11-25 00:30", "11-25 00:31", "11-25 00:32"},
		"America/Denver": {"11-24 09:30", "11-24 09:31", "11-24 09:32"},
		"+09:00":         {"11-25 01:30", "11-25 01:31", "11-25 01:32"},
	} {
		hours, err := desk.HoursSpec{Zone: zone}.Parse()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := printTicket(&out, &hours, all); err != nil {
			t.Fatal(err)
		}
		if err := printTickets(&out, &hours, []desk.Ticket{all.Ticket}); err != nil {
			t.Fatal(err)
		}
		for _, time := range want {
			if !strings.Contains(out.String(), time) {
				t.Errorf("zone %q, without %s:\n%s", zone, time, out.String())
			}
		}
		if n := strings.Count(out.String(), want[0]); n != 2 {
			t.Errorf("zone %q: the ticket's time stands %d times:\n%s", zone, n, out.String())
		}
	}
}

// TestProgramKnowsZones: a container without a zone database has the program's own.
func TestProgramKnowsZones(t *testing.T) {
	list, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "github.com/yingda/yingda/cmd/yingda").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(list), "\ntime/tzdata\n") {
		t.Error("the program does not embed time/tzdata")
	}
}
