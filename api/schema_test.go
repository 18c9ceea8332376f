package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// object is a JSON object.
type object = map[string]any

// document is what /openapi.json says.
type document struct{ root object }

func describe(t testing.TB, h http.Handler) document {
	t.Helper()
	d := document{}
	must(t, json.Unmarshal(get(t, h, "/openapi.json").Body.Bytes(), &d.root))
	return d
}

// pathOf is the path of the description that target is an instance of, one without parameters first; "" for none.
func (d document) pathOf(target string) string {
	target, _, _ = strings.Cut(target, "?")
	if d.at(d.root, "paths")[target] != nil {
		return target
	}
	given := strings.Split(target, "/")
	for path := range d.at(d.root, "paths") {
		if slices.EqualFunc(strings.Split(path, "/"), given, func(want, got string) bool { return want == got || want[:min(1, len(want))] == "{" && got != "" }) {
			return path
		}
	}
	return ""
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

// checkResponse compares one response with what its operation promises.
func (d document) checkResponse(t testing.TB, path, method string, w *httptest.ResponseRecorder) {
	t.Helper()
	body := w.Body.Bytes()
	described := d.at(d.root, "paths", path, strings.ToLower(method), "responses", strconv.Itoa(w.Code))
	if described == nil {
		t.Fatalf("status %d of %s %s is not described", w.Code, method, path)
	}
	kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	media := d.at(described, "content", kind)
	switch {
	case media == nil && (kind != "" || len(body) > 0 || described["content"] != nil):
		t.Fatalf("a body of %q is not described", kind)
	case strings.HasSuffix(kind, "json"):
		var value any
		if err := json.Unmarshal(body, &value); err != nil {
			t.Fatal(err)
		}
		for _, fault := range d.faults(method+" "+path, d.at(media, "schema"), value) {
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
		case "anyOf":
			if !slices.ContainsFunc(limit.([]any), func(one any) bool { return len(d.faults("", one.(object), value)) == 0 }) {
				add("is none of anyOf: %v", value)
			}
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

// objectFaults wants the required properties and no others than the schema's, unless it names none.
func (d document) objectFaults(where string, schema, value object) []string {
	properties := d.at(schema, "properties")
	if properties == nil {
		return nil
	}
	var out []string
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := value[name.(string)]; !ok {
			out = append(out, fmt.Sprint(where, " has no ", name))
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
	case nil:
		return name == "null"
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
