package guide

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/yingda/yingda/content"
	"github.com/yingda/yingda/flatfile"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search"
)

// A compiled guide is all that is computed from a guide's files, in one file that is read in place: the library, and
// what its index holds. The bundled guide comes compiled with the program; of another one the file is made when it is
// first served, and later starts open that.

// librarySection is the library in a compiled guide, as kb.Library.Write stores it.
const librarySection = "library"

// compile puts a guide's library and index into a file.
func compile(lib *kb.Library, ix *search.Index) (*flatfile.Builder, error) {
	var library bytes.Buffer
	if err := lib.Write(&library); err != nil {
		return nil, err
	}
	b := new(flatfile.Builder)
	flatfile.Add(b, librarySection, library.Bytes())
	ix.Save(b)
	return b, nil
}

// openCompiled is the guide in f.
func openCompiled(f *flatfile.File) (*kb.Library, *search.Index, error) {
	lib, err := kb.ReadLibrary(bytes.NewReader(flatfile.Slice[byte](f, librarySection)))
	if err != nil {
		return nil, nil, err
	}
	ix, err := search.Open(lib, f, search.Options{})
	return lib, ix, err
}

// CompileBundled makes the file of the guide that comes with the program, as content.Compiled returns it, and its revision.
func CompileBundled(o search.Options) (data []byte, revision string, err error) {
	lib, err := Load(content.FS(), nil)
	if err != nil {
		return nil, "", err
	}
	ix, err := search.New(lib, o)
	if err != nil {
		return nil, "", err
	}
	var file bytes.Buffer
	b, err := compile(lib, ix)
	if err == nil {
		err = b.WriteTo(&file, lib.Revision)
	}
	return file.Bytes(), lib.Revision, err
}

// openBundled opens the compiled guide that comes with the program.
func openBundled() (*kb.Library, *search.Index, error) {
	data, err := content.Compiled()
	if err != nil {
		return nil, nil, err
	}
	f, err := flatfile.Parse(data, content.CompiledRevision())
	if err != nil {
		return nil, nil, err
	}
	return openCompiled(f)
}

// compiler makes guides ready to serve.
type compiler struct {
	shelf    *shelf   // where compiled guides are kept; nil for nowhere
	progress Progress // of what takes long
}

// guide is that of a folder: as it was compiled before, or compiled now. prior is an earlier state of it; nil for none.
func (c *compiler) guide(ctx context.Context, fsys fs.FS, prior *search.Index) (*kb.Library, *search.Index, error) {
	revision, err := kb.Revision(fsys, content.FS())
	if err != nil {
		return nil, nil, err
	}
	if lib, ix, err := c.shelf.open(revision); err == nil {
		return lib, ix, nil
	}
	lib, ix, err := c.compiled(fsys, revision, prior)
	if err != nil {
		return nil, nil, err
	}
	lib, ix = c.shelf.put(ctx, lib, ix)
	return lib, ix, nil
}

// compiled is the guide of a revision: as it came with the program, or compiled now.
func (c *compiler) compiled(fsys fs.FS, revision string, prior *search.Index) (*kb.Library, *search.Index, error) {
	if revision == content.CompiledRevision() {
		if lib, ix, err := openBundled(); err == nil {
			return lib, ix, nil
		}
	}
	lib, err := Load(fsys, c.progress)
	if err != nil {
		return nil, nil, err
	}
	ix, err := c.index(lib, prior)
	return lib, ix, err
}

// index computes the index of a library. prior is that of an earlier state; nil for none, which the bundled guide's
// stands in for: most guides were made from it.
func (c *compiler) index(lib *kb.Library, prior *search.Index) (*search.Index, error) {
	if prior == nil && countPhrasings(lib) > fewPhrasings {
		_, prior, _ = openBundled() // without it all is learnt anew
	}
	return search.New(lib, search.Options{Prior: prior, Dir: c.shelf.folder(), Progress: c.progress.Stage("indexing")})
}

// fewPhrasings are learnt faster than the bundled guide is unpacked.
const fewPhrasings = 500

func countPhrasings(lib *kb.Library) int {
	n := len(lib.Outside)
	for i := range lib.Articles {
		n += 1 + len(lib.Articles[i].Asks)
	}
	for _, phrasings := range lib.Phrases.Intents {
		n += len(phrasings)
	}
	return n
}

// shelf is the folder where a node keeps the compiled guide that it serves.
type shelf struct {
	dir string
	log *slog.Logger
}

// folder is where a large index is built; "" for anywhere.
func (s *shelf) folder() string {
	if s == nil {
		return ""
	}
	return s.dir
}

// key tells whose a compiled guide is: a revision's, as this program makes it. What another program computed may be
// otherwise, even of the same files.
func key(revision string) string {
	program := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				program = s.Value
			}
		}
	}
	return fmt.Sprintf("%s %.12s %s", revision, program, content.CompiledSum())
}

func (s *shelf) path(revision string) string { return filepath.Join(s.dir, "guide-"+revision+".bin") }

// open is the compiled guide of a revision; an error when there is none, or none to be trusted.
func (s *shelf) open(revision string) (*kb.Library, *search.Index, error) {
	if s == nil {
		return nil, nil, flatfile.ErrForeign
	}
	f, err := flatfile.Open(s.path(revision), key(revision))
	if err != nil {
		return nil, nil, err
	}
	return openCompiled(f)
}

// put keeps a guide that was just compiled, removes those of other revisions, and returns it as it is served: out of
// its file where there is one. A guide that cannot be kept costs the next start some time, and is logged.
func (s *shelf) put(ctx context.Context, lib *kb.Library, ix *search.Index) (*kb.Library, *search.Index) {
	if s == nil {
		return lib, ix
	}
	b, err := compile(lib, ix)
	if err == nil {
		err = b.Write(s.path(lib.Revision), key(lib.Revision))
	}
	if err == nil {
		s.removeOthers(lib.Revision)
		var kept *search.Index
		if lib, kept, err = s.open(lib.Revision); err == nil {
			return lib, kept
		}
	}
	runtime.KeepAlive(ix)
	s.log.WarnContext(ctx, "the compiled guide is not kept; the next start compiles it again", "error", err)
	return lib, ix
}

// removeOthers removes the compiled guides of other revisions, and what was not finished: files, and folders of indexes.
// Whoever has one open keeps it until he closes it; one that cannot be removed stays.
func (s *shelf) removeOthers(revision string) {
	for _, pattern := range []string{"guide-*.bin*", "index-*"} {
		found, err := filepath.Glob(filepath.Join(s.dir, pattern))
		if err != nil {
			return
		}
		for _, path := range found {
			if path != s.path(revision) {
				_ = os.RemoveAll(path)
			}
		}
	}
}
