package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/bot"
	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/kb"
)

const (
	feeRate = `---
title: 手续费是多少
category: fees
asks: [费率几个点]
collect: [merchant_no, amount]
escalate: always
related: [fee-late]
valid_from: 2026-11-23
valid_until: 2027-11-23
reviewed: 2026-11-23
sources: [行业通行做法，未核实]
---

以合同为准。
`
	feeLate = `---
title: 钱没到账怎么办
category: fees
---

先看结算周期。
`
	codes = `- {code: "51", title: 资金不足, owner: 持卡人, retry: "no", class: C, text: 余额不足。, sources: [S1]}`
)

// finder finds every article for every question but two: it fails on "fail" and finds nothing for
// "nothing". It is as sure of the first as the question says after "sure ".
type finder struct{ lib *kb.Library }

func (f finder) Search(_ context.Context, q kb.Query) (kb.Result, error) {
	if q.Text == "fail" {
		return kb.Result{}, errors.New("the index failed")
	}
	r := kb.Result{Text: q.Text}
	if q.Text == "nothing" {
		return r, nil
	}
	if sure, ok := strings.CutPrefix(q.Text, "sure "); ok {
		r.Confidence, _ = strconv.ParseFloat(sure, 64)
	}
	for _, a := range f.lib.Articles {
		r.Hits = append(r.Hits, kb.Hit{ID: a.ID, Title: a.Title, Score: 0.5})
	}
	return r, nil
}

// newServer serves a guide of two articles and one response code.
func newServer(t *testing.T, problems ...string) *echo.Echo {
	t.Helper()
	lib, faults, err := kb.Load(fstest.MapFS{
		"guide/fees/fee-rate.md": {Data: []byte(feeRate)},
		"guide/fees/fee-late.md": {Data: []byte(feeLate)},
		"codes.yaml":             {Data: []byte(codes)},
	}, content.FS(), nil)
	if err := errors.Join(err, faults.Err()); err != nil {
		t.Fatal(err)
	}
	find := finder{lib}
	guide := api.Guide{Library: lib, Searcher: find, Bot: bot.New(lib, find, bot.DefaultPolicy(), time.Now)}
	return api.New(api.Config{
		Guide:    func() api.Guide { return guide },
		Problems: func() []string { return problems },
		Log:      slog.New(slog.DiscardHandler),
		Registry: prometheus.NewRegistry(),
	})
}

// object is a JSON object.
type object = map[string]any

// document is what /openapi.json says.
type document struct{ root object }

func describe(t *testing.T, e *echo.Echo) document {
	t.Helper()
	d := document{}
	rec := send(t, e, request{method: http.MethodGet, target: "/openapi.json"})
	if err := json.Unmarshal(rec.Body.Bytes(), &d.root); err != nil {
		t.Fatal(err)
	}
	return d
}

// at walks down to the object under those keys, following references; nil when there is none.
func (d document) at(from object, keys ...string) object {
	for _, key := range keys {
		from, _ = d.resolve(from)[key].(object)
	}
	return d.resolve(from)
}

func (d document) resolve(o object) object {
	target, ok := o["$ref"].(string)
	if !ok {
		return o
	}
	return d.at(d.root, strings.Split(strings.TrimPrefix(target, "#/"), "/")...)
}

func TestEveryRouteIsDescribed(t *testing.T) {
	e := newServer(t)
	d := describe(t, e)
	var routes, described []string
	for _, r := range e.Routes() {
		routes = append(routes, r.Method+" "+regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}"))
	}
	for path, operations := range d.at(d.root, "paths") {
		for method := range operations.(object) {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(routes)
	slices.Sort(described)
	if !slices.Equal(routes, described) {
		t.Errorf("routes\n  %s\ndescribed\n  %s", strings.Join(routes, "\n  "), strings.Join(described, "\n  "))
	}
}

// request is one request; an empty kind sends no Content-Type.
type request struct{ method, target, kind, body string }

func send(t *testing.T, e *echo.Echo, r request) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), r.method, r.target, strings.NewReader(r.body))
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, req)
	return rec
}

func TestResponsesAreAsDescribed(t *testing.T) {
	const kind = "application/json"
	for _, c := range []struct {
		path string // in the description
		request
		want int
	}{
		{"/api/v1/ask", request{"POST", "/api/v1/ask", kind, `{"question":"sure 0.9"}`}, 200},
		{"/api/v1/ask", request{"POST", "/api/v1/ask", kind, `{"question":"sure 0.5"}`}, 200},
		{"/api/v1/ask", request{"POST", "/api/v1/ask", kind, `{"question":"sure 0.2"}`}, 200},
		{"/api/v1/ask", request{"POST", "/api/v1/ask", kind, `{"question":"nothing"}`}, 200},
		{"/api/v1/ask", request{"POST", "/api/v1/ask", kind, `{"question":"转人工"}`}, 200},
		{"/api/v1/ask", request{"POST", "/api/v1/ask", kind, `{"question":" "}`}, 400},
		{"/api/v1/ask", request{"POST", "/api/v1/ask", kind, `{"question":"` + strings.Repeat("长", 1<<15) + `"}`}, 413},
		{"/api/v1/ask", request{"POST", "/api/v1/ask", "text/plain", `{"question":"手续费"}`}, 415},
		{"/api/v1/ask", request{"POST", "/api/v1/ask", kind, `{"question":"fail"}`}, 500},
		{"/api/v1/feedback", request{"POST", "/api/v1/feedback", kind, `{"article":"fee-rate","helpful":true}`}, 204},
		{"/api/v1/feedback", request{"POST", "/api/v1/feedback", kind, `{"article":"fee-rate"}`}, 400},
		{"/api/v1/feedback", request{"POST", "/api/v1/feedback", kind, `{"article":"none","helpful":true}`}, 404},
		{"/api/v1/feedback", request{"POST", "/api/v1/feedback", "", `{}`}, 415},
		{"/api/v1/articles", request{method: "GET", target: "/api/v1/articles"}, 200},
		{"/api/v1/articles/{id}", request{method: "GET", target: "/api/v1/articles/fee-rate"}, 200},
		{"/api/v1/articles/{id}", request{method: "GET", target: "/api/v1/articles/fee-late"}, 200},
		{"/api/v1/articles/{id}", request{method: "GET", target: "/api/v1/articles/none"}, 404},
		{"/api/v1/search", request{method: "GET", target: "/api/v1/search"}, 200},
		{"/api/v1/search", request{method: "GET", target: "/api/v1/search?q=51"}, 200},
		{"/api/v1/search", request{method: "GET", target: "/api/v1/search?q=nothing&limit=50"}, 200},
		{"/api/v1/search", request{method: "GET", target: "/api/v1/search?q=51&limit=51"}, 400},
		{"/api/v1/search", request{method: "GET", target: "/api/v1/search?q=fail"}, 500},
		{"/healthz", request{method: "GET", target: "/healthz"}, 200},
		{"/readyz", request{method: "GET", target: "/readyz"}, 200},
		{"/metrics", request{method: "GET", target: "/metrics"}, 200},
		{"/openapi.json", request{method: "GET", target: "/openapi.json"}, 200},
	} {
		t.Run(fmt.Sprint(c.want, " ", c.method, " ", c.target), func(t *testing.T) {
			e := newServer(t)
			rec := send(t, e, c.request)
			if rec.Code != c.want {
				t.Fatalf("got %d, want %d: %s", rec.Code, c.want, rec.Body)
			}
			describe(t, e).checkResponse(t, c.path, c.method, rec.Result())
		})
	}
	t.Run("degraded", func(t *testing.T) {
		e := newServer(t, "guide/a.md:1: error: no title")
		rec := send(t, e, request{method: "GET", target: "/readyz"})
		describe(t, e).checkResponse(t, "/readyz", "GET", rec.Result())
	})
}

// checkResponse compares one response with what its operation promises.
func (d document) checkResponse(t *testing.T, path, method string, res *http.Response) {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	described := d.at(d.root, "paths", path, strings.ToLower(method), "responses", strconv.Itoa(res.StatusCode))
	if described == nil {
		t.Fatalf("status %d is not described", res.StatusCode)
	}
	kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	media := d.at(described, "content", kind)
	switch {
	case media == nil && (kind != "" || len(body) > 0 || described["content"] != nil):
		t.Fatalf("a body of %q is not described", kind)
	case strings.HasSuffix(kind, "json"):
		var value any
		if err := json.Unmarshal(body, &value); err != nil {
			t.Fatal(err)
		}
		for _, fault := range d.faults("body", d.at(media, "schema"), value) {
			t.Error(fault)
		}
	}
}

// faults says where value is not as schema wants it. It knows the keywords that we use, and
// calls every other one a fault.
func (d document) faults(where string, schema object, value any) []string {
	schema = d.resolve(schema)
	var out []string
	add := func(format string, args ...any) { out = append(out, where+" "+fmt.Sprintf(format, args...)) }
	for keyword, limit := range schema {
		switch keyword {
		case "description", "items", "properties", "additionalProperties", "required", "default": // said elsewhere
		case "type":
			if !isType(value, limit.(string)) {
				add("is no %s: %v", limit, value)
			}
		case "enum":
			if !slices.Contains(limit.([]any), value) {
				add("is none of %v: %v", limit, value)
			}
		case "pattern":
			if text, _ := value.(string); !regexp.MustCompile(limit.(string)).MatchString(text) {
				add("does not match %s: %v", limit, value)
			}
		case "minimum", "minLength":
			if size(value) < limit.(float64) {
				add("is below %v: %v", limit, value)
			}
		case "maximum", "maxLength", "maxItems":
			if size(value) > limit.(float64) {
				add("is above %v: %v", limit, value)
			}
		default:
			add("has a schema with %q, which this test does not know", keyword)
		}
	}
	switch v := value.(type) {
	case object:
		out = append(out, d.objectFaults(where, schema, v)...)
	case []any:
		for i, item := range v {
			out = append(out, d.faults(fmt.Sprintf("%s[%d]", where, i), d.at(schema, "items"), item)...)
		}
	}
	return out
}

// objectFaults wants exactly the properties of the schema, unless it names none.
func (d document) objectFaults(where string, schema, value object) []string {
	properties := d.at(schema, "properties")
	if properties == nil {
		return nil
	}
	var out []string
	for name := range properties {
		if _, ok := value[name]; !ok {
			out = append(out, where+" has no "+name)
		}
	}
	for name, v := range value {
		if properties[name] == nil {
			out = append(out, where+" has "+name+", which is not described")
			continue
		}
		out = append(out, d.faults(where+"."+name, d.at(properties, name), v)...)
	}
	return out
}

func isType(value any, name string) bool {
	switch v := value.(type) {
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && v == float64(int(v))
	case []any:
		return name == "array"
	case object:
		return name == "object"
	}
	return false
}

// size is what a value's limits count: a number itself, a text's characters, a list's items.
func size(value any) float64 {
	switch v := value.(type) {
	case float64:
		return v
	case string:
		return float64(len([]rune(v)))
	case []any:
		return float64(len(v))
	}
	return 0
}

func TestSchemasAreClosed(t *testing.T) {
	d := describe(t, newServer(t))
	for name := range d.at(d.root, "components", "schemas") {
		schema := d.at(d.root, "components", "schemas", name)
		want := slices.Sorted(maps.Keys(d.at(schema, "properties")))
		var got []string
		for _, field := range schema["required"].([]any) {
			got = append(got, field.(string))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || schema["additionalProperties"] != false {
			t.Errorf("%s: every field must be required and no other allowed", name)
		}
	}
}

func TestExamplesAreAsDescribed(t *testing.T) {
	d := describe(t, newServer(t))
	var seen int
	var walk func(where string, node any)
	walk = func(where string, node any) {
		o, ok := node.(object)
		if !ok {
			return
		}
		if target, ok := o["$ref"].(string); ok {
			if d.resolve(o) == nil {
				t.Errorf("%s: %s leads nowhere", where, target)
			}
			return
		}
		check := func(value any) {
			seen++
			for _, fault := range d.faults(where, d.at(o, "schema"), value) {
				t.Error(fault)
			}
		}
		if value, ok := o["example"]; ok {
			check(value)
		}
		for name := range d.at(o, "examples") {
			check(d.at(o, "examples", name)["value"])
		}
		for key, child := range o {
			if key != "examples" && key != "example" {
				walk(where+"/"+key, child)
			}
		}
	}
	walk("", d.root)
	if seen == 0 {
		t.Error("no example was found")
	}
}
