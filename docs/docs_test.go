package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the repository as seen from here.
const root = ".."

// readPages returns the text of every page of the documents by its path from the root.
func readPages(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			page, err := filepath.Rel(root, name)
			if err != nil {
				t.Fatal(err)
			}
			pages[filepath.ToSlash(page)] = string(text)
		}
	}
	return pages
}

// TestLinks finds every file that a page links to.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for page, text := range readPages(t) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, path.Dir(page), target)); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
			}
		}
	}
}

// TestReadmeIsShort keeps README at what is read in a minute.
func TestReadmeIsShort(t *testing.T) {
	const maxLines = 90
	pages := readPages(t)
	for _, page := range []string{"README.md", "README.zh.md"} {
		if n := strings.Count(pages[page], "\n"); n > maxLines {
			t.Errorf("%s has %d lines, want at most %d: move details to docs", page, n, maxLines)
		}
	}
}

// TestNames finds every Go name (`chat.Courier`, `bot.Bot.Step`) and every file (`bot/decide.go`) that a page speaks of.
func TestNames(t *testing.T) {
	packages, names := declarations(t)
	code := regexp.MustCompile("`([a-z][a-z0-9]*)\\.([A-Z][A-Za-z0-9]*(?:\\.[A-Z][A-Za-z0-9]*)?)[`({ ]")
	file := regexp.MustCompile("`([a-z][a-z0-9_/]*/[a-z0-9_]+\\.(?:go|yaml|json|bin|txt|tsv))`")
	for page, text := range readPages(t) {
		for _, m := range code.FindAllStringSubmatch(text, -1) {
			if packages[m[1]] && !names[m[1]+"."+m[2]] {
				t.Errorf("%s speaks of %s.%s, which the code does not have", page, m[1], m[2])
			}
		}
		for _, m := range file.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s speaks of the file %s: %v", page, m[1], err)
			}
		}
	}
}

// TestImports holds the rooms to the table of README: a package imports its own room and what the room's row says.
func TestImports(t *testing.T) {
	const module = "github.com/yingda/yingda/"
	for _, page := range []string{"README.md", "README.zh.md"} {
		rows := readRooms(readPages(t)[page])
		seen := map[string]bool{}
		walkGo(t, func(name string) {
			dir := path.Dir(filepath.ToSlash(strings.TrimPrefix(name, root+string(filepath.Separator))))
			room, row := findRoom(rows, dir)
			if row == nil {
				t.Errorf("%s has no row for %s", page, dir)
				return
			}
			seen[room] = true
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range f.Imports {
				imported, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module)
				if !ours || row.all || slices.Contains(row.imports, imported) {
					continue
				}
				if _, other := findRoom(rows, imported); other != row {
					t.Errorf("%s does not let %s import %s", page, dir, imported)
				}
			}
		})
		for _, row := range rows {
			for _, room := range row.rooms {
				if !seen[room] && room != "bench" && room != "faults" { // tests alone
					t.Errorf("%s has a row for %s, which has no code", page, room)
				}
			}
		}
	}
}

// roomRow is a row of README's table of rooms.
type roomRow struct {
	rooms   []string // folders
	imports []string // folders that they may import besides each other
	all     bool     // … or any
}

// readRooms reads the table whose first column names folders.
func readRooms(page string) (rows []*roomRow) {
	_, table, _ := strings.Cut(page, "`.golangci.yml`")
	table, _, _ = strings.Cut(table, "\n## ")
	code := regexp.MustCompile("`([^`]+)`")
	names := func(cell string) (out []string) {
		for _, m := range code.FindAllStringSubmatch(cell, -1) {
			if rest, ok := strings.CutPrefix(m[1], "…"); ok {
				m[1] = out[0] + rest
			}
			out = append(out, m[1])
		}
		return out
	}
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) == 5 && strings.Contains(cells[1], "`") {
			all := strings.Contains(cells[3], "all but") || strings.Contains(cells[3], "都可以")
			rows = append(rows, &roomRow{rooms: names(cells[1]), imports: names(cells[3]), all: all})
		}
	}
	return rows
}

// findRoom finds the row of the room that a folder is, or is in.
func findRoom(rows []*roomRow, dir string) (string, *roomRow) {
	for ; dir != "."; dir = path.Dir(dir) {
		for _, row := range rows {
			if slices.Contains(row.rooms, dir) {
				return dir, row
			}
		}
	}
	return "", nil
}

// walkGo visits the program's Go files, without its tests.
func walkGo(t *testing.T, visit func(name string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != root:
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			visit(name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// declarations returns the names of the program's packages, and what they declare: "pkg.Name", and "pkg.Type.Member" for
// methods and fields.
func declarations(t *testing.T) (packages, names map[string]bool) {
	t.Helper()
	packages, names = map[string]bool{}, map[string]bool{}
	walkGo(t, func(name string) {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		packages[f.Name.Name] = true
		for _, decl := range f.Decls {
			declare(names, f.Name.Name, decl)
		}
	})
	return packages, names
}

func declare(names map[string]bool, pkg string, decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			name = receiver(d.Recv.List[0].Type) + "." + name
		}
		names[pkg+"."+name] = true
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names[pkg+"."+n.Name] = true
				}
			case *ast.TypeSpec:
				names[pkg+"."+s.Name.Name] = true
				for _, member := range members(s.Type) {
					names[pkg+"."+s.Name.Name+"."+member] = true
				}
			}
		}
	}
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// members are the names of a struct's fields or an interface's methods.
func members(e ast.Expr) []string {
	var list []*ast.Field
	switch e := e.(type) {
	case *ast.StructType:
		list = e.Fields.List
	case *ast.InterfaceType:
		list = e.Methods.List
	}
	var out []string
	for _, field := range list {
		for _, n := range field.Names {
			out = append(out, n.Name)
		}
	}
	return out
}
