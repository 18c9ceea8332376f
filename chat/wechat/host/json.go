package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

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
