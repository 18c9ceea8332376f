package telegram

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// htmlParser reads the HTML of parse_mode. Offsets in its errors are bytes of the input.
type htmlParser struct {
	in       string
	at       int
	out      strings.Builder
	units    int // UTF-16 units in out
	open     []openTag
	entities []Entity
}

// openTag waits for its end.
type openTag struct {
	name, argument string
	offset         int // in UTF-16 units
	begin          int // in bytes of out
}

// parseHTML returns the text without its tags, and what the tags mean. Its errors are the real server's.
func parseHTML(in string) (string, []Entity, error) {
	p := &htmlParser{in: in}
	for p.at < len(in) {
		var err error
		switch {
		case in[p.at] == '<' && strings.HasPrefix(in[p.at:], "</"):
			err = p.endTag()
		case in[p.at] == '<':
			err = p.startTag()
		default:
			p.character()
		}
		if err != nil {
			return "", nil, err
		}
	}
	if n := len(p.open); n > 0 {
		return "", nil, fmt.Errorf("Can't find end tag corresponding to start tag %q", p.open[n-1].name) //nolint:staticcheck,revive // the real server's text
	}
	for i := range p.entities {
		if p.entities[i].Type == "code" {
			p.entities[i].Language = ""
		}
	}
	return p.out.String(), p.entities, nil
}

// character takes one, which may be written as &name; or &#number;.
func (p *htmlParser) character() {
	r, n := reference(p.in[p.at:])
	if n == 0 {
		r, n = utf8.DecodeRuneInString(p.in[p.at:])
	}
	p.at += n
	p.out.WriteRune(r)
	p.units++
	if r > 0xffff {
		p.units++
	}
}

// reference reads a character reference; 0 bytes when there is none that counts.
func reference(s string) (rune, int) {
	if s == "" || s[0] != '&' {
		return 0, 0
	}
	end := 1
	if strings.HasPrefix(s, "&#") {
		base, digits := 10, "0123456789"
		if end = 2; strings.HasPrefix(s, "&#x") {
			base, digits, end = 16, "0123456789abcdefABCDEF", 3
		}
		from := end
		for end < len(s) && strings.IndexByte(digits, s[end]) >= 0 {
			end++
		}
		code, err := strconv.ParseInt(s[from:end], base, 32)
		if err != nil || code == 0 || code >= 0x10ffff || end >= 10 {
			return 0, 0
		}
		return rune(code), semicolon(s, end)
	}
	for end < len(s) && (s[end] >= 'a' && s[end] <= 'z' || s[end] >= 'A' && s[end] <= 'Z') {
		end++
	}
	switch s[1:end] {
	case "lt":
		return '<', semicolon(s, end)
	case "gt":
		return '>', semicolon(s, end)
	case "amp":
		return '&', semicolon(s, end)
	case "quot":
		return '"', semicolon(s, end)
	}
	return 0, 0
}

func semicolon(s string, end int) int {
	if end < len(s) && s[end] == ';' {
		return end + 1
	}
	return end
}

// space tells whether a byte parts words; the end of the input does too.
func (p *htmlParser) space() bool {
	return p.at >= len(p.in) || strings.IndexByte(" \t\r\n\v\x00", p.in[p.at]) >= 0
}

func (p *htmlParser) is(c byte) bool { return p.at < len(p.in) && p.in[p.at] == c }

func (p *htmlParser) skipSpace() {
	for p.at < len(p.in) && p.space() {
		p.at++
	}
}

// until goes on to the next space or one of the bytes.
func (p *htmlParser) until(stops string) string {
	from := p.at
	for !p.space() && strings.IndexByte(stops, p.in[p.at]) < 0 {
		p.at++
	}
	return p.in[from:p.at]
}

func (p *htmlParser) startTag() error {
	begin := p.at
	p.at++
	name := strings.ToLower(p.until(">"))
	if p.at >= len(p.in) {
		return fmt.Errorf("Unclosed start tag at byte offset %d", begin) //nolint:staticcheck,revive // the real server's text
	}
	known := []string{"a", "b", "strong", "i", "em", "s", "strike", "del", "u", "ins", "tg-spoiler", "tg-emoji", "span", "pre", "code", "blockquote"}
	if !slices.Contains(known, name) {
		return fmt.Errorf("Unsupported start tag \"%s\" at byte offset %d", name, begin) //nolint:staticcheck,revive // the real server's text
	}
	tag := openTag{name: name, offset: p.units, begin: p.out.Len()}
	for {
		p.skipSpace()
		if p.is('>') {
			p.at++
			break
		}
		if err := p.attribute(&tag, begin); err != nil {
			return err
		}
	}
	if name == "span" && tag.argument != "spoiler" {
		return fmt.Errorf("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", begin) //nolint:staticcheck,revive // the real server's text
	}
	p.open = append(p.open, tag)
	return nil
}

func (p *htmlParser) attribute(tag *openTag, begin int) error {
	name := p.until(`=>/"'`)
	if name == "" {
		return fmt.Errorf("Empty attribute name in the tag \"%s\" at byte offset %d", tag.name, begin) //nolint:staticcheck,revive // the real server's text
	}
	p.skipSpace()
	if !p.is('=') {
		if p.at >= len(p.in) {
			return fmt.Errorf("Unclosed start tag \"%s\" at byte offset %d", tag.name, begin) //nolint:staticcheck,revive // the real server's text
		}
		if tag.name == "blockquote" && name == "expandable" {
			tag.argument = "1"
		}
		return nil
	}
	p.at++
	p.skipSpace()
	if p.at >= len(p.in) {
		return fmt.Errorf("Unclosed start tag \"%s\" at byte offset %d", tag.name, begin) //nolint:staticcheck,revive // the real server's text
	}
	value, err := p.value()
	if err != nil {
		return err
	}
	if p.at >= len(p.in) {
		return fmt.Errorf("Unclosed start tag at byte offset %d", begin) //nolint:staticcheck,revive // the real server's text
	}
	tag.take(name, value)
	return nil
}

// value reads what stands behind the = of an attribute: a name without quotes, or a text within them.
func (p *htmlParser) value() (string, error) {
	quote := p.in[p.at]
	if quote != '"' && quote != '\'' {
		from := p.at
		for p.at < len(p.in) && (nameUnit(uint16(p.in[p.at])) && p.in[p.at] != '_' || p.is('.') || p.is('-')) {
			p.at++
		}
		if !p.space() && !p.is('>') {
			return "", fmt.Errorf("Unexpected end of name token at byte offset %d", from) //nolint:staticcheck,revive // the real server's text
		}
		return strings.ToLower(p.in[from:p.at]), nil
	}
	p.at++
	var value strings.Builder
	for p.at < len(p.in) && !p.is(quote) {
		if r, n := reference(p.in[p.at:]); n > 0 {
			value.WriteRune(r)
			p.at += n
			continue
		}
		value.WriteByte(p.in[p.at])
		p.at++
	}
	if p.is(quote) {
		p.at++
	}
	return value.String(), nil
}

// take keeps an attribute that means something for the tag.
func (t *openTag) take(name, value string) {
	language, isLanguage := strings.CutPrefix(value, "language-")
	class, isClass := strings.CutPrefix(value, "tg-")
	switch {
	case t.name == "a" && name == "href", t.name == "tg-emoji" && name == "emoji-id":
		t.argument = value
	case t.name == "code" && name == "class" && isLanguage:
		t.argument = language
	case t.name == "span" && name == "class" && isClass:
		t.argument = class
	case t.name == "blockquote" && name == "expandable":
		t.argument = "1"
	}
}

func (p *htmlParser) endTag() error {
	begin := p.at
	if len(p.open) == 0 {
		return fmt.Errorf("Unexpected end tag at byte offset %d", begin) //nolint:staticcheck,revive // the real server's text
	}
	p.at += 2
	name := strings.ToLower(p.until(">"))
	p.skipSpace()
	if !p.is('>') {
		return fmt.Errorf("Unclosed end tag at byte offset %d", begin) //nolint:staticcheck,revive // the real server's text
	}
	p.at++
	tag := p.open[len(p.open)-1]
	if name != "" && name != tag.name {
		return fmt.Errorf("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", begin, tag.name, name) //nolint:staticcheck,revive // the real server's text
	}
	p.open = p.open[:len(p.open)-1]
	if p.units == tag.offset {
		return nil
	}
	return p.close(tag)
}

// close makes the entity of a tag that has ended.
func (p *htmlParser) close(tag openTag) error {
	e := Entity{Offset: tag.offset, Length: p.units - tag.offset}
	last := len(p.entities) - 1
	around := last >= 0 && p.entities[last].Offset == e.Offset && p.entities[last].Length == e.Length
	switch tag.name {
	case "i", "em":
		e.Type = "italic"
	case "b", "strong":
		e.Type = "bold"
	case "s", "strike", "del":
		e.Type = "strikethrough"
	case "u", "ins":
		e.Type = "underline"
	case "span", "tg-spoiler":
		e.Type = "spoiler"
	case "tg-emoji":
		if id, err := strconv.ParseInt(tag.argument, 10, 64); err != nil || id == 0 {
			return fmt.Errorf("Invalid custom emoji identifier specified") //nolint:staticcheck,revive // the real server's text
		}
		e.Type, e.EmojiID = "custom_emoji", tag.argument
	case "a":
		if e.Type, e.URL = "text_link", checkedLink(tag.argument, p.out.String()[tag.begin:]); e.URL == "" {
			return nil
		}
	case "pre":
		if around && p.entities[last].Type == "code" && p.entities[last].Language != "" {
			p.entities[last].Type = "pre"
			return nil
		}
		e.Type = "pre"
	case "code":
		if around && p.entities[last].Type == "pre" && tag.argument != "" {
			p.entities[last].Language = tag.argument
			return nil
		}
		e.Type, e.Language = "code", tag.argument
	case "blockquote":
		if e.Type = "blockquote"; tag.argument != "" {
			e.Type = "expandable_blockquote"
		}
	}
	p.entities = append(p.entities, e)
	return nil
}
