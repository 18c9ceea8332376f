package chattest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// CheckReasons walks all reasons of the package in a directory that an agent may read. They stand in its reason.go, and
// each is Chinese: a string in another language there fails, as does any string elsewhere that is given as a Reason.
func CheckReasons(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %q: %v", dir, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "reason.go")); err != nil {
		t.Error(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		report := func(at ast.Node, format, text string) {
			t.Errorf("%s: "+format, fset.Position(at.Pos()), text)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if _, ok := n.(*ast.ImportSpec); ok {
				return false
			}
			if filepath.Base(name) == "reason.go" {
				if text, ok := literal(n); ok && !isChinese(text) {
					report(n, "the reason %q is not Chinese", text)
				}
				return true
			}
			for _, value := range reasonValues(n) {
				ast.Inspect(value, func(n ast.Node) bool {
					if text, ok := literal(n); ok {
						report(n, "the reason %q does not stand in reason.go", text)
					}
					return true
				})
			}
			return true
		})
	}
}

// reasonValues are the expressions that n gives to something called Reason.
func reasonValues(n ast.Node) (values []ast.Expr) {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Reason" {
			values = append(values, n.Value)
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if s, ok := left.(*ast.SelectorExpr); ok && s.Sel.Name == "Reason" && i < len(n.Rhs) {
				values = append(values, n.Rhs[i])
			}
		}
	}
	return values
}

// literal is the text of a string literal.
func literal(n ast.Node) (string, bool) {
	l, ok := n.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// isChinese tells whether a text has Chinese characters, or none of any language besides the verbs of a format.
func isChinese(text string) bool {
	text = regexp.MustCompile(`%[a-zA-Z]`).ReplaceAllString(text, "")
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || !strings.ContainsFunc(text, unicode.IsLetter)
}
