package node

import (
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// ask answers one request.
func ask(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	r.Header.Set("Accept", "text/html,*/*")
	h.ServeHTTP(w, r)
	return w
}

// TestBaseOfRoutes: below a path every route answers as it does at the root, and nothing answers beside it.
func TestBaseOfRoutes(t *testing.T) {
	root, below := open(t, Config{}).handler(t.Context()), open(t, Config{Base: "/kefu"}).handler(t.Context())
	sample := strings.NewReplacer(":channel", "telegram", ":account", "default", "/guide/:id", "/guide/fee-rate", "/articles/:id", "/articles/fee-rate", ":name", "ui.js")
	seen := 0
	for _, r := range root.(*echo.Echo).Routes() {
		if r.Method == echo.RouteNotFound {
			continue // a group's own 404
		}
		seen++
		at := sample.Replace(r.Path)
		want, got := ask(t, root, r.Method, at), ask(t, below, r.Method, "/kefu"+at)
		if got.Code != want.Code {
			t.Errorf("%s /kefu%s: %d, at the root %d", r.Method, at, got.Code, want.Code)
		}
		if beside := ask(t, below, r.Method, at); beside.Code != http.StatusNotFound {
			t.Errorf("%s %s beside the path: %d", r.Method, at, beside.Code)
		}
	}
	if seen < 30 {
		t.Errorf("%d routes were tried: that proves nothing", seen)
	}
	if w := ask(t, below, http.MethodGet, "/kefu"); w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != "/kefu/" {
		t.Errorf("/kefu: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := ask(t, below, http.MethodGet, "/kefuguide"); w.Code != http.StatusNotFound {
		t.Errorf("/kefuguide: %d", w.Code)
	}
	if described := ask(t, below, http.MethodGet, "/kefu/openapi.json").Body.String(); !strings.Contains(described, `"url": "/kefu"`) {
		t.Error("the description does not say where the routes are")
	}
}

// TestBaseOfLinks follows every link of every page, script and style sheet below a path: none leads beside it.
func TestBaseOfLinks(t *testing.T) {
	h := open(t, Config{Base: "/kefu"}).handler(t.Context())
	link := regexp.MustCompile(`(?:href|src)="([^"]*)"|from '([^']+)'|url\("([^"]+)"\)`)
	queue := []string{"/kefu/", "/kefu/chat", "/kefu/lookup", "/kefu/guide", "/kefu/guide/nowhere", "/kefu/widget.js"}
	seen := map[string]bool{}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		file, _, _ := strings.Cut(at, "?") // without its version
		seen[file] = true
		w := ask(t, h, http.MethodGet, at)
		if w.Code != http.StatusOK && at != "/kefu/guide/nowhere" {
			t.Errorf("%s: %d", at, w.Code)
		}
		for _, m := range link.FindAllStringSubmatch(w.Body.String(), -1) {
			to, _, _ := strings.Cut(m[1]+m[2]+m[3], "#")
			switch {
			case to == "" || strings.Contains(to, ":"):
				continue // within the page, or data
			case !strings.HasPrefix(to, "/"):
				to = path.Join(path.Dir(at), to)
			case !strings.HasPrefix(to, "/kefu/"):
				t.Errorf("%s links to %s", at, to)
				continue
			}
			queue = append(queue, to)
		}
	}
	for _, want := range []string{"/kefu/guide/fee-rate", "/kefu/static/ui.js", "/kefu/static/icon.svg"} {
		if !seen[want] {
			t.Errorf("%s was not followed: that proves nothing", want)
		}
	}
	for _, script := range []string{"chat.js", "view.js", "conversation.js", "lookup.js", "guide.js", "widget.js"} {
		body := ask(t, h, http.MethodGet, "/kefu/static/"+script).Body.String()
		if hit := regexp.MustCompile("['`\"](/(?:api|guide|chat|static|lookup|\\?)[^'`\"]*)").FindString(body); hit != "" {
			t.Errorf("%s has the address %s, which does not begin with BASE", script, hit)
		}
	}
}
