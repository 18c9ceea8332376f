package web

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/yingda/yingda/kb"
)

// markdown turns an article's body into HTML that is safe to put into a page, whoever wrote it:
// goldmark drops raw HTML, and what it makes passes an allow-list. It is safe for concurrent use.
type markdown struct {
	parse    goldmark.Markdown
	sanitise *bluemonday.Policy
}

// newMarkdown makes one for pages whose addresses begin with base.
func newMarkdown(base string) *markdown {
	return &markdown{
		parse: goldmark.New(
			goldmark.WithExtensions(extension.Table, extension.Strikethrough),
			goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(guideLinks{base}, 100))),
		),
		sanitise: articlePolicy(),
	}
}

// articlePolicy allows the plain elements of an article, and nothing that runs, loads or styles.
func articlePolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("h2", "h3", "h4", "p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote",
		"ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "tel", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.AddTargetBlankToFullyQualifiedLinks(true) // brings rel=noopener with it
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	return p
}

// html renders Markdown; what would take long to render, which the guide's check refuses, is shown as it is written.
func (m *markdown) html(source string) (template.HTML, error) {
	if _, problem := kb.CheckMarkdown(source); problem != "" {
		return template.HTML("<pre>" + template.HTMLEscapeString(source) + "</pre>"), nil //nolint:gosec // escaped on this very line
	}
	var b bytes.Buffer
	if err := m.parse.Convert([]byte(source), &b); err != nil {
		return "", err
	}
	return template.HTML(m.sanitise.SanitizeBytes(b.Bytes())), nil //nolint:gosec // sanitised on this very line
}

// bareID matches a link's destination that is an article's id.
var bareID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// guideLinks points links with a bare article id at its page, has those to other pages of ours begin with base, and
// keeps the page's h1 for the title.
type guideLinks struct{ base string }

// Transform implements parser.ASTTransformer.
func (g guideLinks) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // our func never fails
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			if bareID.Match(n.Destination) {
				n.Destination = append([]byte("/guide/"), n.Destination...)
			}
			if to := string(n.Destination); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") {
				n.Destination = []byte(g.base + to)
			}
		case *ast.Heading:
			n.Level = max(2, n.Level)
		}
		return ast.WalkContinue, nil
	})
}

// afterLead is an article's body without its first paragraph, which the page shows on its own.
func afterLead(body, lead string) string {
	if lead == "" {
		return body
	}
	_, rest, _ := strings.Cut(strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n")), "\n\n")
	return rest
}
