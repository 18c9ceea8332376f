package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/kb"
)

// category is a shelf of the guide as clients see it.
type category struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// summary is an article in a list.
type summary struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Category string `json:"category"`
	Lead     string `json:"lead"`
	Reviewed string `json:"reviewed"` // a day, "" when never
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// articles lists the guide.
func (s *server) articles(c echo.Context) error {
	lib := s.Guide().Library
	out := struct {
		Revision   string     `json:"revision"`
		Categories []category `json:"categories"`
		Articles   []summary  `json:"articles"`
	}{lib.Revision, []category{}, []summary{}}
	for _, cat := range lib.Phrases.Categories {
		out.Categories = append(out.Categories, category{cat.ID, cat.Name})
	}
	for i := range lib.Articles {
		a := &lib.Articles[i]
		out.Articles = append(out.Articles, summary{a.ID, a.Title, a.Category, a.Lead, day(a.Reviewed)})
	}
	return c.JSON(http.StatusOK, out)
}

// related is a link to another article.
type related struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// detail is a whole article.
type detail struct {
	summary
	Asks       []string      `json:"asks"`
	Body       string        `json:"body"` // Markdown
	Related    []related     `json:"related"`
	Collect    []kb.Slot     `json:"collect"`
	Escalate   kb.Escalation `json:"escalate"`
	ValidFrom  string        `json:"valid_from"`
	ValidUntil string        `json:"valid_until"`
	Sources    []string      `json:"sources"`
}

func (s *server) article(c echo.Context) error {
	lib := s.Guide().Library
	a, ok := lib.Article(c.Param("id"))
	if !ok {
		return fail(http.StatusNotFound, "没有这篇文章。")
	}
	out := detail{
		summary: summary{a.ID, a.Title, a.Category, a.Lead, day(a.Reviewed)},
		Asks:    orEmpty(a.Asks), Body: a.Body, Related: []related{}, Collect: orEmpty(a.Collect),
		Escalate: a.Escalate, ValidFrom: day(a.ValidFrom), ValidUntil: day(a.ValidUntil), Sources: orEmpty(a.Sources),
	}
	for _, id := range a.Related {
		if r, ok := lib.Article(id); ok {
			out.Related = append(out.Related, related{r.ID, r.Title})
		}
	}
	return c.JSON(http.StatusOK, out)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// found is an article among search results.
type found struct {
	ID           string  `json:"id"`
	Title        string  `json:"title"`
	Category     string  `json:"category"`
	CategoryName string  `json:"category_name"`
	Score        float64 `json:"score"`
	Lead         string  `json:"lead"`
}

// code is a response code among search results.
type code struct {
	Code  string   `json:"code"`
	Title string   `json:"title"`
	Owner string   `json:"owner"`
	Retry kb.Retry `json:"retry"`
	Text  string   `json:"text"`
}

// The limits of ?limit=.
const (
	defaultFound = 8
	mostFound    = 50
)

// search is the agents' look-up: articles by meaning, response codes by name.
func (s *server) search(c echo.Context) error {
	q, limit := c.QueryParam("q"), defaultFound
	if !isText(q) {
		return fail(http.StatusBadRequest, "参数 q 不是有效的文字。")
	}
	if text := c.QueryParam("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostFound {
			return fail(http.StatusBadRequest, "参数 limit 应是 1 到 "+strconv.Itoa(mostFound)+" 的整数。")
		}
		limit = n
	}
	g := s.Guide()
	out := struct {
		Query    string  `json:"query"`
		Articles []found `json:"articles"`
		Codes    []code  `json:"codes"`
	}{q, []found{}, []code{}}
	if strings.TrimSpace(q) == "" {
		return c.JSON(http.StatusOK, out)
	}
	res, err := g.Searcher.Search(c.Request().Context(), kb.Query{Text: q, Limit: limit})
	if err != nil {
		return err
	}
	for _, h := range res.Hits {
		if a, ok := g.Library.Article(h.ID); ok {
			out.Articles = append(out.Articles, found{a.ID, a.Title, a.Category, g.Library.Phrases.CategoryName(a.Category), h.Score, a.Lead})
		}
	}
	if res.Text == "" { // invisible characters only: every code begins with nothing
		return c.JSON(http.StatusOK, out)
	}
	for _, k := range g.Library.Codes.Like(res.Text) {
		out.Codes = append(out.Codes, code{k.Code, k.Title, k.Owner, k.Retry, k.Text})
	}
	return c.JSON(http.StatusOK, out)
}
