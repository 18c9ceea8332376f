package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "gzip; q=0": false, "gzip;q=0.000": false,
		"*": true, "*;q=0": false, "*, gzip;q=0": false, "identity": false, "x-gzip-not": false, "gzip;q=bad": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("acceptsGzip(%q) = %t", header, got)
		}
	}
}

func TestMatches(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, `"a"`: true, `W/"a"`: true, `"b", "a"`: true, `*`: true, `"b"`: false, `a`: false,
	} {
		if got := matchesETag(header, `"a"`); got != want {
			t.Errorf("matches(%q) = %t", header, got)
		}
	}
}

func TestAssetEncoding(t *testing.T) {
	e := serve(t)
	plain := get(t, e, "/static/chat.css")
	zipped := get(t, e, "/static/chat.css", "Accept-Encoding", "gzip, br")
	if got := plain.Header().Get("Content-Encoding"); got != "" {
		t.Errorf("not asked for, yet encoded as %q", got)
	}
	if got := zipped.Header().Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("Content-Encoding %q, want gzip", got)
	}
	r, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(unzipped, plain.Body.Bytes()) {
		t.Error("the gzipped file differs from the plain one")
	}
	if plain.Header().Get("ETag") == zipped.Header().Get("ETag") {
		t.Error("two encodings share one strong ETag")
	}
	for _, w := range []http.Header{plain.Header(), zipped.Header()} {
		if w.Get("Vary") != "Accept-Encoding" || w.Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("headers %v", w)
		}
	}
}

func TestAssetNotModified(t *testing.T) {
	e := serve(t)
	for _, encoding := range []string{"identity", "gzip"} {
		tag := get(t, e, "/static/chat.js", "Accept-Encoding", encoding).Header().Get("ETag")
		w := get(t, e, "/static/chat.js", "Accept-Encoding", encoding, "If-None-Match", tag)
		if w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("ETag") != tag {
			t.Errorf("%s: status %d, %d bytes, ETag %q", encoding, w.Code, w.Body.Len(), w.Header().Get("ETag"))
		}
	}
}

func TestAssetCaching(t *testing.T) {
	e := serve(t)
	for path, immutable := range map[string]bool{
		newAssets().url("chat.js"):     true,
		"/static/chat.js?v=0123456789": false, // another version's address must not pin this one
		"/static/chat.js":              false,
		"/widget.js":                   false,
	} {
		got := get(t, e, path).Header().Get("Cache-Control")
		if strings.Contains(got, "immutable") != immutable {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
	}
}

// The scripts keep to what the content security policy allows, and to our own origin.
func TestScriptsAreStrict(t *testing.T) {
	banned := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://`)
	storage := regexp.MustCompile(`localStorage|sessionStorage`)
	allowed := regexp.MustCompile(`http://www\.w3\.org/\S+|https://…`)
	files, err := fs.Glob(embedded, "static/*.js")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, name := range files {
		source, err := fs.ReadFile(embedded, name)
		if err != nil {
			t.Fatal(err)
		}
		if hit := banned.Find(allowed.ReplaceAll(source, nil)); hit != nil {
			t.Errorf("%s uses %s", name, hit)
		}
		if hit := storage.Find(source); hit != nil && name != "static/memory.js" {
			t.Errorf("%s uses %s, which is memory.js's", name, hit)
		}
	}
}

// Served below a path, whatever a script opens, asks for or links to stands below it: an address begins with BASE.
func TestScriptsStayBelowBase(t *testing.T) {
	address := regexp.MustCompile(`(?:\b(?:open|fetch|request|URL)\(|\b(?:href|src)\s*[:=])\s*(?:'/|"/|` + "`" + `/)`)
	files, err := fs.Glob(embedded, "static/*.js")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, name := range files {
		source, err := fs.ReadFile(embedded, name)
		if err != nil {
			t.Fatal(err)
		}
		if hit := address.Find(source); hit != nil {
			t.Errorf("%s: %s… leads out of the path that is served", name, hit)
		}
	}
}
