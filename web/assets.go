package web

import (
	"bytes"
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/prepared"
)

//go:embed static templates
var embedded embed.FS

// asset is one static file as it is served.
type asset struct {
	*prepared.Response
	uses []string // names of the assets that it loads itself: a script's modules, a style sheet's pictures
}

// assets are all static files by name.
type assets map[string]asset

func newAssets() assets {
	files, err := fs.ReadDir(embedded, "static")
	if err != nil {
		panic(err) // the directory is embedded: it cannot be missing
	}
	all := assets{}
	for _, f := range files {
		all.add(f.Name())
	}
	return all
}

// How one asset names another that lies beside it.
var (
	moduleReference  = regexp.MustCompile(`from '\./[a-z]+\.js`)
	pictureReference = regexp.MustCompile(`url\("[a-z]+\.svg`)
)

// add prepares a file and, first, those that it uses: in it they get their versions, so that a browser keeps each
// for ever and never joins the files of two versions. Files must not use each other in a circle.
func (as assets) add(name string) asset {
	if a, done := as[name]; done {
		return a
	}
	body, err := fs.ReadFile(embedded, "static/"+name)
	if err != nil {
		panic(err) // it is listed, or a file of ours names one that we do not have
	}
	var uses []string
	withVersion := func(reference []byte) []byte {
		used := string(reference[bytes.LastIndexAny(reference, `/"`)+1:])
		uses = append(uses, used)
		return slices.Concat(reference, []byte("?v="+as.add(used).Hash()))
	}
	switch path.Ext(name) {
	case ".js":
		body = moduleReference.ReplaceAllFunc(body, withVersion)
	case ".css":
		body = pictureReference.ReplaceAllFunc(body, withVersion)
	}
	a := asset{prepared.New(contentType(name), body), uses}
	as[name] = a
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

// url is the immutable address of a static file.
func (as assets) url(name string) string {
	return "/static/" + name + "?v=" + as[name].Hash()
}

// modules are the names of all modules that a script loads, itself not among them, each once.
func (as assets) modules(script string) []string {
	var out []string
	var follow func(name string)
	follow = func(name string) {
		for _, used := range as[name].uses {
			if !slices.Contains(out, used) {
				out = append(out, used)
				follow(used)
			}
		}
	}
	follow(script)
	return out
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
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin") // the widget's script is for other sites
		h.Set("Content-Security-Policy", "default-src 'none'")
		h.Set("Cache-Control", a.cacheControl(c.QueryParam("v")))
		return a.Serve(c.Response(), c.Request())
	}
}

// cacheControl is the Cache-Control for a request with that ?v=: for ever if the version is ours, so
// that an address of another version never pins this one's bytes.
func (a asset) cacheControl(version string) string {
	if version == a.Hash() {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}
