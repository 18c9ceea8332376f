// Package api serves the JSON routes, the probes and the metrics, and sets up the HTTP server's
// manners for every other route: limits, security headers, problem details, the access log.
package api

import (
	"context"
	_ "embed"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/media"
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

// Config is what the routes need. Fields are required unless they say otherwise; a server that
// answers POST /ask alone needs no more than the first group.
type Config struct {
	Guide    func() Guide    // the guide that is served now
	Problems func() []string // what is wrong with a newer guide that could not be served; empty: nothing
	Log      *slog.Logger
	Registry *prometheus.Registry

	Conversations chat.Conversations
	Inbox         Inbox
	Media         *media.Store
	Desk          *desk.Desk
	Agents        Agents
	Database      Database
	Stats         Stats

	// Hook is what an account of a channel is told by its host, below /hooks/{channel}/{account}; nil: nobody is.
	Hook func(channel, account string) (http.Handler, bool)

	Identity []byte          // the secret by which the site vouches for its customers' ids; empty: nobody does
	Limits   Limits          // may be zero
	Proxies  []*net.IPNet    // whose X-Forwarded-For is believed; none: nobody's
	Stopping context.Context // ends when the server begins to stop, and streams with it; nil: never
}

//go:embed openapi.json
var openAPI []byte

// New makes an Echo with all routes of this package. Pages are mounted on it by package web.
func New(c Config) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = problemHandler(c.Log)
	e.IPExtractor = clientAddress(c.Proxies)
	s := newServer(c)
	e.Use(s.observe, recovered, secured)

	v1 := e.Group("/api/v1")
	v1.POST("/ask", s.ask)
	v1.POST("/feedback", s.feedback)
	v1.GET("/articles", s.articles)
	v1.GET("/articles/:id", s.article)
	v1.GET("/search", s.search)

	v1.POST("/conversations", s.openConversation)
	one := v1.Group("/conversations/:id", s.authorized)
	one.GET("", s.getConversation)
	one.POST("/messages", s.postMessage, s.limited)
	one.GET("/messages", s.listMessages)
	one.GET("/events", s.events)
	one.POST("/attachments", s.postAttachment, s.limited)
	one.GET("/attachments/:attachment", s.getAttachment)
	one.POST("/feedback", s.rateMessage, s.limited)
	one.POST("/handoff", s.handoff, s.limited)

	agents := v1.Group("/desk", s.agentOnly)
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

	e.GET("/openapi.json", describe)
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	e.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(c.Registry, promhttp.HandlerOpts{})))
	return e
}

type server struct {
	Config
	metrics  *metrics
	streams  streams
	uploads  chan struct{} // a place for each upload at once
	opens    *limiter
	messages *limiter
	badKeys  *limiter
}

func newServer(c Config) *server {
	limits := c.Limits.orDefault()
	if c.Stats != nil {
		c.Registry.MustRegister(newBacklog(c.Stats, time.Now))
	}
	return &server{
		Config:   c,
		metrics:  newMetrics(c.Registry),
		streams:  streams{of: map[string][]*follower{}},
		uploads:  make(chan struct{}, mostUploads),
		opens:    newLimiter(limits.Conversations, time.Now),
		messages: newLimiter(limits.Messages, time.Now),
		badKeys:  newLimiter(limits.BadKeys, time.Now),
	}
}

// clientAddress tells where a request comes from: the connection's other end or, behind a trusted
// proxy, whom the proxy names.
func clientAddress(proxies []*net.IPNet) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		trust = append(trust, echo.TrustIPRange(p))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}
