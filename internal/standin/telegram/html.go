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

// htmlFault is an error in the real server's words.
type htmlFault string

func (f htmlFault) Error() string { return string(f) }

func wrong(format string, args ...any) error { return htmlFault(fmt.Sprintf(format, args...)) }

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
		return "", nil, wrong("Can't find end tag corresponding to start tag %q", p.open[n-1].name)
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
		return wrong("Unclosed start tag at byte offset %d", begin)
	}
	if !slices.Contains(htmlTags(), name) {
		return wrong("Unsupported start tag \"%s\" at byte offset %d", name, begin)
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
		return wrong("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", begin)
	}
	p.open = append(p.open, tag)
	return nil
}

func (p *htmlParser) attribute(tag *openTag, begin int) error {
	name := p.until(`=>/"'`)
	if name == "" {
		return wrong("Empty attribute name in the tag \"%s\" at byte offset %d", tag.name, begin)
	}
	p.skipSpace()
	if !p.is('=') {
		if p.at >= len(p.in) {
			return wrong("Unclosed start tag \"%s\" at byte offset %d", tag.name, begin)
		}
		if tag.name == "blockquote" && name == "expandable" {
			tag.argument = "1"
		}
		return nil
	}
	p.at++
	p.skipSpace()
	if p.at >= len(p.in) {
		return wrong("Unclosed start tag \"%s\" at byte offset %d", tag.name, begin)
	}
	value, err := p.value()
	if err != nil {
		return err
	}
	if p.at >= len(p.in) {
		return wrong("Unclosed start tag at byte offset %d", begin)
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
			return "", wrong("Unexpected end of name token at byte offset %d", from)
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

func (p *htmlParser) endTag() error {
	begin := p.at
	if len(p.open) == 0 {
		return wrong("Unexpected end tag at byte offset %d", begin)
	}
	p.at += 2
	name := strings.ToLower(p.until(">"))
	p.skipSpace()
	if !p.is('>') {
		return wrong("Unclosed end tag at byte offset %d", begin)
	}
	p.at++
	tag := p.open[len(p.open)-1]
	if name != "" && name != tag.name {
		return wrong("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", begin, tag.name, name)
	}
	p.open = p.open[:len(p.open)-1]
	if p.units == tag.offset {
		return nil
	}
	return p.close(tag)
}
