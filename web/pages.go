package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/prepared"
	"github.com/yingda/yingda/zh"
)

// pages renders every page from the library of the moment, once an edition.
type pages struct {
	guide func() *kb.Library
	tmpl  *template.Template
	md    *markdown
	now   func() time.Time
	kept  prepared.Cache[edition, page]
}

// edition is all that a page depends on: the guide's revision, and the day, for articles have a first and a last one.
type edition struct{ revision, day string }

// page names one page of an edition: its template and, where several are made of that, which.
type page struct{ template, name string }

func newPages(guide func() *kb.Library, base string, a assets) *pages {
	funcs := template.FuncMap{
		"asset": func(name string) string { return base + a.url(name) }, "modules": a.modules,
		"base": func() string { return base }, "date": formatDate, "retry": retryName,
	}
	return &pages{
		guide: guide,
		tmpl:  template.Must(template.New("").Funcs(funcs).ParseFS(embedded, "templates/*.html")),
		md:    newMarkdown(base),
		now:   chinaNow,
	}
}

// chinaNow is the time where the guide's dates hold.
func chinaNow() time.Time { return time.Now().In(zh.China()) }

// group is one category with the articles that a page lists under it.
type group struct {
	kb.Category
	Articles []*kb.Article
}

// listGroups are the categories that have articles, in the guide's order, those that phrases.yaml does
// not name last; within one, what customers ask first stands first.
func listGroups(l *kb.Library) []group {
	var out []group
	for _, c := range categories(l) {
		all := l.InCategory(c.ID)
		rank := func(a *kb.Article) int {
			if i := slices.Index(c.Quick, a.ID); i >= 0 {
				return i
			}
			return len(c.Quick)
		}
		slices.SortStableFunc(all, func(a, b *kb.Article) int { return rank(a) - rank(b) })
		if len(all) > 0 {
			out = append(out, group{c, all})
		}
	}
	return out
}

// categories are those of phrases.yaml and then any other that an article names.
func categories(l *kb.Library) []kb.Category {
	out := slices.Clone(l.Phrases.Categories)
	for _, a := range l.Articles {
		if !slices.ContainsFunc(out, func(c kb.Category) bool { return c.ID == a.Category }) {
			out = append(out, kb.Category{ID: a.Category, Name: l.Phrases.CategoryName(a.Category)})
		}
	}
	return out
}

// quickGroups are the categories with the questions that the chat offers first: those that
// phrases.yaml names, else the category's first few.
func quickGroups(l *kb.Library) []group {
	const few = 5
	out := listGroups(l)
	for i, s := range out {
		n := 0 // they stand first
		for n < len(s.Articles) && slices.Contains(s.Quick, s.Articles[n].ID) {
			n++
		}
		if n == 0 {
			n = min(few, len(s.Articles))
		}
		out[i].Articles = s.Articles[:n]
	}
	return out
}

// findArticles returns the articles with those ids, leaving out what the guide does not have.
func findArticles(l *kb.Library, ids []string) []*kb.Article {
	var out []*kb.Article
	for _, id := range ids {
		if a, ok := l.Article(id); ok {
			out = append(out, a)
		}
	}
	return out
}

// chatPage is what the chat's template gets.
type chatPage struct {
	Framed bool // inside somebody's page: no sidebar, links open a new tab
	Greet  string
	Human  string // the option that asks for a person
	Groups []group
	First  []*kb.Article // one question of each category, below the greeting
}

func (p *pages) home(c echo.Context) error {
	l := p.guide()
	return p.serve(c, l, page{"chat.html", "home"}, func(time.Time) (any, error) { return newChatPage(l, false), nil })
}

func (p *pages) chat(c echo.Context) error {
	l := p.guide()
	return p.serve(c, l, page{"chat.html", "framed"}, func(time.Time) (any, error) { return newChatPage(l, true), nil })
}

func newChatPage(l *kb.Library, framed bool) chatPage {
	page := chatPage{Framed: framed, Greet: l.Phrases.Replies.Greet, Human: l.Phrases.Replies.Human, Groups: quickGroups(l)}
	for _, s := range page.Groups {
		page.First = append(page.First, s.Articles[0])
	}
	return page
}

// indexPage is what the guide's index gets.
type indexPage struct {
	Groups []group
	Count  int
}

func (p *pages) guideIndex(c echo.Context) error {
	l := p.guide()
	return p.serve(c, l, page{template: "index.html"}, func(time.Time) (any, error) {
		return indexPage{listGroups(l), len(l.Articles)}, nil
	})
}

// articlePage is what an article's template gets.
type articlePage struct {
	*kb.Article
	CategoryName    string
	Rest            template.HTML // the body below the lead
	RelatedArticles []*kb.Article
	Expired         bool
	NotYet          bool
}

func (p *pages) guideArticle(c echo.Context) error {
	l := p.guide()
	a, ok := l.Article(c.Param("id"))
	if !ok {
		return p.notFound(c)
	}
	return p.serve(c, l, page{"article.html", a.ID}, func(now time.Time) (any, error) { return p.newArticlePage(l, a, now) })
}

func (p *pages) newArticlePage(l *kb.Library, a *kb.Article, now time.Time) (articlePage, error) {
	rest, err := p.md.html(afterLead(a.Body, a.Lead))
	if err != nil {
		return articlePage{}, fmt.Errorf("render article %s: %w", a.ID, err)
	}
	return articlePage{
		Article:         a,
		CategoryName:    l.Phrases.CategoryName(a.Category),
		Rest:            rest,
		RelatedArticles: findArticles(l, a.Related),
		Expired:         a.Expired(now),
		NotYet:          !a.ValidFrom.IsZero() && formatDate(now) < formatDate(a.ValidFrom),
	}, nil
}

// lookupPage is what the agents' look-up gets.
type lookupPage struct {
	Groups []group
	Codes  kb.Codes
}

func (p *pages) lookup(c echo.Context) error {
	l := p.guide()
	return p.serve(c, l, page{template: "lookup.html"}, func(time.Time) (any, error) {
		return lookupPage{listGroups(l), l.Codes}, nil
	})
}

// notFound is the answer for a page of the guide that is not there: kind to people, short to programs.
func (p *pages) notFound(c echo.Context) error {
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if !strings.Contains(c.Request().Header.Get(echo.HeaderAccept), echo.MIMETextHTML) {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	l := p.guide()
	r, err := p.prepare(l, page{template: "missing.html"}, func(time.Time) (any, error) { return listGroups(l), nil })
	if err != nil {
		return err
	}
	return r.ServeStatus(c.Response(), c.Request(), http.StatusNotFound)
}

// serve answers with a page; data is what its template gets, on a day.
func (p *pages) serve(c echo.Context, l *kb.Library, name page, data func(now time.Time) (any, error)) error {
	r, err := p.prepare(l, name, data)
	if err != nil {
		return err
	}
	return r.Serve(c.Response(), c.Request())
}

// prepare renders a page where this edition's is not kept. The template is executed as a whole before the first byte
// leaves, so that a fault in it is a clean error and never half a page.
func (p *pages) prepare(l *kb.Library, name page, data func(now time.Time) (any, error)) (*prepared.Response, error) {
	now := p.now()
	return p.kept.Get(edition{l.Revision, formatDate(now)}, name, func() (*prepared.Response, error) {
		d, err := data(now)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := p.tmpl.ExecuteTemplate(&b, name.template, d); err != nil {
			return nil, fmt.Errorf("render %s: %w", name.template, err)
		}
		return prepared.New(echo.MIMETextHTMLCharsetUTF8, bytes.Clone(b.Bytes())), nil
	})
}

// formatDate is a day as the pages write it; "" for the zero time.
func formatDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// retryName is what agents read for a code's Retry.
func retryName(r kb.Retry) string {
	switch r {
	case kb.RetryNo:
		return "不要重试"
	case kb.RetryAfter:
		return "处理后再试"
	case kb.RetryLater:
		return "稍后再试"
	case kb.RetryCheck:
		return "先查是否扣款"
	}
	return string(r)
}
