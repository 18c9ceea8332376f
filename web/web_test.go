package web

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

const phrases = `
categories:
  - {id: fees, name: 费用与到账, quick: [fee-rate, no-such-article]}
  - {id: empty, name: 空的, quick: []}
say:
  {greet: 您好, thanks: 谢, bye: 再见, empty: 空, idle: 闲, program: 程序, clarify: 哪个, decline: 不知道, decline_near: 近的,
   escalate: 转, answer_human: 人, unknown_code: "{code}", expired: "{date}", human: 转人工}
intents: {}
`

const codes = `
- {code: "51", title: 资金不足, owner: 持卡人, retry: "no", class: C, text: 余额不足。, sources: [S1]}
`

const feeRate = `---
title: 手续费是多少<script>alert(1)</script>
category: fees
asks: ["费率几个点\"><img src=x onerror=alert(2)>"]
collect: []
escalate: offer
related: [fee-late, no-such-article]
valid_until: 2026-12-01
reviewed: 2026-11-23
sources: [行业通行做法，未核实]
---

看合同。<b>粗</b>

## 怎么做
1. 看[到账](fee-late)。
`

const feeLate = `---
title: 多久到账
category: fees
asks: []
collect: []
escalate: never
related: [fee-rate]
reviewed: 2026-11-23
---

看结算周期。
`

const stray = `---
title: 没有归类的问题
category: strays
asks: []
collect: []
escalate: never
---

也要找得到。
`

// library is a small guide with hostile titles.
func library(t *testing.T) *kb.Library {
	t.Helper()
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	l, _, err := kb.Load(fstest.MapFS{
		"phrases.yaml":            file(phrases),
		"codes.yaml":              file(codes),
		"guide/fees/fee-rate.md":  file(feeRate),
		"guide/fees/fee-late.md":  file(feeLate),
		"guide/strays/a-stray.md": file(stray),
	}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Articles) != 3 {
		t.Fatalf("%d articles were read, want 3", len(l.Articles))
	}
	return l
}

// serve returns a server with the pages of the small guide.
func serve(t *testing.T) *echo.Echo {
	t.Helper()
	l := library(t)
	e := echo.New()
	Register(e, "", func() *kb.Library { return l })
	return e
}

func get(t *testing.T, h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	return do(t, h, http.MethodGet, path, header...)
}

// do sends a request; header holds names and values in turn.
func do(t *testing.T, h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPages(t *testing.T) {
	e := serve(t)
	for _, tt := range []struct {
		path   string
		accept string
		status int
		has    []string
	}{
		{"/", "text/html", 200, []string{"不是任何支付机构的官方客服", `role="log"`, `data-limit="1000"`, "您好", `data-human="转人工"`, `lang="zh-CN"`, "没有归类的问题"}},
		{"/chat", "text/html", 200, []string{`data-framed="true"`, `id="close"`, `target="_blank"`}},
		{"/guide", "text/html", 200, []string{`href="/guide/fee-rate"`, `id="fees"`, `id="strays"`, "3 个常见问题"}},
		{"/guide/", "text/html", 200, []string{`href="/guide/fee-rate"`}},
		{"/guide/fee-rate", "text/html", 200, []string{"看合同", `<a href="/guide/fee-late">到账</a>`, "审阅于", "有效至", "行业通行做法，未核实", "多久到账"}},
		{"/guide/no-such-article", "text/html,*/*", 404, []string{"没有找到这一页", "费用与到账"}},
		{"/guide/a/b", "text/html", 404, []string{"没有找到这一页"}},
		{"/guide/no-such-article", "application/json", 404, []string{"Not Found"}},
		{"/lookup", "text/html", 200, []string{`role="combobox"`, `role="listbox"`, `id="c-51"`, "不要重试", `data-text="看结算周期。"`}},
		{"/widget.js", "*/*", 200, []string{"yingda-launcher", "}chat`"}},
		{"/static/no-such-file.js", "*/*", 404, nil},
		{"/static/..%2ftemplates%2fchat.html", "*/*", 404, nil},
	} {
		t.Run(tt.path, func(t *testing.T) {
			w := get(t, e, tt.path, "Accept", tt.accept)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			for _, part := range tt.has {
				if !strings.Contains(w.Body.String(), part) {
					t.Errorf("%s is not in\n%s", part, w.Body)
				}
			}
			if head := do(t, e, http.MethodHead, tt.path, "Accept", tt.accept); head.Code != tt.status {
				t.Errorf("HEAD: status %d, want %d", head.Code, tt.status)
			}
		})
	}
}

// What an editor writes never becomes markup, wherever a page shows it.
func TestPagesEscape(t *testing.T) {
	e := serve(t)
	for _, path := range []string{"/", "/chat", "/guide", "/guide/fee-rate", "/guide/fee-late", "/lookup"} {
		body := get(t, e, path, "Accept", "text/html").Body.String()
		for _, bad := range []string{"<script>", "<img src=x", "<b>粗"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s contains %s", path, bad)
			}
		}
		if !strings.Contains(body, "手续费是多少&lt;script&gt;") {
			t.Errorf("%s does not show the title as text", path)
		}
	}
}

// Only /chat may be framed, and no page allows inline script, inline style or another host.
func TestPagesHeaders(t *testing.T) {
	e := serve(t)
	for path, ancestors := range map[string]string{
		"/": "'none'", "/guide": "'none'", "/guide/": "'none'", "/guide/fee-rate": "'none'", "/guide/nope": "'none'", "/lookup": "'none'", "/chat": "*",
	} {
		w := get(t, e, path, "Accept", "text/html")
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.HasSuffix(csp, "; frame-ancestors "+ancestors) {
			t.Errorf("%s: Content-Security-Policy %q, want frame-ancestors %s", path, csp, ancestors)
		}
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "form-action 'none'"} {
			if !strings.Contains(csp, want+";") {
				t.Errorf("%s: %q is not in Content-Security-Policy %q", path, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: unsafe in Content-Security-Policy %q", path, csp)
		}
		if denied := w.Header().Get("X-Frame-Options") == "DENY"; denied == (ancestors == "*") {
			t.Errorf("%s: X-Frame-Options %q", path, w.Header().Get("X-Frame-Options"))
		}
		if got := w.Header().Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
		body := w.Body.String()
		for _, bad := range []string{" style=", "<style", " onclick=", "http://", "https://"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s contains %q", path, bad)
			}
		}
	}
}

func TestArticleValidity(t *testing.T) {
	l := library(t)
	p := newPages(func() *kb.Library { return l }, "", newAssets())
	e := echo.New()
	e.GET("/guide/:id", p.guideArticle)
	for day, expired := range map[string]bool{"2026-11-30": false, "2026-12-01": false, "2026-12-02": true} {
		p.now = at(t, day)
		body := get(t, e, "/guide/fee-rate").Body.String()
		if got := strings.Contains(body, "可能已过时"); got != expired {
			t.Errorf("on %s: expired %t, want %t", day, got, expired)
		}
	}
}

// A page is made once an edition: another revision of the guide makes it anew, the same one does not.
func TestPagesAreKept(t *testing.T) {
	l := library(t)
	e := echo.New()
	Register(e, "", func() *kb.Library { return l })
	titled := func(title, revision string) {
		articles := slices.Clone(l.Articles)
		for i := range articles {
			articles[i].Title = title
		}
		l = kb.NewLibrary(articles, revision)
	}
	for _, path := range []string{"/", "/chat", "/guide", "/guide/fee-late", "/lookup"} {
		titled("旧题", "1")
		before := get(t, e, path)
		titled("新题", "1")
		if kept := get(t, e, path); kept.Body.String() != before.Body.String() || !strings.Contains(kept.Body.String(), "旧题") {
			t.Errorf("%s: made twice of one revision", path)
		}
		titled("新题", "2")
		after := get(t, e, path, "If-None-Match", before.Header().Get("ETag"))
		if after.Code != http.StatusOK || !strings.Contains(after.Body.String(), "新题") || strings.Contains(after.Body.String(), "旧题") {
			t.Errorf("%s: status %d, or not of the new revision", path, after.Code)
		}
	}
}

// Pages come compressed, and not at all to whoever has them; their policies come all the same.
func TestPagesAreConditional(t *testing.T) {
	e := serve(t)
	for _, path := range []string{"/", "/chat", "/guide", "/guide/fee-rate", "/lookup"} {
		first := get(t, e, path, "Accept-Encoding", "gzip")
		again := get(t, e, path, "Accept-Encoding", "gzip", "If-None-Match", first.Header().Get("ETag"))
		if first.Header().Get("Content-Encoding") != "gzip" || again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s: Content-Encoding %q, then status %d with %d bytes", path, first.Header().Get("Content-Encoding"), again.Code, again.Body.Len())
		}
		for _, name := range []string{"Content-Security-Policy", "Cache-Control", "Vary", "ETag", "X-Frame-Options", "Referrer-Policy"} {
			if first.Header().Get(name) != again.Header().Get(name) {
				t.Errorf("%s: %s %q, then %q", path, name, first.Header().Get(name), again.Header().Get(name))
			}
		}
		if strings.Contains(first.Header().Get("ETag"), `W/`) || first.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", path, first.Header())
		}
	}
	missing := get(t, e, "/guide/nope", "Accept", "text/html", "If-None-Match", "*")
	if missing.Code != http.StatusNotFound || missing.Header().Get("ETag") != "" || missing.Body.Len() == 0 {
		t.Errorf("no such page: status %d, %d bytes, %v", missing.Code, missing.Body.Len(), missing.Header())
	}
}

// A view of a page that is kept renders and compresses nothing.
func TestViewsAreCheap(t *testing.T) {
	e := serve(t)
	for _, path := range []string{"/", "/chat", "/guide", "/guide/fee-rate", "/lookup"} {
		const most = 100 // to render one takes thousands; the race detector adds some
		if got := testing.AllocsPerRun(20, func() { get(t, e, path, "Accept-Encoding", "gzip") }); got > most {
			t.Errorf("%s: a view takes %.0f allocations, want %d at most", path, got, most)
		}
	}
}

// The bundled guide's index names every question, and none of the other ways to ask it, which would make it ten times larger.
func TestIndexIsSmall(t *testing.T) {
	l, _, err := kb.Load(content.FS(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	Register(e, "", func() *kb.Library { return l })
	const most = 20_000
	if got := get(t, e, "/guide", "Accept-Encoding", "gzip").Body.Len(); got > most {
		t.Errorf("/guide has %d bytes, want %d at most", got, most)
	}
	body := get(t, e, "/guide").Body.String()
	for _, a := range l.Articles {
		if !strings.Contains(body, `href="/guide/`+a.ID+`"`) {
			t.Errorf("/guide does not list %s", a.ID)
		}
	}
}
