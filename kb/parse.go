package kb

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/yingda/yingda/finding"
	"github.com/yingda/yingda/zh"
)

// Parse reads one article file: YAML front matter between "---" lines, then Markdown. Every finding
// about the file comes back at once; the article is usable only when none of them is an Error.
func Parse(file string, data []byte) (Article, finding.List) {
	p := parser{art: Article{
		ID:       strings.TrimSuffix(path.Base(file), ".md"),
		Escalate: EscalateOffer,
		File:     file,
		lines:    map[string]int{},
	}}
	if !utf8.Valid(data) {
		p.report(1, "not valid UTF-8", "save the file as UTF-8")
		return p.art, p.findings
	}
	front, body, bodyLine, ok := splitFrontMatter(data)
	if !ok {
		p.report(1, "no front matter", "begin the file with a --- line, the fields, and a second --- line")
		return p.art, p.findings
	}
	p.parseFrontMatter(front)
	p.parseBody(body, bodyLine)
	return p.art, p.findings
}

// splitFrontMatter cuts a file into its YAML and its Markdown; bodyLine is where the latter begins.
func splitFrontMatter(data []byte) (front, body []byte, bodyLine int, ok bool) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	rest, ok := bytes.CutPrefix(data, []byte("---\n"))
	if !ok {
		return nil, nil, 0, false
	}
	if b, found := bytes.CutPrefix(rest, []byte("---\n")); found { // no fields at all
		return nil, b, 3, true
	}
	front, body, ok = bytes.Cut(append(rest, '\n'), []byte("\n---\n"))
	return front, body, bytes.Count(front, []byte("\n")) + 4, ok
}

type parser struct {
	art      Article
	findings finding.List
}

func (p *parser) report(line int, text, fix string) {
	p.findings = append(p.findings, finding.Finding{File: p.art.File, Line: line, Level: finding.Error, Text: text, Fix: fix})
}

// parseFrontMatter reads the YAML fields. Line numbers are those of the whole file.
func (p *parser) parseFrontMatter(data []byte) {
	const before = 1 // the opening --- line
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		line, msg := yamlError(err)
		p.report(line+before, "the front matter is not YAML: "+msg, "quote text that contains ': ' or '#'")
		return
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		p.report(before+1, "the front matter has no fields", "add at least title and category")
		return
	}
	targets := p.art.fields()
	pairs := doc.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		key, value := pairs[i], pairs[i+1]
		line := key.Line + before
		target, known := targets[key.Value]
		switch {
		case !known:
			p.report(line, fmt.Sprintf("unknown field %q", key.Value), "use one of "+strings.Join(slices.Sorted(maps.Keys(targets)), ", "))
		case p.art.lines[key.Value] > 0:
			p.report(line, fmt.Sprintf("field %q stands twice", key.Value), "keep one of them")
		default:
			p.art.lines[key.Value] = line
			p.decodeField(key.Value, value, line, target)
		}
	}
}

func (p *parser) decodeField(field string, value *yaml.Node, line int, target any) {
	day, isDay := target.(*time.Time)
	if !isDay {
		if err := value.Decode(target); err != nil {
			p.report(line, fmt.Sprintf("field %q does not hold what it should", field), "write text, or a list of texts, as the other articles do")
		}
		return
	}
	t, err := time.Parse(time.DateOnly, value.Value)
	if err != nil {
		p.report(line, fmt.Sprintf("%q is no date: %q", field, value.Value), "write it as 2026-11-23")
		return
	}
	*day = t
}

// fields maps each front-matter field to where it is kept.
func (a *Article) fields() map[string]any {
	return map[string]any{
		"title": &a.Title, "category": &a.Category, "asks": &a.Asks, "not": &a.Not,
		"collect": &a.Collect, "escalate": &a.Escalate, "related": &a.Related,
		"facts": &a.Facts, "verify": &a.Verify, "sources": &a.Sources,
		"valid_from": &a.ValidFrom, "valid_until": &a.ValidUntil, "reviewed": &a.Reviewed,
	}
}

// parseBody takes the Markdown after the front matter.
func (p *parser) parseBody(data []byte, line int) {
	p.art.Body = strings.TrimSpace(string(data))
	p.art.lines["body"] = line + len(data) - len(bytes.TrimLeft(data, "\n"))
	p.art.Lead = firstParagraph(p.art.Body)
	switch {
	case zh.Blank(p.art.Body):
		p.report(line, "the article has no answer", "write the answer below the front matter")
	case zh.Blank(p.art.Lead):
		p.report(p.art.lines["body"], "the answer does not begin with a paragraph", "begin with a plain paragraph that stands alone")
	}
	if zh.Blank(p.art.Title) {
		p.report(p.art.line("title"), "no title", "add the question as a customer would put it: title: …")
	}
}
