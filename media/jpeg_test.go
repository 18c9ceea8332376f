package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"testing"
)

// names are the colours of a picture's corners: red, green, blue, white.
func corners(m image.Image) string {
	b := m.Bounds()
	name := func(x, y int) string {
		c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
		switch r, g, b := c.R > 128, c.G > 128, c.B > 128; {
		case r && g && b:
			return "W"
		case r:
			return "R"
		case g:
			return "G"
		}
		return "B"
	}
	right, down := b.Max.X-1, b.Max.Y-1
	return name(b.Min.X, b.Min.Y) + name(right, b.Min.Y) + name(b.Min.X, down) + name(right, down)
}

func TestPutTurnsUpright(t *testing.T) {
	tests := []struct {
		turn uint16
		want string
	}{
		{0, "RGBW"}, {1, "RGBW"}, {2, "GRWB"}, {3, "WBGR"}, {4, "BWRG"}, {5, "RBGW"}, {6, "BRWG"}, {7, "WGBR"}, {8, "GWRB"}, {9, "RGBW"},
	}
	for _, tt := range tests {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			s := newStore(t)
			info, err := s.Put(t.Context(), bytes.NewReader(withEXIF(asJPEG(t, quarters(33, 17)), exif(order, tt.turn))))
			if err != nil {
				t.Fatal(err)
			}
			m, err := jpeg.Decode(bytes.NewReader(read(t, s, info.ID)))
			if err != nil {
				t.Fatal(err)
			}
			if got := corners(m); got != tt.want {
				t.Errorf("orientation %d, %s: corners %s, want %s", tt.turn, order, got, tt.want)
			}
			if wide := info.Width == 33 && info.Height == 17; wide == (tt.turn >= 5 && tt.turn <= 8) {
				t.Errorf("orientation %d: %dx%d", tt.turn, info.Width, info.Height)
			}
		}
	}
}

// TestOrientKeepsPixels compares each form of a picture, turned by planes, with its pixels turned one by one.
func TestOrientKeepsPixels(t *testing.T) {
	const w, h = 24, 8 // even, so that colours lie on the same pixels when turned
	flat := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(flat, flat.Bounds(), noise(w, h), image.Point{}, draw.Src)
	grey := image.NewGray(flat.Rect)
	draw.Draw(grey, grey.Bounds(), flat, image.Point{}, draw.Src)
	pictures := map[string]image.Image{"rgba": flat, "grey": grey}
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		m := image.NewYCbCr(flat.Rect, ratio)
		copy(m.Y, flat.Pix)
		copy(m.Cb, flat.Pix[100:])
		copy(m.Cr, flat.Pix[200:])
		pictures[ratio.String()] = m
	}
	from := func(o orientation, x, y int) (int, int) {
		return [9]int{1: x, 2: w - 1 - x, 3: w - 1 - x, 4: x, 5: y, 6: y, 7: w - 1 - y, 8: w - 1 - y}[o],
			[9]int{1: y, 2: y, 3: h - 1 - y, 4: h - 1 - y, 5: x, 6: h - 1 - x, 7: h - 1 - x, 8: x}[o]
	}
	for name, m := range pictures {
		for o := orientation(1); o <= 8; o++ {
			got := orient(m, o)
			for y := range got.Bounds().Dy() {
				for x := range got.Bounds().Dx() {
					want := color.RGBAModel.Convert(m.At(from(o, x, y)))
					if c := color.RGBAModel.Convert(got.At(x, y)); c != want {
						t.Fatalf("%s, orientation %d: pixel %d,%d is %v, want %v", name, o, x, y, c, want)
					}
				}
			}
		}
	}
}

func TestScanJPEG(t *testing.T) {
	segment := func(marker byte, body string) string {
		return string(binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(body)+2))) + body
	}
	const size = "\x08\x00\x10\x00\x10" // 8 bits, 16 × 16
	turn := segment(0xE1, "Exif\x00\x00"+string(exif(binary.BigEndian, 6)))
	photo := size + "\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
	dear := frame{samples: 4, progressive: true}
	tests := []struct {
		name, data string
		frame      frame
		turn       orientation
	}{
		{"photograph", turn + segment(0xC0, photo), frame{samples: 1.5}, 6},
		{"EXIF behind the frame", segment(0xC0, photo) + turn + segment(0xDA, ""), frame{samples: 1.5}, 6},
		{"padding", "\xFF\xFF" + turn + "\xFF\xD0" + segment(0xC1, photo), frame{samples: 1.5}, 6},
		{"progressive", segment(0xC2, photo), frame{samples: 1.5, progressive: true}, 0},
		{"full colours", segment(0xC0, size+"\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01"), frame{samples: 3}, 0},
		{"half colours", segment(0xC0, size+"\x03\x01\x21\x00\x02\x11\x01\x03\x11\x01"), frame{samples: 2}, 0},
		{"a quarter across", segment(0xC0, size+"\x03\x01\x41\x00\x02\x11\x01\x03\x11\x01"), frame{samples: 1.5, converted: true}, 0},
		{"grey", segment(0xC0, size+"\x01\x01\x22\x00"), frame{samples: 1}, 0},
		{"four inks", segment(0xC0, size+"\x04\x01\x11\x00\x02\x11\x01\x03\x11\x01\x04\x11\x01"), frame{samples: 4, converted: true}, 0},
		{"RGB by name", segment(0xC0, size+"\x03R\x11\x00G\x11\x01B\x11\x01"), frame{samples: 3, converted: true}, 0},
		{"RGB by Adobe", segment(0xEE, "Adobe\x00\x64\x00\x00\x00\x00\x00") + segment(0xC0, photo), frame{samples: 1.5, converted: true}, 0},
		{"pixels hide EXIF", segment(0xDA, "") + turn, dear, 0},
		{"torn", turn[:len(turn)-1], dear, 0},
		{"a frame of none", segment(0xC0, size+"\x00"), frame{samples: 4, progressive: true, converted: true}, 0},
		{"no samples", segment(0xC0, size+"\x03\x01\x00\x00\x02\x00\x01\x03\x00\x01"), frame{}, 0},
		{"nothing", "", dear, 0},
	}
	for _, tt := range tests {
		f, turn := parseJPEG([]byte("\xFF\xD8" + tt.data))
		if f != tt.frame || turn != tt.turn {
			t.Errorf("%s: got %+v, %d, want %+v, %d", tt.name, f, turn, tt.frame, tt.turn)
		}
	}
}

func FuzzScanJPEG(f *testing.F) {
	f.Add(withEXIF(asJPEG(f, quarters(9, 5)), exif(binary.LittleEndian, 8)))
	f.Add(withEXIF(asJPEG(f, quarters(9, 5)), exif(binary.BigEndian, 3)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if frame, turn := parseJPEG(data); turn < 0 || turn > 8 || frame.bytesPerPixel(turn) < 0 || frame.bytesPerPixel(turn) > 32 {
			t.Errorf("got %+v, %d", frame, turn)
		}
	})
}

func FuzzOrientation(f *testing.F) {
	f.Add(exif(binary.LittleEndian, 8))
	f.Add(exif(binary.BigEndian, 1))
	f.Add([]byte("II*\x00\xFF\xFF\xFF\xFF"))
	f.Fuzz(func(t *testing.T, tiff []byte) {
		if turn := parseOrientation(tiff); turn < 0 || turn > 8 {
			t.Errorf("got %d", turn)
		}
	})
}
