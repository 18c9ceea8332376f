package flatfile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"unsafe"
)

// build makes a file of one section of each size of number.
func build() *Builder {
	var b Builder
	Add(&b, "bytes", []uint8{1, 2, 3})
	Add(&b, "signs", []bool{true, false, true})
	Add(&b, "numbers", []int32{-1, 0, 1 << 30})
	Add(&b, "weights", []float64{.5, -.25})
	Add(&b, "none", []uint64(nil))
	return &b
}

// whole is the file that build makes, in memory.
func whole(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := build().WriteTo(&b, "key"); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func wantContents(t *testing.T, f *File) {
	t.Helper()
	if got := Slice[uint8](f, "bytes"); !slices.Equal(got, []uint8{1, 2, 3}) {
		t.Errorf("bytes: %v", got)
	}
	if got := Slice[bool](f, "signs"); !slices.Equal(got, []bool{true, false, true}) {
		t.Errorf("signs: %v", got)
	}
	if got := Slice[int32](f, "numbers"); !slices.Equal(got, []int32{-1, 0, 1 << 30}) {
		t.Errorf("numbers: %v", got)
	}
	if got := Slice[float64](f, "weights"); !slices.Equal(got, []float64{.5, -.25}) {
		t.Errorf("weights: %v", got)
	}
	if got := Slice[uint64](f, "none"); got != nil || f.Err() != nil {
		t.Errorf("none: %v, %v", got, f.Err())
	}
}

// TestFile: what was added is read back, mapped and out of memory at any address.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := build().Write(path, "key"); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, "key")
	if err != nil {
		t.Fatal(err)
	}
	wantContents(t, f)
	runtime.KeepAlive(f)
	for offset := range alignment {
		room := make([]byte, offset, 1<<10)
		if f, err = Parse(append(room, whole(t)...)[offset:], "key"); err != nil {
			t.Fatal(err)
		}
		wantContents(t, f)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("in the folder are %v (%v), want the file alone", left, err)
	}
}

// TestMissing: a section that is not there, or is of something else, is told of once all are asked for.
func TestMissing(t *testing.T) {
	f, err := Parse(whole(t), "key")
	if err != nil {
		t.Fatal(err)
	}
	if Slice[int32](f, "other") != nil || Slice[int32](f, "bytes") != nil || !errors.Is(f.Err(), ErrForeign) {
		t.Errorf("the error is %v", f.Err())
	}
}

// TestForeign: no file that differs in a bit, is cut, or is another's is opened.
func TestForeign(t *testing.T) {
	whole := whole(t)
	for i := range whole {
		damaged := slices.Clone(whole)
		damaged[i] ^= 4
		if _, err := Parse(damaged, "key"); !errors.Is(err, ErrForeign) {
			t.Errorf("a file with another byte %d was opened: %v", i, err)
		}
		if _, err := Parse(whole[:i:i], "key"); !errors.Is(err, ErrForeign) {
			t.Errorf("a file cut to %d bytes was opened: %v", i, err)
		}
	}
	if _, err := Parse(whole, "kez"); !errors.Is(err, ErrForeign) {
		t.Errorf("another's file was opened: %v", err)
	}
	if _, err := Parse(whole, ""); err != nil {
		t.Errorf("anybody's file was not opened: %v", err)
	}
	path := filepath.Join(t.TempDir(), "f")
	if _, err := Open(path, "key"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, "key"); !errors.Is(err, ErrForeign) {
		t.Errorf("an empty file: %v", err)
	}
}

// FuzzParse: no file makes Parse read beside it, not even one whose sum is right.
func FuzzParse(f *testing.F) {
	f.Add(whole(f), uint64(headSize))
	f.Fuzz(func(t *testing.T, data []byte, directory uint64) {
		if len(data) >= headSize {
			data = slices.Clone(data)
			h := (*head)(unsafe.Pointer(unsafe.SliceData(data)))
			*h = head{magic: magic, directory: directory}
			h.sum = uint64(checksum(0, data[summed:]))
		}
		file, err := Parse(data, "")
		if err != nil {
			return
		}
		for name := range file.sections {
			sum := 0.0
			for _, x := range Slice[float64](file, name) {
				sum += x
			}
			_ = Slice[bool](file, name)
		}
	})
}
