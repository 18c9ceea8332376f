// Package api serves the JSON routes, the probes and the metrics, and sets up the HTTP server's
// manners for every other route: limits, security headers, problem details, the access log.
package api

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// New makes an Echo with all routes of this package. Pages are mounted on it by package web.
func New(c Config) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = errorHandler(c.Log)
	e.IPExtractor = ipExtractor(c.Proxies)
	s := newServer(c)
	e.Use(s.instrument, recoverPanics, setSecurityHeaders)

	v1 := e.Group("/api/v1")
	v1.POST("/ask", s.ask)
	v1.POST("/feedback", s.feedback)
	v1.GET("/articles", s.articles)
	v1.GET("/articles/:id", s.article)
	v1.GET("/search", s.search)

	v1.POST("/conversations", s.openConversation)
	one := v1.Group("/conversations/:id", s.requireToken)
	one.GET("", s.getConversation)
	one.POST("/messages", s.postMessage, s.limitMessages)
	one.GET("/messages", s.listMessages)
	one.GET("/events", s.events)
	one.POST("/attachments", s.postAttachment, s.limitMessages)
	one.GET("/attachments/:attachment", s.getAttachment)
	one.POST("/feedback", s.rateMessage, s.limitMessages)
	one.POST("/handoff", s.handoff, s.limitMessages)

	agents := v1.Group("/desk", s.requireAgent)
	agents.GET("/tickets", s.listTickets)
	agents.GET("/tickets/:id", s.getTicket)
	agents.POST("/tickets/:id/claim", s.claimTicket)
	agents.POST("/tickets/:id/reply", s.replyTicket)
	agents.POST("/tickets/:id/note", s.noteTicket)
	agents.POST("/tickets/:id/transfer", s.transferTicket)
	agents.POST("/tickets/:id/close", s.closeTicket)
	agents.GET("/tickets/:id/contact", s.getContact)
	agents.GET("/tickets/:id/attachments/:attachment", s.getTicketAttachment)

	e.Match([]string{http.MethodGet, http.MethodPost}, "/hooks/:channel/:account", s.hook)

	e.GET("/openapi.json", serveOpenAPI)
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	e.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(c.Registry, promhttp.HandlerOpts{})))
	return e
}
