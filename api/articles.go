package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/prepared"
	"github.com/yingda/yingda/zh"
)

// category is a category of the guide as clients see it.
type category struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// articleSummary is an article in a list.
type articleSummary struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Category string `json:"category"`
	Lead     string `json:"lead"`
	Reviewed string `json:"reviewed"` // a day, "" when never
}

func summarize(a kb.Article) articleSummary {
	return articleSummary{a.ID, a.Title, a.Category, a.Lead, formatDate(a.Reviewed)}
}

func formatDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// articleList is the guide.
type articleList struct {
	Revision   string           `json:"revision"`
	Categories []category       `json:"categories"`
	Articles   []articleSummary `json:"articles"`
}

// articles lists the guide.
func (s *server) articles(c echo.Context) error {
	const list = "" // which is no article's id
	lib := s.Guide().Library
	return s.serveGuide(c, lib.Revision, list, func() any {
		return articleList{
			lib.Revision, convert(lib.Phrases.Categories, func(c kb.Category) category { return category{c.ID, c.Name} }),
			convert(lib.Articles, summarize),
		}
	})
}

// serveGuide answers with what depends on the guide's revision alone, as JSON that is made once. key tells one such
// value from the others.
func (s *server) serveGuide(c echo.Context, revision, key string, value func() any) error {
	r, err := s.guideJSON.Get(revision, key, func() (*prepared.Response, error) {
		body, err := json.Marshal(value())
		if err != nil {
			return nil, fmt.Errorf("write the guide as JSON: %w", err)
		}
		return prepared.New(echo.MIMEApplicationJSON, append(body, '\n')), nil
	})
	if err != nil {
		return err
	}
	return serveStored(c, r)
}

// serveStored answers with what everybody may see and clients may store: they ask again each time, and mostly hear
// that nothing changed.
func serveStored(c echo.Context, r *prepared.Response) error {
	c.Response().Header().Set("Cache-Control", "no-cache")
	return r.Serve(c.Response(), c.Request())
}

// articleLink is a link to another article.
type articleLink struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// articleDetail is a whole article.
type articleDetail struct {
	articleSummary
	Asks       []string      `json:"asks"`
	Body       string        `json:"body"` // Markdown
	Related    []articleLink `json:"related"`
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
	return s.serveGuide(c, lib.Revision, a.ID, func() any { return detail(lib, a) })
}

func detail(lib *kb.Library, a *kb.Article) articleDetail {
	out := articleDetail{
		articleSummary: summarize(*a),
		Asks:           orEmpty(a.Asks), Body: a.Body, Related: []articleLink{}, Collect: orEmpty(a.Collect),
		Escalate: a.Escalate, ValidFrom: formatDate(a.ValidFrom), ValidUntil: formatDate(a.ValidUntil), Sources: orEmpty(a.Sources),
	}
	for _, id := range a.Related {
		if r, ok := lib.Article(id); ok {
			out.Related = append(out.Related, articleLink{r.ID, r.Title})
		}
	}
	return out
}

// articleHit is an article among search results.
type articleHit struct {
	ID           string  `json:"id"`
	Title        string  `json:"title"`
	Category     string  `json:"category"`
	CategoryName string  `json:"category_name"`
	Score        float64 `json:"score"`
	Lead         string  `json:"lead"`
}

// codeHit is a response code among search results.
type codeHit struct {
	Code  string   `json:"code"`
	Title string   `json:"title"`
	Owner string   `json:"owner"`
	Retry kb.Retry `json:"retry"`
	Text  string   `json:"text"`
}

// The limits of ?limit=.
const (
	defaultSearchLimit = 8
	maxSearchLimit     = 50
)

// search is the agents' look-up: articles by meaning, response codes by name.
func (s *server) search(c echo.Context) error {
	q := c.QueryParam("q")
	if !validText(q) {
		return fail(http.StatusBadRequest, "参数 q 不是有效的文字。")
	}
	limit, err := intParam(c, "limit", defaultSearchLimit, 1, maxSearchLimit)
	if err != nil {
		return err
	}
	g := s.Guide()
	out := struct {
		Query    string       `json:"query"`
		Articles []articleHit `json:"articles"`
		Codes    []codeHit    `json:"codes"`
	}{q, []articleHit{}, []codeHit{}}
	if zh.Blank(q) {
		return c.JSON(http.StatusOK, out)
	}
	res, err := g.Searcher.Search(c.Request().Context(), kb.Query{Text: q, Limit: int(limit)})
	if err != nil {
		return err
	}
	for _, h := range res.Hits {
		if a, ok := g.Library.Article(h.ID); ok {
			out.Articles = append(out.Articles, articleHit{a.ID, a.Title, a.Category, g.Library.Phrases.CategoryName(a.Category), h.Score, a.Lead})
		}
	}
	if res.Text == "" { // invisible characters only: every code begins with nothing
		return c.JSON(http.StatusOK, out)
	}
	out.Codes = convert(g.Library.Codes.Lookup(res.Text), func(c kb.Code) codeHit { return codeHit{c.Code, c.Title, c.Owner, c.Retry, c.Text} })
	return c.JSON(http.StatusOK, out)
}
