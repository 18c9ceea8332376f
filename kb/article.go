// Package kb is the knowledge base: the guide's articles and the words around them (lexicon,
// response codes, phrases), how they are read from files, and what makes them valid.
//
// It knows nothing of search engines, chats or databases. Everything it returns is immutable
// once loaded, so a *Library may be shared between goroutines without a lock.
package kb

import (
	"regexp"
	"strings"
	"time"
)

// Article is one answer of the guide. Its ID is its file's name without ".md", for ever.
type Article struct {
	ID       string
	Title    string   // the question, as a customer would put it
	Category string   // one of Phrases.Categories
	Asks     []string // other ways to ask it
	Not      []string // near misses that must not land here
	Collect  []Slot   // what to gather when it escalates
	Escalate Escalation
	Related  []string // ids of near articles, nearest first
	Facts    []string // strings that the body must contain, word for word
	Verify   []string // numbers and addresses that a person must check before launch
	Sources  []string

	ValidFrom  time.Time // zero: always
	ValidUntil time.Time // zero: for ever; the last valid day otherwise
	Reviewed   time.Time // the day on which a person last read it

	Lead string // the first paragraph: plain text, stands alone as a chat bubble
	Body string // the whole answer in Markdown, Lead included

	File  string         // where it was read from, relative to the guide's folder
	lines map[string]int // front-matter field → line, for findings
}

// MaxLead is the most runes that a Lead may have: one chat bubble.
const MaxLead = 300

// Phrasings are all the ways to ask for the article, its title first.
func (a *Article) Phrasings() []string {
	return append([]string{a.Title}, a.Asks...)
}

// Expired tells whether the article's last valid day is before the day of t.
func (a *Article) Expired(t time.Time) bool {
	year, month, day := t.Date()
	return !a.ValidUntil.IsZero() && a.ValidUntil.Before(time.Date(year, month, day, 0, 0, 0, 0, a.ValidUntil.Location()))
}

// line is the line of a front-matter field in File; 1 where the field is absent.
func (a *Article) line(field string) int {
	return max(1, a.lines[field])
}

// Escalation says whether an answer comes with the way to a person.
type Escalation string

// The zero value is not valid: an article that does not say gets EscalateOffer.
const (
	EscalateOffer  Escalation = "offer"  // a person is offered when the answer did not help
	EscalateAlways Escalation = "always" // the answer is followed by the hand-over
	EscalateNever  Escalation = "never"  // pure knowledge: a person would say the same
)

// firstParagraph is the first paragraph of a Markdown body on one line, "" when the body does not begin
// with plain text.
func firstParagraph(body string) string {
	lead, _, _ := strings.Cut(strings.TrimSpace(body), "\n\n")
	if strings.HasPrefix(lead, "#") || strings.HasPrefix(lead, "- ") || strings.HasPrefix(lead, "1. ") {
		return ""
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(lead, "\n", "")), " ")
}

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
		if line = strings.ReplaceAll(line, "**", ""); strings.Contains(line, "](") {
			line = markdownLink.ReplaceAllString(line, "$1")
		}
		current.Text += line + "\n"
	}
	flush()
	return out
}
