package cli

import (
	"testing"

	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/media"
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
