package host

import (
	"bytes"
	"encoding/json"
)

// unmarshal decodes JSON of WeChat's, which holds whatever customers type: where that makes it no JSON, control
// characters are blanks, and a backslash that escapes nothing is left out.
func unmarshal(raw []byte, into any) error {
	if !json.Valid(raw) {
		raw = repairJSON(raw)
	}
	return json.Unmarshal(raw, into)
}

// repairJSON mends what stands within strings.
func repairJSON(raw []byte) []byte {
	var out bytes.Buffer
	within := false
	for i := 0; i < len(raw); i++ {
		switch b := raw[i]; {
		case b < ' ':
			out.WriteByte(' ')
		case b == '"':
			within = !within
			out.WriteByte(b)
		case b == '\\' && within:
			n := escapeLen(raw[i:])
			out.Write(raw[i : i+n])
			i += max(n-1, 0)
		default:
			out.WriteByte(b)
		}
	}
	return out.Bytes()
}

// escapeLen is how many bytes the escape has that a text begins with; 0 where it is none.
func escapeLen(text []byte) int {
	switch {
	case len(text) < 2:
		return 0
	case bytes.IndexByte([]byte(`"\/bfnrt`), text[1]) >= 0:
		return 2
	case text[1] == 'u' && len(text) >= 6 && json.Valid(append(append([]byte{'"'}, text[:6]...), '"')):
		return 6
	}
	return 0
}
