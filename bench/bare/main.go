// Bare is the least that an Echo server can do with a question: it binds the body of POST /api/v1/ask and sends it back.
// What Yingda costs is told in multiples of what this costs in the same run.
package main

import (
	"flag"
	"log"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "the `ADDRESS`")
	flag.Parse()
	log.Fatal(newHandler().Start(*listen))
}

// newHandler serves the question, and what tells how the process does, as Yingda does.
func newHandler() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.POST("/api/v1/ask", func(c echo.Context) error {
		var in struct {
			Question string `json:"question"`
		}
		if err := c.Bind(&in); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, in)
	})
	e.GET("/readyz", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector())
	e.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})))
	return e
}
