package telegram

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif" // photos may be sent as any of these
	"image/jpeg"
	_ "image/png"
)

// Telegram's rule for photos, in pixels.
const (
	maxPhotoSides = 10_000 // width and height together
	maxPhotoRatio = 20
	quality       = 87
)

// photoSizes makes a photo as Telegram keeps it: JPEG in some widths, the smallest first, none wider or higher
// than 1280. It does not need the lock.
func photoSizes(data []byte) ([]*file, *apiError) {
	if len(data) > maxPhoto {
		return nil, bad("file of size %d bytes is too big for a photo; the maximum size is %d bytes", len(data), maxPhoto)
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, bad("IMAGE_PROCESS_FAILED")
	}
	w, h := head.Width, head.Height
	if w+h > maxPhotoSides || w <= 0 || h <= 0 || max(w, h) > maxPhotoRatio*min(w, h) {
		return nil, bad("PHOTO_INVALID_DIMENSIONS")
	}
	picture, kind, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, bad("IMAGE_PROCESS_FAILED")
	}
	pixels := flat(picture)
	var sizes []*file
	for _, side := range []int{90, 320, 800, 1280} {
		f := &file{kind: "photo", name: "photo.jpg", mime: "image/jpeg", width: w, height: h, data: data}
		if longest := max(w, h); longest > side {
			f.width, f.height = max(1, w*side/longest), max(1, h*side/longest)
		}
		if f.width != w || kind != "jpeg" {
			var out bytes.Buffer
			if err := jpeg.Encode(&out, scaled(pixels, f.width, f.height), &jpeg.Options{Quality: quality}); err != nil {
				return nil, bad("IMAGE_PROCESS_FAILED")
			}
			f.data = out.Bytes()
		}
		sizes = append(sizes, f)
		if f.width == w {
			break
		}
	}
	for _, f := range sizes {
		f.sizes = sizes
	}
	return sizes, nil
}

// scaled takes the nearest pixels: good enough for a stand-in.
func scaled(from *image.RGBA, w, h int) *image.RGBA {
	size := from.Bounds().Size()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		row := from.Pix[y*size.Y/h*from.Stride:]
		for x := range w {
			copy(to.Pix[y*to.Stride+4*x:], row[x*size.X/w*4:][:4])
		}
	}
	return to
}

// flat copies a picture into memory, its corner at 0.
func flat(picture image.Image) *image.RGBA {
	to := image.NewRGBA(image.Rectangle{Max: picture.Bounds().Size()})
	draw.Draw(to, to.Bounds(), picture, picture.Bounds().Min, draw.Src)
	return to
}

// personPhoto is photoSizes for what a person sends.
func personPhoto(data []byte) ([]*file, error) {
	sizes, err := photoSizes(data)
	if err != nil {
		return nil, fmt.Errorf("a person can send JPEG, PNG and GIF pictures only: %w", err)
	}
	return sizes, nil
}
