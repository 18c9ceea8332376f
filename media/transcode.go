package media

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
)

const (
	jpegQuality = 85
	largePNG    = 1 << 20 // bytes: above, an opaque PNG is a photograph and becomes a JPEG
)

// transcode decodes a picture and writes it anew, upright.
func (h header) transcode(data []byte) (clean []byte, info Info, err error) {
	img, err := h.decode(bytes.NewReader(data))
	if err != nil {
		return nil, Info{}, ErrNotPicture
	}
	if h.orientation > 1 {
		img = orient(img, h.orientation)
	}
	var out bytes.Buffer
	info = Info{Type: "image/jpeg", Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
	if h.isEncodedAsJPEG(img, len(data)) {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: jpegQuality})
	} else {
		info.Type = "image/png"
		err = png.Encode(&out, img)
	}
	if err != nil {
		return nil, Info{}, fmt.Errorf("write a picture anew: %w", err)
	}
	return out.Bytes(), info, nil
}

// isEncodedAsJPEG reports whether the picture is written as a JPEG, else as a PNG.
func (h header) isEncodedAsJPEG(img image.Image, size int) bool {
	if h.format == formatJPEG {
		return true
	}
	opaque, ok := img.(interface{ Opaque() bool })
	return ok && opaque.Opaque() && (h.format == formatWebP || size > largePNG)
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
