package media

import (
	"bytes"
	"encoding/binary"
)

// orientation is how a camera was held, as EXIF says: 1 upright to 8; 0 for unknown.
type orientation int

// swapsAxes reports whether width and height change places.
func (o orientation) swapsAxes() bool { return o >= 5 }

// frame is what a JPEG's headers tell of the memory that it takes to decode.
type frame struct {
	samples     float64 // bytes a pixel as decoded: 1.5 for most photographs, 3 with full colours
	progressive bool    // its coefficients are kept until the end, in 32 bits each
	converted   bool    // it becomes four bytes a pixel before it can be written or turned
}

// bytesPerPixel are the bytes that decoding takes at most, or turning what was decoded.
func (f frame) bytesPerPixel(turn orientation) float64 {
	decoding, turning := f.samples, 2*f.samples
	if f.progressive {
		decoding += 4 * f.samples
	}
	if f.converted {
		decoding += 4
		turning = 12
	}
	if turn <= 1 {
		return decoding
	}
	return max(decoding, turning)
}

// parseJPEG walks over a JPEG's segments up to its pixels. It takes any bytes.
func parseJPEG(data []byte) (f frame, turn orientation) {
	f = frame{samples: 4, progressive: true} // the dearest, should no header tell
	rgb := false
segments:
	for at := 2; at+4 <= len(data) && data[at] == 0xFF; {
		marker := data[at+1]
		switch {
		case marker == 0xFF: // padding
			at++
			continue
		case marker == 0x01 || marker >= 0xD0 && marker <= 0xD8: // nothing belongs to these
			at += 2
			continue
		case marker == 0xD9 || marker == 0xDA: // the end, or pixels
			break segments
		}
		end := at + 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		if end < at+4 || end > len(data) {
			break
		}
		body := data[at+4 : end]
		switch marker {
		case 0xE1:
			if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok && turn == 0 {
				turn = parseOrientation(tiff)
			}
		case 0xEE:
			rgb = rgb || bytes.HasPrefix(body, []byte("Adobe")) && len(body) >= 12 && body[11] == 0
		case 0xC0, 0xC1, 0xC2:
			f = parseFrame(body, marker == 0xC2)
		}
		at = end
	}
	f.converted = f.converted || rgb
	return f, turn
}

// parseFrame reads what stands behind a start of frame: precision, height, width, and for each component
// its id, its samples across and down, and its table.
func parseFrame(body []byte, progressive bool) frame {
	f := frame{progressive: progressive}
	if len(body) < 6 || len(body) < 6+3*int(body[5]) || body[5] == 0 {
		return frame{samples: 4, progressive: true, converted: true} // no decoder will take it
	}
	var sum, across, down int
	ids := ""
	for c := body[6 : 6+3*int(body[5])]; len(c) > 0; c = c[3:] {
		ids += string(rune(c[0]))
		h, v := int(c[1]>>4), int(c[1]&15)
		sum += h * v
		across, down = max(across, h), max(down, v)
	}
	f.samples = min(float64(sum)/float64(max(across*down, 1)), 4)
	if len(ids) == 1 {
		f.samples = 1
	}
	f.converted = len(ids) > 3 || ids == "RGB" || across > 2 || down > 2
	return f
}

// parseOrientation reads the orientation out of EXIF's TIFF; 0 when there is none. It takes any bytes.
func parseOrientation(tiff []byte) orientation {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 8:
		return 0
	case string(tiff[:4]) == "MM\x00*":
		order = binary.BigEndian
	case string(tiff[:4]) != "II*\x00":
		return 0
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	entries := tiff[at+2:]
	for n := order.Uint16(tiff[at:]); n > 0 && len(entries) >= 12; n-- {
		tag, form, count, value := order.Uint16(entries), order.Uint16(entries[2:]), order.Uint32(entries[4:]), order.Uint16(entries[8:])
		if tag == 0x0112 && form == 3 && count == 1 && 1 <= value && value <= 8 {
			return orientation(value)
		}
		entries = entries[12:]
	}
	return 0
}
