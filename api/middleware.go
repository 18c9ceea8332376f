package api

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

// observe counts and times every request and logs it without its query or its body.
func (s *server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		if err := next(c); err != nil {
			c.Error(err) // written here, so that the status is known below
		}
		route, status := c.Path(), c.Response().Status
		if status == http.StatusNotFound {
			route = "none" // a stranger's paths are no labels
		}
		s.metrics.requests.WithLabelValues(methodLabel(c.Request().Method), route, strconv.Itoa(status)).Inc()
		s.metrics.seconds.WithLabelValues(route).Observe(time.Since(start).Seconds())
		s.Log.DebugContext(c.Request().Context(), "request", "method", c.Request().Method, "route", route, "status", status, "ms", time.Since(start).Milliseconds(), "conversation", conversationID(c))
		return nil
	}
}

// methodLabel keeps the methods that strangers invent out of the labels.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions:
		return method
	}
	return "other"
}

// recovered turns a panic into an error: the stack goes to the log, not to the client.
func recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if e, ok := r.(error); ok && errors.Is(e, http.ErrAbortHandler) {
				panic(r) // net/http's own way to drop a connection
			}
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}()
		return next(c)
	}
}

// secured sets the headers that every response carries; pages add their own content policy.
func secured(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		return next(c)
	}
}
