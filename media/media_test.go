package media

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func newStore(t testing.TB) *Store {
	t.Helper()
	s, err := New(filepath.Join(t.TempDir(), "pictures"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// quarters has a colour in each: red, green; blue, white.
func quarters(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: 255, A: 255}
			switch {
			case x >= w/2 && y >= h/2:
				c = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
			case x >= w/2:
				c = color.NRGBA{G: 255, A: 255}
			case y >= h/2:
				c = color.NRGBA{B: 255, A: 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is TIFF with an orientation and a place: 31°14′N, as a telephone writes it.
func exif(order binary.AppendByteOrder, turn uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	field := func(tag, form uint16, count uint32) {
		b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag), form), count)
	}
	field(0x0112, 3, 1)
	b = order.AppendUint16(order.AppendUint16(b, turn), 0)
	field(0x8825, 4, 1) // the directory of the place
	b = order.AppendUint32(b, 38)
	b = order.AppendUint32(b, 0) // no more directories
	b = order.AppendUint16(b, 1)
	field(2, 5, 3)
	b = order.AppendUint32(b, 56)
	b = order.AppendUint32(b, 0)
	return append(b, "GPSPLACE31d14mN-and-121d29mE"...)
}

// withEXIF puts EXIF into a JPEG, and a comment besides.
func withEXIF(picture, tiff []byte) []byte {
	segment := func(marker byte, body []byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(body)+2)), body...)
	}
	out := append([]byte(nil), picture[:2]...)
	out = append(out, segment(0xE1, append([]byte("Exif\x00\x00"), tiff...))...)
	out = append(out, segment(0xFE, []byte("COMMENT of mine"))...)
	return append(out, picture[2:]...)
}

// withChunk puts a chunk behind a PNG's header.
func withChunk(picture []byte, name string, body []byte) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	chunk = append(append(chunk, name...), body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(append(append([]byte(nil), picture[:33]...), chunk...), picture[33:]...)
}

// Small WebP pictures, with loss and without.
const (
	webpLossy    = "UklGRjgAAABXRUJQVlA4ICwAAACQAQCdASoDAAIAAsBMJaACdLoAA5gA/u5DH+5sc4twV/9tD/9aH/60P+lAAA=="
	webpLossless = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="
)

func decode64(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// noise compresses to little less than itself.
func noise(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	x := uint32(1)
	for i := range m.Pix {
		x = x*1664525 + 1013904223
		m.Pix[i] = byte(x >> 24)
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return m
}

func TestPut(t *testing.T) {
	clear := quarters(20, 10)
	clear.SetNRGBA(3, 3, color.NRGBA{})
	tests := []struct {
		name string
		data []byte
		want Info // without ID and Size
	}{
		{"jpeg", asJPEG(t, quarters(20, 10)), Info{Type: "image/jpeg", Width: 20, Height: 10}},
		{"grey jpeg", asJPEG(t, image.NewGray(image.Rect(0, 0, 5, 7))), Info{Type: "image/jpeg", Width: 5, Height: 7}},
		{"png", asPNG(t, quarters(20, 10)), Info{Type: "image/png", Width: 20, Height: 10}},
		{"clear png", asPNG(t, clear), Info{Type: "image/png", Width: 20, Height: 10}},
		{"large png", asPNG(t, noise(700, 700)), Info{Type: "image/jpeg", Width: 700, Height: 700}},
		{"lossy webp", decode64(t, webpLossy), Info{Type: "image/jpeg", Width: 3, Height: 2}},
		{"lossless webp", decode64(t, webpLossless), Info{Type: "image/png", Width: 1, Height: 1}},
		{"turned jpeg", withEXIF(asJPEG(t, quarters(20, 10)), exif(binary.BigEndian, 6)), Info{Type: "image/jpeg", Width: 10, Height: 20}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			got, err := s.Put(t.Context(), bytes.NewReader(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			kept := read(t, s, got.ID)
			if int64(len(kept)) != got.Size {
				t.Errorf("%d bytes are kept, %d told", len(kept), got.Size)
			}
			config, format, err := image.DecodeConfig(bytes.NewReader(kept))
			if err != nil || "image/"+format != got.Type || config.Width != got.Width || config.Height != got.Height {
				t.Errorf("kept %s of %dx%d, told %+v, error %v", format, config.Width, config.Height, got, err)
			}
			file, err := os.Stat(filepath.Join(s.dir, got.ID))
			if err != nil || file.Mode() != 0o600 {
				t.Errorf("mode %v, %v", file.Mode(), err)
			}
			if got.ID, got.Size = "", 0; got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func read(t testing.TB, s *Store, id string) []byte {
	t.Helper()
	f, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPutKeepsNothingButThePicture(t *testing.T) {
	secrets := []string{"Exif", "GPSPLACE", "COMMENT", "<script>", "eXIf", "tEXt"}
	gps := exif(binary.LittleEndian, 1)
	p := asPNG(t, quarters(20, 10))
	tests := map[string][]byte{
		"jpeg": append(withEXIF(asJPEG(t, quarters(20, 10)), gps), "<script>alert(1)</script>"...),
		"png":  append(withChunk(withChunk(p, "eXIf", gps), "tEXt", []byte("Comment\x00COMMENT of mine")), "<script>"...),
	}
	for name, data := range tests {
		s := newStore(t)
		info, err := s.Put(t.Context(), bytes.NewReader(data))
		if err != nil {
			t.Fatal(name, err)
		}
		kept := read(t, s, info.ID)
		if !bytes.Contains(data, []byte("GPSPLACE")) {
			t.Errorf("%s: the picture had no place to lose", name)
		}
		for _, secret := range secrets {
			if bytes.Contains(kept, []byte(secret)) {
				t.Errorf("%s: kept %q", name, secret)
			}
		}
	}
}

func TestPutRefuses(t *testing.T) {
	bomb := func(w, h uint32) []byte { // a PNG that claims to be large
		b := asPNG(t, image.NewGray(image.Rect(0, 0, 1, 1)))
		binary.BigEndian.PutUint32(b[16:], w)
		binary.BigEndian.PutUint32(b[20:], h)
		binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
		return b
	}
	whole := asJPEG(t, quarters(200, 100))
	tests := []struct {
		name string
		data []byte
		want *Refusal
	}{
		{"empty", nil, ErrNotPicture},
		{"page", []byte("<html><script>alert(1)</script>"), ErrNotPicture},
		{"gif", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), ErrNotPicture},
		{"svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), ErrNotPicture},
		{"page that begins like a picture", append([]byte("\xFF\xD8\xFF"), "<html>"...), ErrNotPicture},
		{"truncated", whole[:len(whole)*2/3], ErrNotPicture},
		{"large", append(whole, make([]byte, MaxSize)...), ErrTooLarge},
		{"bomb", bomb(20000, 20000), ErrTooManyPixels},
		{"bomb of little memory", bomb(10000, 10000), ErrTooManyPixels},
		{"bomb beyond numbers", bomb(1<<31-1, 1<<31-1), ErrNotPicture}, // package png knows
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			_, err := s.Put(t.Context(), bytes.NewReader(tt.data))
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if r, ok := errors.AsType[*Refusal](err); !ok || r.Text() == "" {
				t.Errorf("no word for the customer in %v", err)
			}
			if files := list(t, s); len(files) > 0 {
				t.Errorf("left %v", files)
			}
		})
	}
}

func list(t testing.TB, s *Store) (names []string) {
	t.Helper()
	files, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

func TestPutLeavesNothingWhenTheDiskFails(t *testing.T) {
	name := strings.Repeat("A", 26)
	s, err := New(t.TempDir(), func() string { return name })
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(s.dir, name, "in-the-way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), bytes.NewReader(asPNG(t, quarters(2, 2)))); err == nil {
		t.Error("no error")
	}
	if files := list(t, s); !reflect.DeepEqual(files, []string{name}) {
		t.Errorf("left %v", files)
	}
}

func TestNamesAreNoPaths(t *testing.T) {
	s := newStore(t)
	outside := filepath.Join(filepath.Dir(s.dir), "OUTSIDEOUTSIDEOUTSIDE")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{
		"", ".", "..", "../OUTSIDEOUTSIDEOUTSIDE", outside, "OUTSIDEOUTSIDEOUTSIDE\x00", ".new-1234567890123456",
		"AAAAAAAAAAAAAAAAAAAAAAAAAA", strings.Repeat("A", 65), "AAAAAAAAAAAAAAAAAAAAAAAAA/", `..\OUTSIDEOUTSIDEOUTSIDE`,
	} {
		if f, err := s.Open(id); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q opened %v, error %v", id, f, err)
		}
		if err := s.Delete(id); err != nil {
			t.Errorf("delete %q: %v", id, err)
		}
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error(err)
	}
}

func TestSweep(t *testing.T) {
	s := newStore(t)
	put := func() string {
		info, err := s.Put(t.Context(), bytes.NewReader(asPNG(t, quarters(2, 2))))
		if err != nil {
			t.Fatal(err)
		}
		return info.ID
	}
	old, kept, young, gone := put(), put(), put(), put()
	for _, name := range []string{".new-torn", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(s.dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hour := time.Now().Add(-time.Hour)
	for _, name := range []string{old, kept, gone, ".new-torn", "notes.txt"} {
		if err := os.Chtimes(filepath.Join(s.dir, name), hour, hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(gone, "AAAAAAAAAAAAAAAAAAAAAAAAAA"); err != nil {
		t.Fatal(err)
	}
	n, err := s.Sweep(t.Context(), time.Now().Add(-time.Minute), func(id string) (bool, error) { return id == kept, nil })
	if err != nil || n != 2 {
		t.Errorf("swept %d, %v, want the old one and the torn one", n, err)
	}
	left := fmt.Sprint(list(t, s))
	for _, name := range []string{kept, young, "notes.txt"} {
		if !strings.Contains(left, name) {
			t.Errorf("%s is gone", name)
		}
	}
	if len(list(t, s)) != 3 {
		t.Errorf("left %s", left)
	}
	broken := errors.New("the database is gone")
	if _, err := s.Sweep(t.Context(), time.Now(), func(string) (bool, error) { return false, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if len(list(t, s)) != 3 {
		t.Error("swept what might be kept")
	}
}

func TestPutWaitsItsTurn(t *testing.T) {
	s := newStore(t)
	if err := s.memory.Acquire(t.Context(), maxMemory); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	data := asPNG(t, quarters(2, 2))
	if _, err := s.Put(ctx, bytes.NewReader(data)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("beside a picture that takes all memory: error %v", err)
	}
	s.memory.Release(maxMemory)
	if _, err := s.Put(t.Context(), bytes.NewReader(data)); err != nil {
		t.Error(err)
	}
	if !s.slots.TryAcquire(maxConcurrent) || !s.memory.TryAcquire(maxMemory) {
		t.Error("memory was not given back")
	}
}

func FuzzPut(f *testing.F) {
	for _, seed := range [][]byte{
		asJPEG(f, quarters(20, 10)), asPNG(f, quarters(20, 10)), decode64(f, webpLossy), decode64(f, webpLossless),
		withEXIF(asJPEG(f, quarters(9, 5)), exif(binary.LittleEndian, 8)), withEXIF(asJPEG(f, image.NewGray(image.Rect(0, 0, 3, 3))), exif(binary.BigEndian, 5)),
	} {
		f.Add(seed, len(seed))
		f.Add(seed, len(seed)/2)
	}
	s := newStore(f)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		if cut >= 0 && cut < len(data) {
			data = data[:cut]
		}
		info, err := s.Put(t.Context(), bytes.NewReader(data))
		want := 0
		if err == nil {
			want = 1
			if _, _, err := image.Decode(bytes.NewReader(read(t, s, info.ID))); err != nil {
				t.Errorf("what is kept is no picture: %v", err)
			}
		} else if _, ok := errors.AsType[*Refusal](err); !ok {
			t.Errorf("error %v", err)
		}
		if files := list(t, s); len(files) != want {
			t.Errorf("left %v", files)
		}
		if err := s.Delete(info.ID); err != nil {
			t.Error(err)
		}
	})
}
