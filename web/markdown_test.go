package web

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// at returns a clock that stands at noon of a day.
func at(t *testing.T, day string) func() time.Time {
	t.Helper()
	noon, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return func() time.Time { return noon.Add(12 * time.Hour) }
}

func TestMarkdown(t *testing.T) {
	m := newMarkdown("")
	for _, tt := range []struct{ name, in, want string }{
		{"guide link", "[查](jump-verify)", `<p><a href="/guide/jump-verify">查</a></p>`},
		{"page link", "[查](/guide/jump-verify#x)", `<p><a href="/guide/jump-verify#x">查</a></p>`},
		{"outside link", "[央行](https://www.pbc.gov.cn)", `<p><a href="https://www.pbc.gov.cn" rel="noreferrer noopener" target="_blank">央行</a></p>`},
		{"other host without scheme", "[x](//evil.example/)", `<p><a href="//evil.example/" rel="noreferrer noopener" target="_blank">x</a></p>`},
		{"telephone", "[拨打](tel:95516)", `<p><a href="tel:95516">拨打</a></p>`},
		{"script link", "[x](javascript:alert(1))", `<p>x</p>`},
		{"script link in disguise", "[x](JaVaScRiPt:alert(1)) [y](&#106;avascript:alert(1)) <javascript:alert(1)>", `<p>x y javascript:alert(1)</p>`},
		{"data link", "[x](data:text/html;base64,PHNjcmlwdD4=)", `<p>x</p>`},
		{"script", "<script>alert(1)</script>", ``},
		{"script in a line", "a <script>alert(1)</script> b", `<p>a alert(1) b</p>`},
		{"event handler", `<a href="/" onclick="alert(1)">x</a>`, `<p>x</p>`},
		{"raw block", `<iframe src="https://evil.example"></iframe>`, ``},
		{"raw style", `<style>body{display:none}</style>`, ``},
		{"image", `![x](https://evil.example/x.png)`, `<p></p>`},
		{"heading of the page", "# 标题", `<h2>标题</h2>`},
		{"code", "`<b>`", `<p><code>&lt;b&gt;</code></p>`},
		{"numbered from 3", "3. 三\n4. 四", "<ol start=\"3\">\n<li>三</li>\n<li>四</li>\n</ol>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := m.html(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if s := strings.TrimSpace(string(got)); s != tt.want {
				t.Errorf("html(%q)\n got %s\nwant %s", tt.in, s, tt.want)
			}
		})
	}
}

// TestMarkdownBelowPath: links to pages of ours stay below the path that they are served at.
func TestMarkdownBelowPath(t *testing.T) {
	got, err := newMarkdown("/kefu").html("[a](jump-verify) [b](/guide#x) [c](//other.example/) [d](#e)")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"/kefu/guide/jump-verify"`, `"/kefu/guide#x"`, `"//other.example/"`, `"#e"`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%s has no %s", got, want)
		}
	}
}

func TestMarkdownGolden(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("testdata", "article.md"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := newMarkdown("").html(string(source))
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "article.html")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAfterLead(t *testing.T) {
	for _, tt := range []struct{ body, lead, want string }{
		{"\n答案。\n\n## 怎么做\n1. 看", "答案。", "## 怎么做\n1. 看"},
		{"答案。\r\n\r\n后面", "答案。", "后面"},
		{"只有答案。\n", "只有答案。", ""},
		{"## 没有首段\n\n正文", "", "## 没有首段\n\n正文"},
	} {
		if got := afterLead(tt.body, tt.lead); got != tt.want {
			t.Errorf("afterLead(%q) = %q, want %q", tt.body, got, tt.want)
		}
	}
}

// Whatever is written, no script survives.
func FuzzMarkdown(f *testing.F) {
	f.Add("[x](javascript:alert(1)) <script>a</script> <img src=x onerror=y>")
	f.Add("| a |\n|---|\n| <svg/onload=x> |")
	m := newMarkdown("")
	f.Fuzz(func(t *testing.T, source string) {
		out, err := m.html(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<script", "<img", "<iframe", "<svg", `href="javascript:`, `href="data:`} {
			if strings.Contains(strings.ToLower(string(out)), bad) {
				t.Errorf("%q came out of %q", bad, source)
			}
		}
	})
}

// TestMarkdownIsBounded: whatever an article holds, its page comes soon, and harmless.
func TestMarkdownIsBounded(t *testing.T) {
	m := newMarkdown("")
	const n = 30_000
	var indented strings.Builder
	for i := range 400 {
		indented.WriteString(strings.Repeat("  ", i) + "- <b>x</b>\n")
	}
	for name, source := range map[string]string{
		"quotes": strings.Repeat("> ", n) + "<b>x</b>", "lists": strings.Repeat("- ", n) + "<b>x</b>", "numbers": strings.Repeat("1. ", n) + "<b>x</b>",
		"indented": indented.String(), "links": strings.Repeat("[a](", n) + "<b>x</b>", "emphasis": strings.Repeat("*a_ ", n) + "<b>x</b>",
		"table":               "|" + strings.Repeat("a|", n) + "\n|" + strings.Repeat("-|", n) + "\n" + strings.Repeat("|a\n", n) + "<b>x</b>",
		"lists just allowed":  strings.Repeat(strings.Repeat("- ", 16)+"x\n", 2000) + "\n<b>x</b>",
		"links just allowed":  strings.Repeat(strings.Repeat("[a](", 499)+"\n\n", 40) + "<b>x</b>",
		"table just allowed":  "|" + strings.Repeat("a|", 63) + "\n|" + strings.Repeat("-|", 63) + "\n" + strings.Repeat("|a\n", 300) + "\n<b>x</b>",
		"emphasis if allowed": strings.Repeat(strings.Repeat("*a_ ", 999)+"\n\n", 30) + "<b>x</b>",
	} {
		start := time.Now()
		out, err := m.html(source)
		if took := time.Since(start); err != nil || took > 5*time.Second {
			t.Errorf("%s, %d bytes: %s, %v", name, len(source), took, err)
		}
		if strings.Contains(string(out), "<b>") || len(out) > 2<<20 {
			t.Errorf("%s: %d bytes, %.200s", name, len(out), out)
		}
	}
}
