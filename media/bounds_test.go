package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
	"time"
)

// manyScans is a progressive JPEG of one colour, with so many scans of a few bytes each.
func manyScans(w, h, scans int) []byte {
	segment := func(marker byte, body ...byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(body)+2)), body...)
	}
	out := []byte{0xFF, 0xD8}
	out = append(out, segment(0xDB, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)...)
	out = append(out, segment(0xC2, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 1, 1, 0x11, 0)...)
	table := append([]byte{0x10, 1}, make([]byte, 15)...) // one code of one bit
	out = append(out, segment(0xC4, append(table, 0xE0)...)...)
	scan := segment(0xDA, 1, 1, 0, 1, 63, 0)
	var bits, n uint32
	for left := (w + 7) / 8 * ((h + 7) / 8); left > 0; {
		run := min(left, 1<<15-1)
		left -= run
		if run < 1<<14 { // the last, which may be longer than what is left
			run = 1 << 14
		}
		for bits, n = bits<<15|uint32(run-1<<14), n+15; n >= 8; n -= 8 {
			if scan = append(scan, byte(bits>>(n-8))); byte(bits>>(n-8)) == 0xFF {
				scan = append(scan, 0)
			}
		}
	}
	scan = append(scan, byte(bits<<(8-n)|1<<(8-n)-1))
	if scan[len(scan)-1] == 0xFF {
		scan = append(scan, 0)
	}
	return append(append(out, bytes.Repeat(scan, scans)...), 0xFF, 0xD9)
}

func TestPutBoundsWork(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		want error
	}{
		{"as many scans as are written", manyScans(64, 64, 20), nil},
		{"1500 scans", manyScans(5600, 5600, 1500), ErrTooComplex},
		{"a side", manyScans(16_001, 8, 1), ErrTooManyPixels},
		{"the other side", manyScans(8, 16_001, 1), ErrTooManyPixels},
		{"the longest side", manyScans(16_000, 8, 1), nil},
	}
	for _, tt := range tests {
		start := time.Now()
		if _, err := newStore(t).Put(t.Context(), bytes.NewReader(tt.data)); !errors.Is(err, tt.want) {
			t.Errorf("%s (%d KB): error %v, want %v", tt.name, len(tt.data)>>10, err, tt.want)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %s", tt.name, took)
		}
	}
}

// TestDecodingEnds: with its time, and with whoever waits for it. The picture would take ten seconds and more.
func TestDecodingEnds(t *testing.T) {
	data := manyScans(4000, 4000, 4000)
	h, err := parseHeader(manyScans(4000, 4000, 1))
	if err != nil {
		t.Fatal(err)
	}
	s := newStore(t)
	run := func(ctx context.Context, want error) {
		t.Helper()
		start := time.Now()
		if _, _, err := s.transcode(ctx, h, data); !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %s", took)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	run(ctx, context.Canceled)
	s.timeout = 50 * time.Millisecond
	run(t.Context(), ErrTooComplex)
	if !s.large.slots.TryAcquire(maxConcurrent) || !s.large.memory.TryAcquire(maxMemory) {
		t.Error("memory was not given back")
	}
}

// TestSmallPicturesPass: they do not wait behind large ones.
func TestSmallPicturesPass(t *testing.T) {
	s := newStore(t)
	if !s.large.slots.TryAcquire(maxConcurrent) || !s.large.memory.TryAcquire(maxMemory) {
		t.Fatal("large pictures are decoded already")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := s.Put(ctx, bytes.NewReader(asJPEG(t, quarters(200, 100)))); err != nil {
		t.Error(err)
	}
}

// TestKeptIsNoLargerThanSent: what is written anew fits into the limit for what is sent.
func TestKeptIsNoLargerThanSent(t *testing.T) {
	var coarse bytes.Buffer
	if err := jpeg.Encode(&coarse, noise(4000, 4000), &jpeg.Options{Quality: 4}); err != nil {
		t.Fatal(err)
	}
	clear := noise(1300, 1300)
	for i := range clear.Pix {
		clear.Pix[i] ^= byte(i >> 3)
	}
	tests := []struct {
		name   string
		header header
		data   []byte
		want   image.Point // the least size
	}{
		{"a coarse photograph", header{format: formatJPEG, decode: jpeg.Decode}, coarse.Bytes(), image.Pt(2000, 2000)},
		{"noise that one sees through", header{format: formatPNG, decode: png.Decode}, asPNG(t, clear), image.Pt(650, 650)},
	}
	for _, tt := range tests {
		clean, info, err := tt.header.transcode(t.Context(), tt.data)
		if err != nil || len(clean) > MaxSize || info.Type != "image/jpeg" || info.Width < tt.want.X || info.Height < tt.want.Y {
			t.Errorf("%s, %d bytes: %d bytes of %+v, %v", tt.name, len(tt.data), len(clean), info, err)
		}
		if config, err := jpeg.DecodeConfig(bytes.NewReader(clean)); err != nil || config.Width != info.Width || config.Height != info.Height {
			t.Errorf("%s: kept %+v, told %+v, %v", tt.name, config, info, err)
		}
	}
}
