package api

import (
	"bytes"
	"context"
	_ "embed"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/prepared"
)

//go:embed openapi.json
var openAPI []byte

// pingTimeout is how long the database may take to answer a probe.
const pingTimeout = time.Second

// serveOpenAPI serves the OpenAPI description of routes that stand below base.
func serveOpenAPI(base string) echo.HandlerFunc {
	const server = `"url": "/`
	described := openAPI
	if base != "" {
		described = bytes.Replace(openAPI, []byte(server), []byte(server+strings.TrimPrefix(base, "/")), 1)
	}
	r := prepared.New(echo.MIMEApplicationJSON, described)
	return func(c echo.Context) error { return serveStored(c, r) }
}

// healthz says that the process runs.
func (s *server) healthz(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// readiness is what is served, and what keeps more from being served.
type readiness struct {
	Status   string   `json:"status"` // ok; degraded: something is wrong; down: no question can be answered
	Revision string   `json:"revision"`
	Articles int      `json:"articles"`
	Database string   `json:"database"` // ok or down
	Problems []string `json:"problems"`
}

// readyz says that questions are answered and from which revision. When a newer guide cannot be
// served the last good one goes on; when the database does not answer POST /ask goes on. Both are
// "degraded" and 200, for another node would do no better. Only a guide that cannot answer anything
// is "down" and 503.
func (s *server) readyz(c echo.Context) error {
	out, status := s.readiness(c.Request().Context()), http.StatusOK
	if out.Status == "down" {
		status = http.StatusServiceUnavailable
	}
	return c.JSON(status, out)
}

// readiness looks at all that readyz tells of.
func (s *server) readiness(ctx context.Context) readiness {
	lib := s.Guide().Library
	out := readiness{Status: "ok", Revision: lib.Revision, Articles: len(lib.Articles), Database: "ok", Problems: orEmpty(s.Problems())}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := s.Database.Ping(ctx); err != nil {
		s.Log.WarnContext(ctx, "the database does not answer", "error", err) // not told: it may name hosts
		out.Database = "down"
		out.Problems = append(out.Problems[:len(out.Problems):len(out.Problems)], "the database does not answer: conversations are refused, nothing is lost")
	}
	switch {
	case out.Articles == 0:
		out.Status = "down"
	case len(out.Problems) > 0:
		out.Status = "degraded"
	}
	return out
}

// registerProblems has the metrics count what readyz tells of.
func (s *server) registerProblems() {
	s.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "yingda_problems", Help: "How many problems /readyz tells of.",
	}, func() float64 { return float64(len(s.readiness(context.Background()).Problems)) }))
}
