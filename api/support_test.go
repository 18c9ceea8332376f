package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
)

// newGuide is the guide in testdata with its real index and bot.
func newGuide(t testing.TB) api.Guide {
	t.Helper()
	lib, faults, err := kb.Load(os.DirFS("testdata/guide"), content.FS(), nil)
	if err := errors.Join(err, faults.Err()); err != nil {
		t.Fatal(err)
	}
	ix, err := search.New(lib, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return api.Guide{Library: lib, Searcher: ix, Bot: bot.New(lib, ix, bot.DefaultPolicy(), time.Now)}
}

// routes serves a guide; problems are what keeps a newer one from being served.
func routes(g api.Guide, log io.Writer, problems ...string) http.Handler {
	return api.New(api.Config{
		Guide:    func() api.Guide { return g },
		Problems: func() []string { return problems },
		Log:      slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Registry: prometheus.NewRegistry(),
		Database: database{},
	})
}

// database is one that answers its pings with an error, nil for well.
type database struct{ err error }

func (d database) Ping(context.Context) error { return d.err }

// call makes a request; kind is its content type, "" for none.
func call(t testing.TB, h http.Handler, method, path, kind, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(t testing.TB, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	return call(t, h, http.MethodGet, path, "", "")
}

func post(t testing.TB, h http.Handler, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	return call(t, h, http.MethodPost, path, echo.MIMEApplicationJSON, body)
}

// decode reads a JSON answer that has the fields of T and no others.
func decode[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// problem is RFC 9457's JSON, as promised to clients.
type problem struct {
	Type, Title, Detail string
	Status              int
}

// wantProblem checks that w is an error in the one form that all errors have.
func wantProblem(t testing.TB, w *httptest.ResponseRecorder, status int) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("status %d: %v in %q", w.Code, err, w.Body)
	}
	if kind := w.Header().Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("content type %q, want application/problem+json", kind)
	}
	if w.Code != status || p.Status != status {
		t.Errorf("status %d, in the body %d, want %d: %s", w.Code, p.Status, status, p.Detail)
	}
	if p.Type != "about:blank" || p.Title != http.StatusText(status) {
		t.Errorf("type %q and title %q, want about:blank and %q", p.Type, p.Title, http.StatusText(status))
	}
	if !strings.ContainsFunc(p.Detail, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		t.Errorf("detail %q is not Chinese", p.Detail)
	}
	wantSecure(t, w)
	return p
}

func wantSecure(t testing.TB, w *httptest.ResponseRecorder) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "no-referrer",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		"Cache-Control":           "no-store",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func cut(s string) string { return string([]rune(s)[:min(20, len([]rune(s)))]) }
