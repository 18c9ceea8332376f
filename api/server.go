package api

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/media"
	"github.com/yingda/yingda/panics"
	"github.com/yingda/yingda/prepared"
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
	Panics   *panics.Handler // one that only logs when nil

	Conversations chat.Conversations
	Inbox         Inbox
	Media         *media.Store
	Desk          *desk.Desk
	Prover        *desk.Prover // the one of the bot: wrong proofs are counted once
	Agents        Agents
	Database      Database
	Stats         Stats

	// Hook is what an account of a channel is told by its host, below /hooks/{channel}/{account}; nil: nobody is.
	Hook func(channel, account string) (http.Handler, bool)

	Base     string                      // the path below which everything stands: "" or one such as "/kefu"
	Origin   func(network string) string // a word for a network that tells it from others today, and no more; nil: none is told apart
	Identity []byte                      // the secret by which the site vouches for its customers' ids; empty: nobody does
	Limits   Limits                      // may be zero
	Proxies  []*net.IPNet                // whose X-Forwarded-For is believed; none: nobody's
	Stopping context.Context             // ends when the server begins to stop, and streams with it; nil: never

	// Streaming holds the event streams that are open: they outlive their requests, so whoever stops the server waits for
	// it, too. nil: nobody does.
	Streaming *sync.WaitGroup
	Heartbeat time.Duration // in which each stream says once that it lives; 0: 15 seconds
}

// Inbox takes in what customers say, whatever the channel.
type Inbox interface {
	// Sanitize makes what comes with a conversation fit to be kept: masked, and the device's contact
	// sealed.
	Sanitize(o chat.OpenRequest) chat.OpenRequest
	// HoldsCard tells whether a text that cannot be masked, such as an id, holds a payment card's number.
	HoldsCard(text string) bool
	// Receive does one turn. A nil error means that everything is on disk.
	Receive(ctx context.Context, m chat.Message) (bot.TurnResult, error)
}

// Agents knows who holds which key.
type Agents interface {
	// Agent is the holder of a key; chat.ErrForbidden for any other key, after the same work.
	Agent(ctx context.Context, key string) (desk.Agent, error)
}

// Database is what keeps conversations.
type Database interface {
	// Ping is nil when the database answers.
	Ping(ctx context.Context) error
}

// door is what panics of routes and streams are counted as.
const door = "api"

// What goes on at once, in all and of one conversation.
const (
	maxUploads             = 32 // each up to media.MaxSize in memory
	maxConversationUploads = 2
	maxWaiting             = 10_000 // event streams, and polls that wait
	maxConversationWaiting = 12     // beside the streams that count, those that were ended and have not noticed yet
)

type server struct {
	Config
	metrics   *metrics
	streams   *streams
	uploads   *slots
	waiting   *slots                         // for streams and polls
	guideJSON prepared.Cache[string, string] // by the guide's revision

	openLimiter, messageLimiter, badKeyLimiter     *limiter
	addressLimiter, feedbackLimiter, ticketLimiter *limiter
	questionLimiter, resumeLimiter                 *limiter
}

func newServer(c Config) *server {
	limits := c.Limits.withDefaults()
	c.Panics = c.Panics.Or(c.Log)
	if c.Stats != nil {
		c.Registry.MustRegister(newBacklogCollector(c.Stats, time.Now, c.Panics))
	}
	s := &server{
		Config:  c,
		metrics: newMetrics(c.Registry),
		uploads: newSlots(maxUploads, maxConversationUploads, limits.AddressUploads),
		waiting: newSlots(maxWaiting, maxConversationWaiting, limits.AddressStreams),

		openLimiter:     newLimiter(limits.Conversations, time.Minute, time.Now),
		messageLimiter:  newLimiter(limits.Messages, time.Minute, time.Now),
		badKeyLimiter:   newLimiter(limits.BadKeys, time.Minute, time.Now),
		addressLimiter:  newLimiter(limits.AddressMessages, time.Minute, time.Now),
		feedbackLimiter: newLimiter(limits.AddressFeedback, time.Minute, time.Now),
		ticketLimiter:   newLimiter(limits.AddressTickets, time.Hour, time.Now),
		questionLimiter: newLimiter(limits.AddressQuestions, time.Minute, time.Now),
		resumeLimiter:   newLimiter(limits.AddressResumes, time.Hour, time.Now),
	}
	s.streams = newStreams(c, s.metrics.streams)
	if c.Database != nil {
		s.registerProblems()
	}
	return s
}

// hook hands a call of a channel's host to that channel, which checks who calls and limits what it reads.
func (s *server) hook(c echo.Context) error {
	if s.Hook != nil {
		if h, ok := s.Hook(c.Param("channel"), c.Param("account")); ok {
			h.ServeHTTP(c.Response(), c.Request())
			return nil
		}
	}
	return chat.ErrNotFound
}
