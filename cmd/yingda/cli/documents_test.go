package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentedSettings: every environment variable that a page of the documents names is one that a command reads,
// and serve takes the settings' file of docs/deploy.md.
func TestDocumentedSettings(t *testing.T) {
	known := map[string]bool{
		"YINGDA_": true, "YINGDA_KIND_FIELD": true, // how they are made up
		"YINGDA_HEALTH_URL": true, "YINGDA_SOAK": true, // of health, and of a test
	}
	s := newSettings("serve")
	s.declareServe()
	for _, env := range s.env {
		known[env] = true
	}
	pages, err := filepath.Glob("../../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	variable := regexp.MustCompile(`\bYINGDA_[A-Z0-9_]+\b`)
	for _, page := range append(pages, "../../../README.md", "../../../README.zh.md") {
		for _, name := range variable.FindAllString(read(t, page), -1) {
			if !known[name] {
				t.Errorf("%s names %s, which no command reads", page, name)
			}
		}
	}
	_, block, found := strings.Cut(read(t, "../../../docs/deploy.md"), "```yaml\n")
	block, _, _ = strings.Cut(block, "```")
	file := filepath.Join(t.TempDir(), "yingda.yaml")
	if err := os.WriteFile(file, []byte(block), 0o600); err != nil || !found {
		t.Fatal(found, err)
	}
	s = newSettings("serve")
	flags := s.declareServe()
	if _, err := s.parse(terminal{getenv: func(string) string { return "" }}, []string{"-config", file}); err != nil {
		t.Fatal(err)
	}
	if cfg, err := flags.serveConfig(); err != nil || len(cfg.Proxies) != 2 {
		t.Errorf("%v, proxies %v", err, cfg.Proxies)
	}
}
