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
	if c.Base != "" {
		e.Pre(mount(c.Base))
	}
	s := newServer(c)
	e.Use(s.instrument, s.recoverPanics, setHeaders(securityHeaders()), refuseUnknownParameters(queryParameters()))

	v1 := e.Group("/api/v1")
	v1.POST("/ask", s.ask, s.limitQuestions)
	v1.POST("/feedback", s.feedback)
	v1.GET("/articles", s.articles)
	v1.GET("/articles/:id", s.article)
	v1.GET("/search", s.search, s.limitQuestions)

	v1.POST("/conversations", s.openConversation)
	v1.POST("/conversations/resume", s.resumeConversation)
	conversation := v1.Group("/conversations/:id", s.requireToken)
	conversation.GET("", s.getConversation)
	conversation.POST("/leave", s.leaveConversation, s.limitMessages)
	conversation.POST("/messages", s.postMessage, s.limitMessages)
	conversation.GET("/messages", s.listMessages)
	conversation.GET("/events", s.events)
	conversation.POST("/attachments", s.postAttachment, s.limitMessages)
	conversation.GET("/attachments/:attachment", s.getAttachment)
	conversation.POST("/feedback", s.rateMessage, s.limitMessages)
	conversation.POST("/handoff", s.handoff, s.limitMessages)

	agents := v1.Group("/desk", s.requireAgent)
	agents.GET("/tickets", s.listTickets)
	ticket := agents.Group("/tickets/:id", requireTicketID)
	ticket.GET("", s.getTicket)
	ticket.POST("/claim", s.claimTicket)
	ticket.POST("/reply", s.replyTicket)
	ticket.POST("/note", s.noteTicket)
	ticket.POST("/transfer", s.transferTicket)
	ticket.POST("/close", s.closeTicket)
	ticket.GET("/contact", s.getContact)
	ticket.GET("/attachments/:attachment", s.getTicketAttachment)

	e.Match([]string{http.MethodGet, http.MethodPost}, "/hooks/:channel/:account", s.hook)

	e.GET("/openapi.json", serveOpenAPI(c.Base))
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	e.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(c.Registry, promhttp.HandlerOpts{})))
	return e
}
