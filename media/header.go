package media

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

const (
	maxPixels = 40_000_000 // of a picture: more than a telephone's camera takes
	maxMemory = 160 << 20  // bytes that pictures take up while they are decoded, all together
)

// format is a format that is read.
type format int

const (
	formatJPEG format = iota
	formatPNG
	formatWebP
)

// header is what is known of a picture before it is decoded.
type header struct {
	format        format
	decode        func(io.Reader) (image.Image, error)
	width, height int
	frame         frame       // of a JPEG
	orientation   orientation // likewise
	bytesPerPixel float64     // bytes for each pixel of a PNG
}

// parseHeader reads the header, and refuses what is no picture or would take too much memory.
func parseHeader(data []byte) (header, error) {
	var h header
	var config image.Config
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("\xFF\xD8\xFF")):
		h.format, h.decode = formatJPEG, jpeg.Decode
		h.frame, h.orientation = parseJPEG(data)
		config, err = jpeg.DecodeConfig(bytes.NewReader(data))
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		h.format, h.decode = formatPNG, png.Decode
		config, err = png.DecodeConfig(bytes.NewReader(data))
		h.bytesPerPixel = pngBytesPerPixel(config.ColorModel, len(data) > 28 && data[28] != 0)
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		h.format, h.decode = formatWebP, webp.Decode
		config, err = webp.DecodeConfig(bytes.NewReader(data))
	default:
		return h, ErrNotPicture
	}
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return h, ErrNotPicture
	}
	h.width, h.height = config.Width, config.Height
	if int64(h.width)*int64(h.height) > maxPixels || h.decodeMemory() > maxMemory {
		return h, ErrTooManyPixels
	}
	return h, nil
}

// decodeMemory is how many bytes decoding and rewriting take at most. The bytes for each pixel follow from
// how the decoders of image/jpeg, image/png and x/image/webp work.
func (h header) decodeMemory() int64 {
	pixels := int64(h.width) * int64(h.height)
	switch h.format {
	case formatPNG:
		return int64(float64(pixels) * h.bytesPerPixel)
	case formatWebP:
		return pixels * 8 // those of a lossless one, and those that its palette makes of them
	case formatJPEG:
	}
	return int64(float64(pixels) * h.frame.bytesPerPixel(h.orientation))
}

// pngBytesPerPixel is how many bytes a PNG takes for each pixel; an interlaced one has a pass with half of them besides.
func pngBytesPerPixel(model color.Model, interlaced bool) float64 {
	n := 4.0
	switch model {
	case color.NRGBA64Model, color.RGBA64Model, color.Gray16Model:
		n = 8
	case color.GrayModel:
		n = 1
	}
	if _, ok := model.(color.Palette); ok {
		n = 1
	}
	if interlaced {
		n *= 1.5
	}
	return n
}
