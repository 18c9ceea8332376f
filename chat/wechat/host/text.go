package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how many bytes one text may have: WeChat takes 2047 or 2048.
const MaxText = 2000

// Marshal is v as JSON that WeChat shows as it was written: without \u escapes, which it takes literally in
// places. Control characters, which JSON cannot hold otherwise, are left out.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return unescape(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// unescape puts the characters for the \uXXXX that encoding/json writes: line separators, what is no UTF-8,
// and control characters.
func unescape(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			continue
		}
		i++ // an escape has a character, and is never the end
		switch raw[i] {
		case 'u':
			n, err := strconv.ParseUint(string(raw[i+1:i+5]), 16, 16)
			if err == nil && n >= 0x20 {
				out = utf8.AppendRune(out, rune(n))
			}
			i += 4
		case 'b', 'f':
		default:
			out = append(out, '\\', raw[i])
		}
	}
	return out
}

// Split cuts a text into parts of at most limit bytes, at ends of sentences where possible.
func Split(text string, limit int) (parts []string) {
	for rest := strings.TrimSpace(text); rest != ""; {
		var part string
		part, rest = Cut(rest, limit)
		parts = append(parts, part)
	}
	return parts
}

// Cut is the head of a text, of at most limit bytes, and the rest: at the end of a paragraph in the second
// half, else of a sentence, else of a clause, else between two characters. White space at the cut is lost.
// limit is at least 4.
func Cut(text string, limit int) (head, rest string) {
	text = strings.TrimSpace(text)
	if len(text) <= limit {
		return text, ""
	}
	at := limit
	for !utf8.RuneStart(text[at]) && at > limit-utf8.UTFMax {
		at--
	}
	if at == limit-utf8.UTFMax { // no character is that long: this is no UTF-8
		at = limit
	}
	at = breakBefore(text, at)
	return strings.TrimRightFunc(text[:at], unicode.IsSpace), strings.TrimLeftFunc(text[at:], unicode.IsSpace)
}

// breakBefore is where text is best cut, not behind at, which lies between two characters.
func breakBefore(text string, at int) int {
	for _, ends := range []string{"\n", "。！？；…", "，、： \t"} {
		if i := strings.LastIndexAny(text[:at], ends); i >= at/2 {
			_, size := utf8.DecodeRuneInString(text[i:])
			return i + size
		}
	}
	for cut := at; cut > at/2; { // not within what is drawn as one, such as 👨‍👩‍👧
		r, _ := utf8.DecodeRuneInString(text[cut:])
		last, size := utf8.DecodeLastRuneInString(text[:cut])
		if !joins(r) && !joins(last) {
			return cut
		}
		cut -= size
	}
	return at
}

// joins tells the characters that belong to their neighbours.
func joins(r rune) bool {
	return r == '\u200d' || unicode.In(r, unicode.Mn, unicode.Me) || r >= 0x1f3fb && r <= 0x1f3ff
}
