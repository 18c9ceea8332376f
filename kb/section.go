package kb

import (
	"regexp"
	"strings"
)

// Section is a part of an article's detail as plain text, fit for a chat bubble.
type Section struct {
	Heading string // "" where the text stands before the first heading
	Text    string // steps keep their numbers, lists get a dot
}

// markdownLink matches [text](target); 1 is the text.
var markdownLink = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

// Sections are the parts of the body behind the Lead, in order.
func (a *Article) Sections() []Section {
	_, rest, _ := strings.Cut(a.Body, "\n\n")
	var out []Section
	var current Section
	flush := func() {
		if current.Text = strings.TrimSpace(current.Text); current.Text != "" {
			out = append(out, current)
		}
	}
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "#"); ok {
			flush()
			current = Section{Heading: strings.TrimSpace(strings.TrimLeft(heading, "#"))}
			continue
		}
		if item, ok := strings.CutPrefix(line, "- "); ok {
			line = "· " + item
		}
		current.Text += markdownLink.ReplaceAllString(strings.ReplaceAll(line, "**", ""), "$1") + "\n"
	}
	flush()
	return out
}
