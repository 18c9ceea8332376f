package cli

import (
	"strings"
	"testing"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/media"
	"github.com/yingda/yingda/node"
	"github.com/yingda/yingda/store"
)

func TestDoctorDisk(t *testing.T) {
	const total = 1 << 40
	for _, tt := range []struct {
		free uint64
		want finding.Level
		fix  string
	}{
		{total, finding.OK, ""},
		{500 << 20, finding.Warning, "make room, or let -retain delete old conversations"},
		{199 << 20, finding.Error, "make room: pictures are refused, messages go on"},
		{99 << 20, finding.Error, "make room: pictures are refused, and soon no message can be kept"},
	} {
		var d doctor
		d.disk(media.Space{Free: tt.free, Total: total})
		if len(d.found) != 1 || d.found[0].Level != tt.want || d.found[0].Fix != tt.fix {
			t.Errorf("%d bytes: %+v, want %s %q", tt.free, d.found, tt.want, tt.fix)
		}
	}
}

// Since when a channel does not work is told in the desk's zone, as every other time is.
func TestDoctorTellsTheDesksTime(t *testing.T) {
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	down := chat.KV{Key: "node/watch/telegram/default", Value: []byte(`{"since":"2026-11-24T20:00:00Z","reason":"401","down":true}`)}
	if err := db.SetKV(t.Context(), down); err != nil {
		t.Fatal(err)
	}
	d := doctor{cfg: node.Config{Accounts: map[string][]node.Account{"telegram": {{"name": "default", "token": "123456789:AAGm5kNhqvhTqvrnRt4rQ1bq0xVvRkZ0abc"}}}}}
	if d.cfg.Hours, err = (desk.HoursSpec{Zone: "+03:00"}).Parse(); err != nil {
		t.Fatal(err)
	}
	d.channels(t.Context(), db)
	if len(d.found) != 1 || !strings.Contains(d.found[0].Text, "since 2026-11-24 23:00:00") {
		t.Errorf("found %+v", d.found)
	}
}
