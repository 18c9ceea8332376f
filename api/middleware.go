package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
)

// mount has all routes stand below a path such as "/kefu", which it takes off every request's; nothing stands beside it.
func mount(base string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			url := c.Request().URL
			path, ok := strings.CutPrefix(url.Path, base)
			switch {
			case ok && path == "":
				c.Response().Header().Set(echo.HeaderLocation, base+"/")
				return c.NoContent(http.StatusPermanentRedirect)
			case !ok || !strings.HasPrefix(path, "/"):
				return echo.ErrNotFound
			}
			url.Path, url.RawPath = path, strings.TrimPrefix(url.RawPath, base) // the router reads this very request
			return next(c)
		}
	}
}

// instrument counts and times every request and logs it without its query or its body.
func (s *server) instrument(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begun := time.Now()
		if err := next(c); err != nil {
			c.Error(err) // written here, so that the status is known below
		}
		if c.Get(detachedKey) == nil {
			s.record(newExchange(c, begun))
		}
		return nil
	}
}

// detachedKey is where a handler notes that its answer goes on without it, and is recorded when that ends.
const detachedKey = "detached"

// exchange is a request and its answer, as they are counted and logged.
type exchange struct {
	method, route string
	status        int
	begun         time.Time
	conversation  string
}

func newExchange(c echo.Context, begun time.Time) exchange {
	return exchange{c.Request().Method, c.Path(), c.Response().Status, begun, conversationID(c)}
}

// record counts and logs an exchange that ends now.
func (s *server) record(x exchange) {
	if x.status == http.StatusNotFound {
		x.route = "none" // unknown paths would be labels without end
	}
	took := time.Since(x.begun)
	s.metrics.requests.WithLabelValues(methodLabel(x.method), x.route, strconv.Itoa(x.status)).Inc()
	s.metrics.seconds.WithLabelValues(x.route).Observe(took.Seconds())
	s.Log.LogAttrs(context.Background(), slog.LevelDebug, "request", slog.String("method", x.method), slog.String("route", x.route),
		slog.Int("status", x.status), slog.Int64("ms", took.Milliseconds()), slog.String("conversation", x.conversation))
}

// methodLabel keeps unknown methods from becoming labels without end.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions:
		return method
	}
	return "other"
}

// recoverPanics turns a panic into an error: the stack goes to the log, not to the client.
func (s *server) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		at := door
		if strings.HasPrefix(c.Path(), "/hooks/") {
			at = "hook"
		}
		return s.Panics.Try(c.Request().Context(), at, func() error { return next(c) }, "path", c.Path())
	}
}

// securityHeaders are what every response carries; pages set their own content policy instead.
func securityHeaders() http.Header {
	return http.Header{
		"X-Content-Type-Options":  {"nosniff"},
		"Referrer-Policy":         {"no-referrer"},
		"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
		"Cache-Control":           {"no-store"},
	}
}

// setHeaders sets the same headers of every response. All share the values: a handler replaces one and never writes into it.
func setHeaders(headers http.Header) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			maps.Copy(c.Response().Header(), headers)
			return next(c)
		}
	}
}

// ipExtractor finds the client's IP address: the connection's peer or, behind a trusted proxy, the one that
// the proxy names in X-Forwarded-For.
func ipExtractor(proxies []*net.IPNet) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		trust = append(trust, echo.TrustIPRange(p))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// errorHandler writes every error of every route.
func errorHandler(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		ctx := c.Request().Context()
		if c.Response().Committed {
			return
		}
		p := problemFor(err)
		if p.Status >= http.StatusInternalServerError && ctx.Err() == nil { // else the client left
			log.ErrorContext(ctx, "request failed", "path", c.Path(), "conversation", conversationID(c), "error", err)
		}
		if p.retryAfter > 0 {
			c.Response().Header().Set(echo.HeaderRetryAfter, wholeSeconds(p.retryAfter))
		}
		body, err := json.Marshal(p)
		if err == nil {
			err = c.Blob(p.Status, "application/problem+json", body)
		}
		if err != nil {
			log.DebugContext(ctx, "problem not sent", "error", err)
		}
	}
}

// requireToken lets the bearer of the conversation's token pass. An unknown id and a wrong token are
// answered alike, after the same work.
func (s *server) requireToken(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		token := bearerToken(c.Request())
		if token == "" {
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
			return fail(http.StatusUnauthorized, "请带上打开对话时得到的凭证：Authorization: Bearer。")
		}
		id := c.Param("id")
		if !validID(id) {
			id = "none" // no conversation's id; the work stays the same
		}
		conv, err := s.Conversations.Authorize(c.Request().Context(), id, token)
		switch {
		case errors.Is(err, chat.ErrForbidden), errors.Is(err, chat.ErrNotFound):
			return fail(http.StatusNotFound, "没有这个对话，或凭证不对。请重新打开一个对话。")
		case err != nil:
			return err
		}
		c.Set(conversationKey, conv)
		return next(c)
	}
}

// limitQuestions lets an address ask and search no more than the limit.
func (s *server) limitQuestions(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if wait := s.questionLimiter.reserve(clientShares(c)...); wait > 0 {
			return retryLater(http.StatusTooManyRequests, wait, "同一个网络问得太快了，请稍等几秒再试。")
		}
		return next(c)
	}
}

// limitMessages lets a conversation, and all of an address, do no more than the limit.
func (s *server) limitMessages(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if wait := s.messageLimiter.reserve(share{conversationID(c), 1}); wait > 0 {
			return retryLater(http.StatusTooManyRequests, wait, "您发得太快了，请稍等几秒再发。")
		}
		if wait := s.addressLimiter.reserve(clientShares(c)...); wait > 0 {
			return retryLater(http.StatusTooManyRequests, wait, "同一个网络的消息太多了，请稍等几秒再发。")
		}
		return next(c)
	}
}

// requireAgent lets agents with a key pass, whatever else came from their address: keys cannot be guessed. Whoever
// tries one wrong key after another soon has to wait; a request without any, such as a foreign page's, is no try.
func (s *server) requireAgent(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		key := bearerToken(c.Request())
		if key == "" {
			return keyWanted(c)
		}
		agent, err := s.Agents.Agent(c.Request().Context(), key)
		switch {
		case errors.Is(err, chat.ErrForbidden), errors.Is(err, chat.ErrNotFound):
			if wait := s.badKeyLimiter.reserve(clientShares(c)...); wait > 0 {
				return retryLater(http.StatusTooManyRequests, wait, "密钥错了太多次，请稍等再试。")
			}
			return keyWanted(c)
		case err != nil:
			return err
		}
		if err := s.Desk.NoteSeen(c.Request().Context(), agent); err != nil {
			s.Log.WarnContext(c.Request().Context(), "that an agent was here is not noted", "error", err)
		}
		c.Set(agentKey, agent)
		return next(c)
	}
}

// keyWanted refuses whoever shows no agent's key, or a wrong one.
func keyWanted(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
	return fail(http.StatusUnauthorized, "请带上客服密钥：Authorization: Bearer yd_…，用 yingda key add 生成。")
}

// requireTicketID lets pass what may be a ticket's id or number.
func requireTicketID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !validID(c.Param("id")) {
			return &desk.Refusal{Kind: chat.ErrNotFound, Text: "没有找到这张工单，请核对工单号。"}
		}
		return next(c)
	}
}
