package chat

import "strings"

// How long a serial number on a terminal's sticker is, at least and at most.
const minSerial, maxSerial = 8, 24

// ParseSerialNumber reads the payload of a code or a link that stands on a terminal's sticker: 8 to 24 letters, digits
// and dashes, at least one digit among them. It is "" for anything else, such as the name of an advertisement.
func ParseSerialNumber(payload string) string {
	strange := func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	if n := len(payload); n < minSerial || n > maxSerial || strings.ContainsFunc(payload, strange) || !strings.ContainsAny(payload, "0123456789") {
		return ""
	}
	return payload
}
