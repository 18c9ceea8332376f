package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/yingda/yingda/api"
	"github.com/yingda/yingda/desk"
)

func TestEveryRouteIsDescribed(t *testing.T) {
	s := newSite(t)
	e, d := s.Handler.(*echo.Echo), s.doc
	var routes, described []string
	for _, r := range e.Routes() {
		if r.Method == echo.RouteNotFound {
			continue // a group's own 404
		}
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

// TestResponsesAreAsDescribed asks for all that the description promises, but for what no request
// brings about; site.do compares each answer with it.
func TestResponsesAreAsDescribed(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end() // streams end at once
	s := newSite(t, sampleGuide(t), func(c *api.Config) { c.Stopping, c.Identity = ended, []byte("secret") })
	c, number := s.escalated(t, `{"device":{"contact":"13812345678"}}`)
	fresh := s.open(t, `{}`)
	said := fresh.say(t, "1", "刷卡手续费是多少")
	shot := c.upload(t, http.StatusCreated, form{id: "p", picture: pixels(t, 8, 8)}).Message.Attachments[0].ID
	c.upload(t, http.StatusOK, form{id: "p", picture: pixels(t, 8, 8)})
	_, closed := s.escalated(t, `{}`)
	named := strings.NewReplacer("{c}", c.ID, "{fresh}", fresh.ID, "{entry}", said.Entries[0].ID, "{n}", number, "{shot}", shot, "{closed}", closed,
		"{pushed}", s.pushedTicket(t), "{signature}", signed("secret", "u-17"))
	tokens := map[string]string{"c": c.Token, "fresh": fresh.Token, "viewer": s.keys[desk.RoleViewer], "worker": s.keys[desk.RoleAgent], "admin": s.keys[desk.RoleAdmin], "wrong": "yd_wrong"}
	for _, tt := range slices.Concat(exchanges(), s.doc.strangers()) {
		t.Run(fmt.Sprint(tt.want, " ", tt.call, " ", cut(tt.body)), func(t *testing.T) {
			method, target, _ := strings.Cut(named.Replace(tt.call), " ")
			w := s.send(t, tokens[tt.as], tt.kind, method, target, named.Replace(tt.body))
			if w.Code != tt.want {
				t.Errorf("status %d, want %d: %s", w.Code, tt.want, w.Body)
			}
		})
	}
	for _, path := range []string{"/api/v1/articles", "/api/v1/articles/fee-rate", "/openapi.json"} {
		s.again(t, path)
	}
	for _, promise := range s.doc.promises() {
		if _, seen := s.seen.Load(promise); !seen {
			t.Errorf("nothing was answered with %s", promise)
		}
	}
}

// promises are the answers of every operation that a request can bring about: "GET /healthz 200".
func (d document) promises() []string {
	var out []string
	for path, operations := range d.at(d.root, "paths") {
		for method := range operations.(object) {
			for status := range d.at(operations.(object), method, "responses") {
				if !slices.Contains([]string{"429", "500", "503"}, status) {
					out = append(out, strings.ToUpper(method)+" "+path+" "+status)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestDegradedIsDescribed: what /readyz says when something is wrong.
func TestDegradedIsDescribed(t *testing.T) {
	s := newSite(t, func(c *api.Config) {
		c.Problems = func() []string { return []string{"guide/a.md:1: error: no title"} }
		c.Database = database{errors.New("gone")}
	})
	var ready struct {
		Status, Revision, Database string
		Articles                   int
		Problems                   []string
	}
	read(t, s.do(t, "", http.MethodGet, "/readyz", ""), http.StatusOK, &ready)
	if ready.Status != "degraded" || ready.Database != "down" || len(ready.Problems) != 2 {
		t.Errorf("%+v", ready)
	}
}

// TestSchemasAreClosed: no schema allows a field that it does not name, and only what a client sends
// has fields that may be missing.
func TestSchemasAreClosed(t *testing.T) {
	d := newSite(t).doc
	sent := d.sent()
	for name := range d.at(d.root, "components", "schemas") {
		schema := d.at(d.root, "components", "schemas", name)
		properties := d.at(schema, "properties")
		required := schema["required"].([]any)
		for _, field := range required {
			if properties[field.(string)] == nil {
				t.Errorf("%s requires %v, which it does not name", name, field)
			}
		}
		for field, property := range properties {
			said, _ := property.(object)["description"].(string)
			if !sent[name] && !slices.Contains(required, any(field)) && !strings.Contains(said, "Missing where") {
				t.Errorf("%s.%s: a field of an answer is required, or its description says where it is missing", name, field)
			}
		}
		if schema["additionalProperties"] != false {
			t.Errorf("%s allows other fields", name)
		}
	}
}

// sent are the names of the schemas that request bodies use.
func (d document) sent() map[string]bool {
	out := map[string]bool{}
	var walk func(node any)
	walk = func(node any) {
		switch node := node.(type) {
		case object:
			if target, ok := node["$ref"].(string); ok {
				out[target[strings.LastIndex(target, "/")+1:]] = true
				walk(d.resolve(node))
			}
			for _, child := range node {
				walk(child)
			}
		case []any:
			for _, child := range node {
				walk(child)
			}
		}
	}
	for _, operations := range d.at(d.root, "paths") {
		for method := range operations.(object) {
			walk(d.at(operations.(object), method)["requestBody"])
		}
	}
	return out
}

func TestExamplesAreAsDescribed(t *testing.T) {
	d := newSite(t).doc
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
