// Package web serves the pages that people see: the chat, the guide, the agents' look-up and the
// widget. Everything is embedded; no page calls another host, and none has inline script or style.
// The pages' scripts talk to the JSON routes of package api on the same origin.
package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/kb"
)

// Register mounts the pages on e, whose addresses begin with base: "" at a host's root, else a path such as "/kefu". guide returns the library that is served now; it may change
// between calls (a watched folder), so it is asked for every request and never kept.
//
// It panics if the embedded templates do not parse: the binary itself is broken then.
func Register(e *echo.Echo, base string, guide func() *kb.Library) {
	a := newAssets()
	p := newPages(guide, base, a)

	get := func(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) {
		e.Match([]string{http.MethodGet, http.MethodHead}, path, h, m...)
	}
	get("/", p.home, denyFraming)
	get("/chat", p.chat, allowFraming)
	get("/guide", p.guideIndex, denyFraming)
	get("/guide/", p.guideIndex, denyFraming)
	get("/guide/:id", p.guideArticle, denyFraming)
	get("/guide/*", p.notFound, denyFraming)
	get("/lookup", p.lookup, denyFraming)
	get("/widget.js", a.serve("widget.js"))
	get("/static/:name", a.serveNamed)
}

// contentPolicy is the content security policy of every page, but for who may frame it.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; "

// denyFraming is for pages that no other page may put into a frame.
func denyFraming(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		setSecurityHeaders(c.Response().Header(), "frame-ancestors 'none'")
		c.Response().Header().Set("X-Frame-Options", "DENY")
		return next(c)
	}
}

// allowFraming is for the chat in the widget: any page may frame it. It holds one conversation, whose token
// is not in a cookie and stays in the frame; a click stolen by the framing page reaches no more than
// what its visitor could send.
func allowFraming(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		setSecurityHeaders(c.Response().Header(), "frame-ancestors *")
		c.Response().Header().Del("X-Frame-Options") // a middleware before us may have set it
		return next(c)
	}
}

func setSecurityHeaders(h http.Header, ancestors string) {
	h.Set("Content-Security-Policy", contentPolicy+ancestors)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
}
