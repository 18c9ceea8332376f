package web

import (
	"io/fs"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

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

// What an asset loads itself has its version, whatever the form in which it names it.
func TestAssetsUseVersions(t *testing.T) {
	e := serve(t)
	uses := regexp.MustCompile(`(?:url\(|['"])(?:\./)?([\w-]+\.(?:js|css|svg)(?:\?[^)'"]*)?)[)'"]`)
	seen := 0
	for name := range newAssets() {
		for _, m := range uses.FindAllStringSubmatch(get(t, e, "/static/"+name).Body.String(), -1) {
			seen++
			if w := get(t, e, "/static/"+m[1]); w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
				t.Errorf("%s uses %s: status %d, Cache-Control %q", name, m[1], w.Code, w.Header().Get("Cache-Control"))
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d were found: that proves nothing", seen)
	}
}

// A page tells ahead of all modules that its script comes to load, at the very addresses, and of no other.
func TestModulesArePreloaded(t *testing.T) {
	e := serve(t)
	script := regexp.MustCompile(`<script type="module" src="/static/([^"]+)">`)
	preload := regexp.MustCompile(`<link rel="modulepreload" href="/static/([^"]+)">`)
	imports := regexp.MustCompile(`(?m)^import [^;]*'\./([^']+)'`)
	for path, least := range map[string]int{"/": 10, "/chat": 10, "/guide": 1, "/lookup": 1} {
		body := get(t, e, path).Body.String()
		needed := map[string]bool{}
		queue := []string{script.FindStringSubmatch(body)[1]}
		for len(queue) > 0 {
			for _, m := range imports.FindAllStringSubmatch(get(t, e, "/static/"+queue[0]).Body.String(), -1) {
				if !needed[m[1]] {
					needed[m[1]] = true
					queue = append(queue, m[1])
				}
			}
			queue = queue[1:]
		}
		told := map[string]bool{}
		for _, m := range preload.FindAllStringSubmatch(body, -1) {
			if told[m[1]] {
				t.Errorf("%s tells of %s twice", path, m[1])
			}
			told[m[1]] = true
		}
		if !maps.Equal(needed, told) || len(told) < least {
			t.Errorf("%s tells of %v, its script loads %v", path, told, needed)
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
