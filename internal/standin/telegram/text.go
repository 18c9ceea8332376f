package telegram

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Longest texts, in UTF-16 units after entities, and their raw form in bytes.
const (
	maxText    = 4096
	maxCaption = 1024
	maxRaw     = 1 << 15
)

func utf16Of(text string) []uint16 { return utf16.Encode([]rune(text)) }

func stringOf(units []uint16) string { return string(utf16.Decode(units)) }

func utf16Len(text string) int {
	n := 0
	for _, r := range text {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// formatted reads a text with its parse_mode, or the entities that came with it, as the real server does:
// control characters become blanks, blanks at both ends go, commands, mentions and links are found.
func formatted(text, mode, entitiesJSON string) (string, []Entity, *apiError) {
	if len(text) > maxRaw {
		return "", nil, bad("text is too long")
	}
	if !utf8.ValidString(text) {
		return "", nil, bad("strings must be encoded in UTF-8")
	}
	var entities []Entity
	switch strings.ToLower(mode) {
	case "", "none":
		var err *apiError
		if entities, err = givenEntities(entitiesJSON); err != nil {
			return "", nil, err
		}
	case "html":
		plain, found, err := parseHTML(text)
		if err != nil {
			return "", nil, bad("can't parse entities: %s", err.Error())
		}
		text, entities = plain, found
	case "markdown", "markdownv2":
		return "", nil, bad("the stand-in knows parse_mode HTML only")
	default:
		return "", nil, bad("unsupported parse_mode")
	}
	text, entities = tidy(text, entities)
	return text, sorted(append(entities, found(text, entities)...)), nil
}

// tidy cleans a text and moves its entities along.
func tidy(text string, entities []Entity) (string, []Entity) {
	units := utf16Of(text)
	keep := make([]uint16, 0, len(units))
	moved := make([]int, len(units)+1) // where each unit goes
	for i, u := range units {
		moved[i] = len(keep)
		switch {
		case u == '\r':
		case u < ' ' && u != '\n':
			keep = append(keep, ' ')
		default:
			keep = append(keep, u)
		}
	}
	moved[len(units)] = len(keep)
	blank := func(u uint16) bool { return u == ' ' || u == '\n' }
	from, to := 0, len(keep)
	for from < to && blank(keep[from]) {
		from++
	}
	for to > from && blank(keep[to-1]) {
		to--
	}
	var kept []Entity
	for _, e := range entities {
		start, end := e.Offset, e.Offset+e.Length
		if start < 0 || e.Length <= 0 || end > len(units) {
			continue
		}
		start, end = max(moved[start], from), min(moved[end], to)
		if start < end {
			e.Offset, e.Length = start-from, end-start
			kept = append(kept, e)
		}
	}
	return stringOf(keep[from:to]), kept
}

func sorted(entities []Entity) []Entity {
	slices.SortStableFunc(entities, func(a, b Entity) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return b.Length - a.Length
	})
	return entities
}

// found finds commands, mentions and links, outside of code and of links that are marked already.
func found(text string, marked []Entity) []Entity {
	units := utf16Of(text)
	var entities []Entity
	for i := 0; i < len(units); {
		kind, n := token(units, i)
		if n == 0 {
			i++
			continue
		}
		e := Entity{Type: kind, Offset: i, Length: n}
		i += n
		if !slices.ContainsFunc(marked, func(m Entity) bool { return m.holdsText() && m.Offset < i && e.Offset < m.Offset+m.Length }) {
			entities = append(entities, e)
		}
	}
	return entities
}

// holdsText tells whether nothing is looked for inside.
func (e Entity) holdsText() bool {
	return slices.Contains([]string{"code", "pre", "text_link", "text_mention", "custom_emoji"}, e.Type)
}

// token tells what begins at a unit of a text, and how long it is; 0 is nothing.
func token(units []uint16, at int) (string, int) {
	if at > 0 && (wordUnit(units[at-1]) || units[at-1] == '/' || units[at-1] == '@') {
		return "", 0
	}
	rest := units[at:]
	switch rest[0] {
	case '@':
		if n := run(rest[1:], nameUnit); n >= 3 && n <= 32 {
			return "mention", n + 1
		}
	case '/':
		n := run(rest[1:], nameUnit)
		if n == 0 || n > 64 {
			return "", 0
		}
		n++
		if n < len(rest) && rest[n] == '@' {
			if name := run(rest[n+1:], nameUnit); name >= 3 {
				n += name + 1
			}
		}
		if n < len(rest) && (rest[n] == '/' || wordUnit(rest[n])) {
			return "", 0
		}
		return "bot_command", n
	case 'h':
		for _, scheme := range []string{"https://", "http://"} {
			if len(rest) > len(scheme) && stringOf(rest[:len(scheme)]) == scheme {
				n := run(rest, func(u uint16) bool { return u > ' ' && u < 0x7f && !strings.ContainsRune(`<>"`, rune(u)) })
				for n > len(scheme) && strings.ContainsRune(`.,;:!?)'`, rune(rest[n-1])) {
					n--
				}
				if n > len(scheme) {
					return "url", n
				}
			}
		}
	}
	return "", 0
}

func run(units []uint16, ok func(uint16) bool) int {
	for i, u := range units {
		if !ok(u) {
			return i
		}
	}
	return len(units)
}

func nameUnit(u uint16) bool {
	return u >= 'a' && u <= 'z' || u >= 'A' && u <= 'Z' || u >= '0' && u <= '9' || u == '_'
}

func wordUnit(u uint16) bool {
	return u == '_' || unicode.IsLetter(rune(u)) || unicode.IsDigit(rune(u))
}
