package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

//go:embed static templates
var embedded embed.FS

// asset is one static file, compressed and hashed once.
type asset struct {
	mimeType string // Content-Type
	hash     string // of the plain bytes; the ?v= that makes its address immutable
	plain    []byte
	gzipped  []byte // nil where compression gains nothing
}

// assets are all static files by name.
type assets map[string]*asset

func newAssets() assets {
	files, err := fs.ReadDir(embedded, "static")
	if err != nil {
		panic(err) // the directory is embedded: it cannot be missing
	}
	all := assets{}
	for _, f := range files {
		raw, err := fs.ReadFile(embedded, "static/"+f.Name())
		if err != nil {
			panic(err)
		}
		all[f.Name()] = newAsset(f.Name(), raw)
	}
	return all
}

func newAsset(name string, raw []byte) *asset {
	sum := sha256.Sum256(raw)
	a := &asset{mimeType: contentType(name), hash: hex.EncodeToString(sum[:8]), plain: raw}
	if gz := gzipBytes(raw); len(gz) < len(raw) {
		a.gzipped = gz
	}
	return a
}

// contentType knows the few kinds that we ship; the machine's own table is asked only for others,
// because it differs from host to host.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

func gzipBytes(raw []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, _ = w.Write(raw)                                   // a bytes.Buffer never fails
	_ = w.Close()
	return b.Bytes()
}

// url is the immutable address of a static file.
func (as assets) url(name string) string {
	return "/static/" + name + "?v=" + as[name].hash
}

// serveNamed serves the file that the route's :name says.
func (as assets) serveNamed(c echo.Context) error {
	if _, ok := as[c.Param("name")]; !ok {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	return as.serve(c.Param("name"))(c)
}

// serve serves one static file.
func (as assets) serve(name string) echo.HandlerFunc {
	a := as[name]
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Vary", "Accept-Encoding")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin") // the widget's script is for other sites
		h.Set("Content-Security-Policy", "default-src 'none'")
		h.Set("Cache-Control", a.cacheControl(c.QueryParam("v")))

		body, tag := a.plain, `"`+a.hash+`"`
		if a.gzipped != nil && acceptsGzip(c.Request().Header.Get("Accept-Encoding")) {
			body, tag = a.gzipped, `"`+a.hash+`-gz"`
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("ETag", tag)
		if matchesETag(c.Request().Header.Get("If-None-Match"), tag) {
			h.Del("Content-Encoding")
			return c.NoContent(http.StatusNotModified)
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		return c.Blob(http.StatusOK, a.mimeType, body)
	}
}

// cacheControl is the Cache-Control for a request with that ?v=: for ever if the version is ours, so
// that an address of another version never pins this one's bytes.
func (a *asset) cacheControl(version string) string {
	if version == a.hash {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// acceptsGzip tells whether an Accept-Encoding header allows gzip: named, or by "*", with q above 0.
func acceptsGzip(header string) bool {
	star := false
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		ok := true
		if q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); found {
			f, err := strconv.ParseFloat(q, 64)
			ok = err == nil && f > 0
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			return ok
		case "*":
			star = ok
		}
	}
	return star
}

// matchesETag tells whether an If-None-Match header names the tag (weak comparison, as for GET).
func matchesETag(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimSpace(part)
		if part == "*" || strings.TrimPrefix(part, "W/") == tag {
			return true
		}
	}
	return false
}
