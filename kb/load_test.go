package kb

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// say holds every sentence that the bot needs.
const say = `
categories: [{id: second, name: 二}, {id: first, name: 一}]
say: {greet: a, thanks: a, bye: a, empty: a, idle: a, program: a, clarify: a, decline: a, decline_near: a, escalate: a, answer_human: a, unknown_code: a, expired: a, human: a, unsolved: 没用, denied: 不是, offer: 人工}
`

// folder is a guide's folder: names and texts in turn.
func folder(namesAndTexts ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(namesAndTexts); i += 2 {
		fsys[namesAndTexts[i]] = &fstest.MapFile{Data: []byte(namesAndTexts[i+1])}
	}
	return fsys
}

func article(category string) string {
	return "---\ntitle: 问\ncategory: " + category + "\n---\n答。\n"
}

func TestLoad(t *testing.T) {
	base := folder("phrases.yaml", say, "hosts.txt", "gov.cn # the state\n", "lexicon.txt", "\ufeff[polite]\n请问\n", "codes.yaml", `- {code: "05"}`, "guide/first/base.md", article("first"))
	for _, c := range []struct {
		name string
		fsys fs.FS
		want string // ids in order
	}{
		{"the order of the categories, then of the ids", folder("guide/x/b.md", article("first"), "guide/x/a.md", article("first"), "guide/c.md", article("second"), "guide/d.md", article("unknown")), "c a b d"},
		{"a folder without guide/", folder("a.md", article("first"), "deep/er/b.md", article("first")), "a b"},
		{"read-me, hidden and foreign files are no articles", folder("a.md", article("first"), "README.md", "x", "sub/readme.md", "x", ".hidden.md", "x", ".git/b.md", "x", "b.txt", "x"), "a"},
		{"only guide/ where there is one", folder("guide/a.md", article("first"), "notes.md", "x"), "a"},
	} {
		var calls [][2]int
		lib, faults, err := Load(c.fsys, base, func(done, total int) { calls = append(calls, [2]int{done, total}) })
		if err != nil || len(faults) > 0 {
			t.Errorf("%s: %v, %v", c.name, faults, err)
			continue
		}
		var ids []string
		for i := range lib.Articles {
			ids = append(ids, lib.Articles[i].ID)
			if a, ok := lib.Article(lib.Articles[i].ID); !ok || a != &lib.Articles[i] {
				t.Errorf("%s: Article(%s) = %v, %t", c.name, lib.Articles[i].ID, a, ok)
			}
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s: articles %s, want %s", c.name, got, c.want)
		}
		if n := len(ids); len(calls) != n || calls[n-1] != [2]int{n, n} {
			t.Errorf("%s: progress %v", c.name, calls)
		}
		if len(lib.Codes) != 0 || !slices.Equal(lib.Hosts, []string{"gov.cn"}) || !slices.Equal(lib.Lexicon.Polite, []string{"请问"}) || lib.Phrases.Replies.Greet != "a" {
			t.Errorf("%s: all but the codes come from the bundled guide: %+v", c.name, lib)
		}
	}
}

func TestLoadOwn(t *testing.T) {
	base := folder("phrases.yaml", say, "hosts.txt", "gov.cn", "lexicon.txt", "[polite]\n请问")
	own := folder("phrases.yaml", strings.ReplaceAll(say, ": a", ": b"), "hosts.txt", "x.cn", "lexicon.txt", "[polite]\n你好", "codes.yaml", "# codes\n- {code: \"05\"}\n", "a.md", article("first"))
	lib, faults, err := Load(own, base, nil)
	if err != nil || len(faults) > 0 {
		t.Fatal(faults, err)
	}
	if _, ok := lib.Codes.Find("05"); !ok || lib.Codes[0].line != 2 || !slices.Equal(lib.Hosts, []string{"x.cn"}) || !slices.Equal(lib.Lexicon.Polite, []string{"你好"}) || lib.Phrases.Replies.Greet != "b" {
		t.Errorf("a guide's own files lead: %+v", lib)
	}
	if got := lib.InCategory("first"); len(got) != 1 || got[0].ID != "a" {
		t.Errorf("InCategory(first) = %v", got)
	}
	if got := lib.InCategory("second"); got != nil {
		t.Errorf("InCategory(second) = %v", got)
	}
	for in, want := range map[string]string{"first": "一", "unknown": "unknown"} {
		if got := lib.Phrases.CategoryName(in); got != want {
			t.Errorf("CategoryName(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestRevision(t *testing.T) {
	revision := func(fsys fs.FS) string {
		t.Helper()
		lib, _, err := Load(fsys, folder("phrases.yaml", say), nil)
		if err != nil {
			t.Fatal(err)
		}
		return lib.Revision
	}
	want := revision(folder("a.md", article("first")))
	if got := revision(folder("a.md", article("first"))); got != want || len(got) != 24 {
		t.Errorf("equal guides have the revisions %s and %s", want, got)
	}
	for name, other := range map[string]fs.FS{
		"text":  folder("a.md", article("first")+"\n"),
		"name":  folder("b.md", article("first")),
		"hosts": folder("a.md", article("first"), "hosts.txt", ""),
	} {
		if revision(other) == want {
			t.Errorf("another %s, and the same revision", name)
		}
	}
}

// brokenFS fails to open one file.
type brokenFS struct {
	fs.FS
	name string
}

var errDisk = errors.New("disk on fire")

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.name {
		return nil, errDisk
	}
	return b.FS.Open(name)
}

func TestLoadUnreadable(t *testing.T) {
	whole := folder("phrases.yaml", say, "hosts.txt", "", "lexicon.txt", "", "codes.yaml", "", "guide/a.md", article("first"))
	for name := range whole {
		if _, _, err := Load(brokenFS{whole, name}, nil, nil); !errors.Is(err, errDisk) {
			t.Errorf("%s cannot be read, and Load says %v", name, err)
		}
	}
}

func TestLoadFaults(t *testing.T) {
	for _, c := range []struct {
		name string
		fsys fs.FS
		want string
	}{
		{"no articles", folder("phrases.yaml", say), "guide:1: error: the guide has no articles; put them into guide/<category>/<id>.md"},
		{"an id twice", folder("phrases.yaml", say, "guide/x/a.md", article("first"), "guide/y/a.md", article("first")), `guide/y/a.md:1: error: the id "a" is taken by guide/x/a.md; rename one of the files`},
		{"codes of another shape", folder("phrases.yaml", say, "a.md", article("first"), "codes.yaml", "- {code: \"05\"}\n- {kode: \"51\"}\n"), "codes.yaml:2: error: field kode not found in type kb.Code; see the comments at the head of the bundled file"},
		{"codes that are no YAML", folder("phrases.yaml", say, "a.md", article("first"), "codes.yaml", "- a: b: c\n"), "codes.yaml:1: error: not YAML: mapping values are not allowed in this context; quote text that contains ': ' or '#'"},
		{"a sentence that is missing", folder("phrases.yaml", strings.Replace(say, "greet: a, ", "", 1), "a.md", article("first")), "phrases.yaml:1: error: nothing to say for say.greet; write the sentence"},
	} {
		_, faults, err := Load(c.fsys, nil, nil)
		if err != nil || len(faults) != 1 || faults[0].String() != c.want {
			t.Errorf("%s: %v, %v; want %s", c.name, faults, err, c.want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("- {code: \"05\"}", say, "gov.cn")
	f.Add("- *a\n- null\n- &a {code: x}", "say: {greet: [a]}", "#")
	f.Add("- &a [*a]", "intents: {human: {a: b}}", "\n\n")
	f.Fuzz(func(t *testing.T, codes, phrases, hosts string) {
		lib, _, err := Load(folder("codes.yaml", codes, "phrases.yaml", phrases, "hosts.txt", hosts, "a.md", whole), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range Validate(lib, day("2026-11-23")) {
			if fault.Line < 1 || fault.File == "" {
				t.Fatalf("fault %+v", fault)
			}
		}
	})
}

// A guide without phrases of its own is not blamed for what the bundled ones name.
func TestBorrowedPhrases(t *testing.T) {
	base := folder("phrases.yaml", strings.Replace(say, "{id: first, name: 一}", "{id: first, name: 一, quick: [gone]}", 1))
	own := folder("guide/first/a.md", "---\ntitle: 问\ncategory: first\nasks: [怎么问]\nreviewed: 2026-11-23\nsources: [S]\n---\n答。\n")
	lib, faults, err := Load(own, base, nil)
	if err != nil {
		t.Fatal(err)
	}
	if faults = append(faults, Validate(lib, time.Now())...); len(faults) > 0 {
		t.Errorf("faults: %v", faults)
	}
}
