package guide

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/yingda/yingda/kb"
)

// ChangeKind is who changed an article, or another file, since the guide was last reconciled with the bundled one.
type ChangeKind int

// The kinds.
const (
	ChangeNew      ChangeKind = iota // the bundled guide has it for the first time
	ChangeUpdated                    // changed in the bundled guide alone
	ChangeRemoved                    // dropped from the bundled guide, and not edited here
	ChangeKept                       // changed here alone
	ChangeConflict                   // changed on both sides
)

// Change is one article, or another file, in which a guide and the bundled one differ.
type Change struct {
	ID      string // of the article; the path of another file
	Kind    ChangeKind
	Yours   File // what the guide has
	Bundled File
}

// File is a file of a guide; the zero File is none.
type File struct {
	Path string
	Data []byte
}

func (f File) equal(g File) bool { return f.Path == g.Path && bytes.Equal(f.Data, g.Data) }

// merge compares a guide and the bundled one, each with base, the bundled one that the guide was last reconciled
// with. Articles are compared by their ids, wherever they stand. What only the guide ever had is no change.
func merge(base, yours, bundle kb.Files) (changes []Change) {
	before, here, there := byID(base), byID(yours), byID(bundle)
	ids := maps.Clone(before)
	maps.Copy(ids, there)
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		b, y, o := before[id], here[id], there[id]
		c := Change{ID: id, Yours: y, Bundled: o}
		switch {
		case y.equal(o):
			continue
		case b.equal(o):
			c.Kind = ChangeKept
		case !b.equal(y):
			c.Kind = ChangeConflict
		case y.Path == "":
			c.Kind = ChangeNew
		case o.Path == "":
			c.Kind = ChangeRemoved
		default:
			c.Kind = ChangeUpdated
		}
		changes = append(changes, c)
	}
	return changes
}

// byID are a guide's files by what they are known by.
func byID(files kb.Files) map[string]File {
	out := make(map[string]File, len(files))
	for name, data := range files {
		out[idOf(name)] = File{name, data}
	}
	return out
}

// idOf is the id of an article's file, and the path of another.
func idOf(name string) string {
	if isArticle(name) {
		return strings.TrimSuffix(path.Base(name), ".md")
	}
	return name
}

// identical are the files that are as they are in the bundle.
func identical(files, bundle kb.Files) kb.Files {
	same := kb.Files{}
	for name, data := range files {
		if b, ok := bundle[name]; ok && bytes.Equal(b, data) {
			same[name] = data
		}
	}
	return same
}

func hasArticle(files kb.Files) bool {
	for name := range files {
		if isArticle(name) {
			return true
		}
	}
	return false
}

func isArticle(name string) bool { return path.Ext(name) == ".md" }
