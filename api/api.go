// Package api serves the JSON routes, the probes and the metrics, and sets up the HTTP server's
// manners for every other route: limits, security headers, problem details, the access log.
package api

import (
	"context"
	_ "embed"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
)

// Stepper decides what to say to one message.
type Stepper interface {
	Step(ctx context.Context, s *bot.Session, m chat.Message) (bot.Outcome, error)
}

// Guide is one revision of the guide with everything that answers from it.
type Guide struct {
	Library  *kb.Library
	Searcher kb.Searcher
	Bot      Stepper
}

// Config is what the routes need. Every field is required.
type Config struct {
	Guide    func() Guide    // the guide that is served now
	Problems func() []string // what is wrong with a newer guide that could not be served; empty: nothing
	Log      *slog.Logger
	Registry *prometheus.Registry
}

//go:embed openapi.json
var openAPI []byte

// New makes an Echo with all routes of this package. Pages are mounted on it by package web.
func New(c Config) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = problemHandler(c.Log)
	s := server{Config: c, metrics: newMetrics(c.Registry)}
	e.Use(s.observe, recovered, secured)

	v1 := e.Group("/api/v1")
	v1.POST("/ask", s.ask)
	v1.POST("/feedback", s.feedback)
	v1.GET("/articles", s.articles)
	v1.GET("/articles/:id", s.article)
	v1.GET("/search", s.search)

	e.GET("/openapi.json", describe)
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	e.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(c.Registry, promhttp.HandlerOpts{})))
	return e
}

type server struct {
	Config
	metrics *metrics
}

func describe(c echo.Context) error {
	return c.JSONBlob(http.StatusOK, openAPI)
}

// healthz says that the process runs.
func (s *server) healthz(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says that questions are answered, from which revision, and what keeps a newer one from
// being served: then the status is "degraded", and the last good guide answers.
func (s *server) readyz(c echo.Context) error {
	lib := s.Guide().Library
	out := struct {
		Status   string   `json:"status"`
		Revision string   `json:"revision"`
		Articles int      `json:"articles"`
		Problems []string `json:"problems"`
	}{"ok", lib.Revision, len(lib.Articles), s.Problems()}
	if len(out.Problems) > 0 {
		out.Status = "degraded"
	} else {
		out.Problems = []string{}
	}
	return c.JSON(http.StatusOK, out)
}
