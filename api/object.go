package api

import (
	"bytes"
	"encoding/json"
	"iter"
)

// isObject tells whether a text is one JSON object.
func isObject(text []byte) bool {
	return json.Valid(text) && bytes.TrimLeft(text, jsonBlanks)[0] == '{'
}

// members are the names and the values of a JSON object in its order; values as they are written, without the blanks
// around them.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for rest := bytes.TrimLeft(object, jsonBlanks+"{"); ; {
			rest = bytes.TrimLeft(rest, jsonBlanks+",")
			if rest[0] == '}' {
				return
			}
			var name, value []byte
			name, rest = cutValue(rest)
			value, rest = cutValue(bytes.TrimLeft(rest, jsonBlanks+":"))
			if !yield(unquote(name), value) {
				return
			}
		}
	}
}

// jsonBlanks are what may stand between JSON's signs.
const jsonBlanks = " \t\r\n"

// cutValue cuts a valid JSON text behind its first value.
func cutValue(text []byte) (value, rest []byte) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case quoted && b == '\\':
			i++ // it escapes the next
		case b == '"':
			if quoted = !quoted; !quoted && depth == 0 {
				return text[:i+1], text[i+1:]
			}
		case quoted:
		case b == '{', b == '[':
			depth++
		case depth == 0 && bytes.IndexByte([]byte(jsonBlanks+",]}"), b) >= 0: // ends a number or a word
			return text[:i], text[i:]
		case b == '}', b == ']':
			if depth--; depth == 0 {
				return text[:i+1], text[i+1:]
			}
		}
	}
	return text, nil
}

// unquote is what a valid JSON string says.
func unquote(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var text string
	_ = json.Unmarshal(quoted, &text) // it is valid
	return []byte(text)
}
