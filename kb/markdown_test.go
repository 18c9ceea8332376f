package kb

import (
	"strings"
	"testing"
)

func TestCheckMarkdown(t *testing.T) {
	deep := func(mark string, n int) string { return "先看这里。\n\n" + strings.Repeat(mark, n) + "字\n" }
	steps := strings.Repeat("  ", 10) + "- 细\n"
	for _, tt := range []struct {
		name, body string
		line       int
		problem    string
	}{
		{"usual", "先看这里。\n\n## 步骤\n\n1. 一\n   - 甲\n   - 乙\n2. 二\n\n> 注意\n\n| a | b |\n|---|---|\n| **1** | [x](y) |\n", 0, ""},
		{"quotes", deep("> ", 16), 0, ""},
		{"deep quotes", deep("> ", 17), 3, "17 deep"},
		{"deep quotes without space", deep(">", 5000), 3, "5000 deep"},
		{"deep lists", deep("- ", 17), 3, "17 deep"},
		{"deep numbered lists", deep("1. ", 17), 3, "17 deep"},
		{"quotes and lists", deep("> * 2) ", 6), 3, "18 deep"},
		{"steps", "- 一\n" + steps, 0, ""},
		{"indented", "- 一\n" + strings.Repeat(" ", 65) + "- 深\n", 2, "66 columns"},
		{"bold is no list", "**要紧**，-5 元，1.5 元，- 一\n", 0, ""},
		{"brackets", strings.Repeat("[", 501), 1, "brackets"},
		{"brackets of many paragraphs", strings.Repeat("[a](b) [c](d)\n\n", 400), 0, ""},
		{"asterisks", strings.Repeat("*a_ ", 1001), 1, "asterisks"},
		{"columns", "|" + strings.Repeat("a|", 64) + "\n", 1, "a table of 65 columns"},
		{"rows", strings.Repeat("|", 50) + "\n" + strings.Repeat("|a\n", 500), 401, "a table of 50 columns"},
		{"long", strings.Repeat("字\n\n", 60_000), 1, "the text has"},
	} {
		line, problem := CheckMarkdown(tt.body)
		if line != tt.line || !strings.Contains(problem, tt.problem) || (problem == "") != (tt.problem == "") {
			t.Errorf("%s: line %d, %q, want line %d, %q", tt.name, line, problem, tt.line, tt.problem)
		}
	}
}

func TestNestingIsFound(t *testing.T) {
	a, found := Parse("guide/fees/a.md", []byte("---\ntitle: 费率\ncategory: fees\n---\n\n先看这里。\n\n"+strings.Repeat("> ", 20000)+"字\n"))
	if len(found) > 0 {
		t.Fatal(found)
	}
	list := Validate(&Library{Articles: []Article{a}}, a.Reviewed)
	for _, f := range list {
		if f.Line == 8 && strings.Contains(f.Text, "20000 deep") && f.Level == "error" {
			return
		}
	}
	t.Errorf("not among %v", list)
}
