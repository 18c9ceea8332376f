package kb

import (
	"fmt"
	"strings"
)

// The bounds of an article's Markdown. Beyond them rendering takes time that grows with their square.
const (
	maxBody       = 256 << 10 // bytes
	maxNesting    = 16        // quotes and lists within each other, on one line
	maxIndent     = 64        // columns in front of a line's words
	maxColumns    = 64        // bars of a table's row
	maxCells      = 20_000    // bars of the widest row times rows
	maxBrackets   = 500       // in one paragraph or table
	maxDelimiters = 2_000     // likewise: * _ ~ `
)

// CheckMarkdown returns what makes Markdown too costly to render, and the line, from 1, where that is; "" for nothing.
func CheckMarkdown(body string) (line int, problem string) {
	if len(body) > maxBody {
		return 1, fmt.Sprintf("the text has %d KB, more than %d", len(body)>>10, maxBody>>10)
	}
	var p paragraphBounds
	n := 0
	for text := range strings.Lines(body) {
		n++
		if strings.TrimSpace(text) == "" {
			p = paragraphBounds{}
			continue
		}
		depth, indent := nesting(text)
		switch {
		case depth > maxNesting:
			return n, fmt.Sprintf("quotes and lists within each other, %d deep, more than %d", depth, maxNesting)
		case indent > maxIndent:
			return n, fmt.Sprintf("the line is indented by %d columns, more than %d", indent, maxIndent)
		}
		if problem := p.add(text); problem != "" {
			return n, problem
		}
	}
	return 0, ""
}

// paragraphBounds counts what a paragraph or a table has.
type paragraphBounds struct{ lines, bars, brackets, delimiters int }

func (p *paragraphBounds) add(line string) (problem string) {
	p.lines++
	bars := 0
	for _, c := range []byte(line) {
		switch c {
		case '|':
			bars++
		case '[':
			p.brackets++
		case '*', '_', '~', '`':
			p.delimiters++
		}
	}
	p.bars = max(p.bars, bars)
	switch {
	case bars > maxColumns || p.bars*p.lines > maxCells:
		return fmt.Sprintf("a table of %d columns and %d rows, more than %d columns or %d cells", p.bars, p.lines, maxColumns, maxCells)
	case p.brackets > maxBrackets:
		return fmt.Sprintf("more than %d brackets in one paragraph", maxBrackets)
	case p.delimiters > maxDelimiters:
		return fmt.Sprintf("more than %d asterisks and the like in one paragraph", maxDelimiters)
	}
	return ""
}

// nesting counts the marks of quotes and lists in front of a line's words, and the columns of space.
func nesting(line string) (depth, indent int) {
	line = strings.TrimRight(line, "\r\n")
	for line != "" {
		switch line[0] {
		case ' ':
			indent++
			line = line[1:]
		case '\t':
			indent += 4
			line = line[1:]
		case '>':
			depth++
			line = line[1:]
		default:
			rest, ok := cutBullet(line)
			if !ok {
				return depth, indent
			}
			depth++
			line = rest
		}
	}
	return depth, indent
}

// cutBullet cuts the mark of a list's item, such as - or 12.
func cutBullet(line string) (rest string, ok bool) {
	rest = strings.TrimLeft(line, "0123456789")
	if rest == "" || len(rest) == len(line) && !strings.ContainsRune("-+*", rune(rest[0])) || len(rest) < len(line) && rest[0] != '.' && rest[0] != ')' {
		return line, false
	}
	rest = rest[1:]
	return rest, rest == "" || rest[0] == ' ' || rest[0] == '\t'
}
