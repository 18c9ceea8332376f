package media

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"
)

// maxPixels is how many pixels a picture may have: more than a telephone's camera takes.
const maxPixels = 40_000_000

// kind is a format that is read.
type kind int

const (
	isJPEG kind = iota
	isPNG
	isWebP
)

// header is what is known of a picture before it is decoded.
type header struct {
	kind   kind
	width  int
	height int
	frame  frame       // of a JPEG
	turn   orientation // likewise
	depth  float64     // bytes for each pixel of a PNG
}

// inspect reads the header, and refuses what is no picture or would take too much memory.
func inspect(data []byte) (header, error) {
	var h header
	var config image.Config
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("\xFF\xD8\xFF")):
		h.kind = isJPEG
		h.frame, h.turn = scanJPEG(data)
		config, err = jpeg.DecodeConfig(bytes.NewReader(data))
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		h.kind = isPNG
		config, err = png.DecodeConfig(bytes.NewReader(data))
		h.depth = depth(config.ColorModel, len(data) > 28 && data[28] != 0)
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		h.kind = isWebP
		config, err = webp.DecodeConfig(bytes.NewReader(data))
	default:
		return h, ErrNotPicture
	}
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return h, ErrNotPicture
	}
	h.width, h.height = config.Width, config.Height
	if int64(h.width)*int64(h.height) > maxPixels || h.memory() > maxMemory {
		return h, ErrTooManyPixels
	}
	return h, nil
}

// memory is how many bytes decoding and rewriting take at most. The bytes for each pixel follow from
// how the decoders of image/jpeg, image/png and x/image/webp work.
func (h header) memory() int64 {
	pixels := int64(h.width) * int64(h.height)
	switch h.kind {
	case isPNG:
		return int64(float64(pixels) * h.depth)
	case isWebP:
		return pixels * 8 // those of a lossless one, and those that its palette makes of them
	case isJPEG:
	}
	return int64(float64(pixels) * h.frame.perPixel(h.turn))
}

// depth is how many bytes a PNG takes for each pixel; an interlaced one has a pass with half of them besides.
func depth(model color.Model, interlaced bool) float64 {
	bytes := 4.0
	switch model {
	case color.NRGBA64Model, color.RGBA64Model, color.Gray16Model:
		bytes = 8
	case color.GrayModel:
		bytes = 1
	}
	if _, ok := model.(color.Palette); ok {
		bytes = 1
	}
	if interlaced {
		bytes *= 1.5
	}
	return bytes
}
