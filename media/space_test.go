package media

import (
	"bytes"
	"errors"
	"testing"
)

// TestPutLeavesRoom: on a disk that is almost full the rest is for messages.
func TestPutLeavesRoom(t *testing.T) {
	tests := []struct {
		name  string
		space Space
		err   error
		want  error
	}{
		{"large and empty", Space{Free: 1 << 40, Total: 1 << 40}, nil, nil},
		{"large", Space{Free: 200 << 20, Total: 1 << 40}, nil, nil},
		{"large and full", Space{Free: 200<<20 - 1, Total: 1 << 40}, nil, ErrDiskFull},
		{"small", Space{Free: 52 << 20, Total: 1 << 30}, nil, nil},
		{"small and full", Space{Free: 51 << 20, Total: 1 << 30}, nil, ErrDiskFull},
		{"not known", Space{}, errors.New("no such call"), nil},
	}
	for _, tt := range tests {
		s := newStore(t)
		s.Space = func(string) (Space, error) { return tt.space, tt.err }
		if _, err := s.Put(t.Context(), bytes.NewReader(asPNG(t, quarters(2, 2)))); !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
	}
	if space, err := DiskSpace(t.TempDir()); err != nil || space.Total == 0 || space.Free > space.Total {
		t.Errorf("this disk: %+v, %v", space, err)
	}
}
