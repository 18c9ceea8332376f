package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
)

// largePNG is how many bytes an opaque PNG may have: above, it is a photograph and becomes a JPEG.
const largePNG = 1 << 20

// transcode decodes a picture and writes it anew, upright, in MaxSize bytes at most. It ends with ctx.
func (h header) transcode(ctx context.Context, data []byte) (clean []byte, info Info, err error) {
	img, err := h.decode(contextReader{ctx, bytes.NewReader(data)})
	if err != nil {
		return nil, Info{}, ErrNotPicture
	}
	if h.orientation > 1 {
		img = orient(img, h.orientation)
	}
	if !h.isEncodedAsJPEG(img, len(data)) {
		clean, err = encode(ctx, func(w io.Writer) error { return png.Encode(w, img) })
		if !errors.Is(err, ErrTooLarge) {
			return clean, infoOf(img, "image/png"), err
		}
	}
	for shrink := 1; shrink <= maxShrink; shrink *= 2 {
		if shrink > 1 || !isOpaque(img) {
			img = halve(img)
		}
		for _, quality := range []int{85, 60} {
			clean, err = encode(ctx, func(w io.Writer) error { return jpeg.Encode(w, img, &jpeg.Options{Quality: quality}) })
			if !errors.Is(err, ErrTooLarge) {
				return clean, infoOf(img, "image/jpeg"), err
			}
		}
	}
	return nil, Info{}, ErrTooLarge
}

// maxShrink is how many times smaller than it was a side may become, for a picture to fit into MaxSize: 40 megapixels
// of noise do at a quarter.
const maxShrink = 8

func infoOf(img image.Image, kind string) Info {
	return Info{Type: kind, Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
}

// contextReader fails once ctx is over, and with it the decoder that reads from it. It gives little at once, for a few
// bytes of a JPEG may stand for all its pixels.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p[:min(len(p), 64)])
}

// encode returns what write writes: ErrTooLarge beyond MaxSize, ctx.Err() once ctx is over.
func encode(ctx context.Context, write func(io.Writer) error) ([]byte, error) {
	out := limitedBuffer{ctx: ctx}
	if err := write(&out); err != nil {
		return nil, fmt.Errorf("write a picture anew: %w", err)
	}
	return out.Bytes(), nil
}

// limitedBuffer takes MaxSize bytes, until ctx is over.
type limitedBuffer struct {
	bytes.Buffer
	ctx context.Context
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.Len()+len(p) > MaxSize {
		return 0, ErrTooLarge
	}
	return b.Buffer.Write(p)
}

// halve makes a picture's sides half as long; what one sees through becomes white.
func halve(img image.Image) image.Image {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, max(1, b.Dx()/2), max(1, b.Dy()/2)))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, out.Rect, img, b, draw.Over, nil)
	return out
}

func isOpaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// isEncodedAsJPEG reports whether the picture is written as a JPEG, else as a PNG.
func (h header) isEncodedAsJPEG(img image.Image, size int) bool {
	if h.format == formatJPEG {
		return true
	}
	return isOpaque(img) && (h.format == formatWebP || size > largePNG)
}

// orient is a picture from a camera that was held like o, upright. What is usual keeps its form.
func orient(img image.Image, o orientation) image.Image {
	b := img.Bounds()
	bounds := image.Rect(0, 0, b.Dx(), b.Dy())
	if o.swapsAxes() {
		bounds = image.Rect(0, 0, b.Dy(), b.Dx())
	}
	switch m := img.(type) {
	case *image.Gray:
		return &image.Gray{Pix: orientPlane(m.Pix, m.Stride, b.Dx(), b.Dy(), 1, o), Stride: bounds.Dx(), Rect: bounds}
	case *image.YCbCr:
		if out := orientYCbCr(m, bounds, o); out != nil {
			return out
		}
	}
	rgba := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(rgba, rgba.Bounds(), img, b.Min, draw.Src)
	return &image.RGBA{Pix: orientPlane(rgba.Pix, rgba.Stride, b.Dx(), b.Dy(), 4, o), Stride: 4 * bounds.Dx(), Rect: bounds}
}

// orientYCbCr turns each plane; nil where the turned colours would have a form that package image lacks.
func orientYCbCr(m *image.YCbCr, bounds image.Rectangle, o orientation) image.Image {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	cw, ch, ratio := w, h, m.SubsampleRatio
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio444:
	case image.YCbCrSubsampleRatio420:
		cw, ch = (w+1)/2, (h+1)/2
	case image.YCbCrSubsampleRatio422:
		cw = (w + 1) / 2
		if o.swapsAxes() {
			ratio = image.YCbCrSubsampleRatio440
		}
	case image.YCbCrSubsampleRatio440:
		ch = (h + 1) / 2
		if o.swapsAxes() {
			ratio = image.YCbCrSubsampleRatio422
		}
	default:
		return nil
	}
	cStride := cw
	if o.swapsAxes() {
		cStride = ch
	}
	return &image.YCbCr{
		Y:  orientPlane(m.Y, m.YStride, w, h, 1, o),
		Cb: orientPlane(m.Cb, m.CStride, cw, ch, 1, o),
		Cr: orientPlane(m.Cr, m.CStride, cw, ch, 1, o), YStride: bounds.Dx(), CStride: cStride, SubsampleRatio: ratio, Rect: bounds,
	}
}

// orientPlane turns w × h pixels of n bytes each.
func orientPlane(pix []byte, stride, w, h, n int, o orientation) []byte {
	right, down := (w-1)*n, (h-1)*stride // how far the last column and the last row are
	// Where the first pixel comes from, and how far the next ones to the right and below are from there.
	from := [9]struct{ start, x, y int }{
		1: {0, n, stride}, 2: {right, -n, stride}, 3: {down + right, -n, -stride}, 4: {down, n, -stride},
		5: {0, stride, n}, 6: {down, -stride, n}, 7: {down + right, -stride, -n}, 8: {right, stride, -n},
	}[o]
	if o.swapsAxes() {
		w, h = h, w
	}
	out := make([]byte, 0, w*h*n)
	for y := range h {
		at := from.start + y*from.y
		for range w {
			out = append(out, pix[at:at+n]...)
			at += from.x
		}
	}
	return out
}
