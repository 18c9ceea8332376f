package kb

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/yingda/yingda/finding"
)

// The files of a guide, relative to its folder. Articles stand in guide/<category>/<id>.md, or
// anywhere below the folder when it has no guide folder.
const (
	guideDir    = "guide"
	lexiconFile = "lexicon.txt"
	codesFile   = "codes.yaml"
	phrasesFile = "phrases.yaml"
	hostsFile   = "hosts.txt"
	outsideFile = "outside.txt"
)

// Load reads the guide in fsys. A guide without its own lexicon, phrases or hosts uses those of
// base, the bundled guide; its response codes and its
// outside questions are its own or none. progress, when not nil, is told
// how many of the article files are read.
//
// The faults are those of reading alone; Validate finds the rest. The error is for files that
// cannot be read at all. The library is usable when neither is bad: List.Err and error are nil.
func Load(fsys, base fs.FS, progress func(done, total int)) (*Library, finding.List, error) {
	l := loader{fsys: fsys, base: base, sum: sha256.New(), lib: &Library{byID: map[string]int{}}}
	for _, step := range []func() error{l.lexicon, l.codes, l.phrases, l.hosts, l.outside} {
		if err := step(); err != nil {
			return nil, nil, err
		}
	}
	if err := l.articles(progress); err != nil {
		return nil, nil, err
	}
	l.lib.Revision = hex.EncodeToString(l.sum.Sum(nil)[:12])
	l.faults.Sort()
	return l.lib, l.faults, nil
}

type loader struct {
	fsys, base fs.FS
	sum        hash.Hash
	lib        *Library
	faults     finding.List
}

// read returns a file of the guide and adds it to the revision; nil where it does not exist.
func (l *loader) read(name string, fallback bool) ([]byte, error) {
	data, err := fs.ReadFile(l.fsys, name)
	if errors.Is(err, fs.ErrNotExist) && fallback && l.base != nil {
		data, err = fs.ReadFile(l.base, name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the guide: %w", err)
	}
	fmt.Fprintf(l.sum, "%s %d\n", name, len(data))
	l.sum.Write(data)
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

func (l *loader) fault(file string, line int, what, do string) {
	l.faults = append(l.faults, finding.Finding{File: file, Line: line, Level: finding.Error, Text: what, Fix: do})
}

func (l *loader) lexicon() error {
	data, err := l.read(lexiconFile, true)
	var faults finding.List
	l.lib.Lexicon, faults = parseLexicon(lexiconFile, data)
	l.faults = append(l.faults, faults...)
	return err
}

func (l *loader) codes() error {
	data, err := l.read(codesFile, false)
	if err != nil || data == nil {
		return err
	}
	var nodes []yaml.Node
	if !l.decode(codesFile, data, &nodes) || !l.decode(codesFile, data, &l.lib.Codes) {
		return nil
	}
	for i := range l.lib.Codes {
		l.lib.Codes[i].line = nodes[i].Line
	}
	return nil
}

// phrases reads what the bot says; a sentence or section that the guide's own file lacks is the base's.
func (l *loader) phrases() error {
	if l.base != nil {
		data, err := fs.ReadFile(l.base, phrasesFile)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("read the guide: %w", err)
		}
		var base Phrases
		if err := yaml.Unmarshal(data, &base); err != nil {
			return fmt.Errorf("read the bundled %s: %w", phrasesFile, err)
		}
		base.Categories, base.Intents = nil, nil // these belong to a guide; the sentences fit any
		for i := range base.Triggers {
			base.Triggers[i].borrowed = true
		}
		l.lib.Phrases = base
	}
	_, err := fs.Stat(l.fsys, phrasesFile)
	l.lib.ownPhrases = err == nil
	data, err := l.read(phrasesFile, true)
	if err != nil || data == nil {
		return err
	}
	base := maps.Clone(l.lib.Phrases.Details) // YAML replaces a whole entry of a map
	if l.decode(phrasesFile, data, &l.lib.Phrases) {
		for slot, d := range l.lib.Phrases.Details {
			l.lib.Phrases.Details[slot] = d.borrow(base[slot])
		}
		for _, name := range l.lib.Phrases.missing() {
			l.fault(phrasesFile, 1, "nothing to say for "+name, "write the sentence")
		}
	}
	return nil
}

// decode reads strict YAML into target and reports what is wrong with it.
func (l *loader) decode(file string, data []byte, target any) bool {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	err := dec.Decode(target)
	if err == nil || errors.Is(err, io.EOF) {
		return true
	}
	var many *yaml.TypeError
	if !errors.As(err, &many) {
		line, msg := yamlError(err)
		l.fault(file, line, "not YAML: "+msg, "quote text that contains ': ' or '#'")
		return false
	}
	for _, one := range many.Errors {
		line, msg := yamlError(errors.New(one))
		l.fault(file, line, msg, "see the comments at the head of the bundled file")
	}
	return false
}

func (l *loader) hosts() (err error) {
	l.lib.Hosts, err = l.lines(hostsFile, true)
	return err
}

func (l *loader) outside() (err error) {
	l.lib.Outside, err = l.lines(outsideFile, false)
	return err
}

// lines reads a file of one thing a line; "#" begins a comment.
func (l *loader) lines(name string, fallback bool) ([]string, error) {
	data, err := l.read(name, fallback)
	var out []string
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out, err
}

// articles reads every article file.
func (l *loader) articles(progress func(done, total int)) error {
	files, err := articleFiles(l.fsys)
	if err != nil {
		return err
	}
	for i, file := range files {
		data, err := l.read(file, false)
		if err != nil {
			return err
		}
		art, faults := Parse(file, data)
		l.faults = append(l.faults, faults...)
		l.add(art)
		if progress != nil {
			progress(i+1, len(files))
		}
	}
	slices.SortStableFunc(l.lib.Articles, l.byCategory())
	for i := range l.lib.Articles {
		l.lib.byID[l.lib.Articles[i].ID] = i
	}
	if len(files) == 0 {
		l.fault(guideDir, 1, "the guide has no articles", "put them into guide/<category>/<id>.md")
	}
	return nil
}

// articleFiles are the paths of a guide's articles.
func articleFiles(fsys fs.FS) ([]string, error) {
	root := guideDir
	if _, err := fs.Stat(fsys, root); errors.Is(err, fs.ErrNotExist) {
		root = "."
	}
	var files []string
	err := fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(path.Base(name), ".") && name != "."
		switch {
		case err != nil:
			return err
		case hidden && d.IsDir():
			return fs.SkipDir
		case !hidden && !d.IsDir() && strings.HasSuffix(name, ".md") && !strings.EqualFold(path.Base(name), "README.md"):
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the guide: %w", err)
	}
	return files, nil
}

// add keeps one article; a second one with the same id is a fault.
func (l *loader) add(art Article) {
	if first, dup := l.lib.byID[art.ID]; dup {
		l.fault(art.File, 1, fmt.Sprintf("the id %q is taken by %s", art.ID, l.lib.Articles[first].File), "rename one of the files")
		return
	}
	l.lib.byID[art.ID] = len(l.lib.Articles)
	l.lib.Articles = append(l.lib.Articles, art)
}

// byCategory orders articles as the phrases order their categories, then by id.
func (l *loader) byCategory() func(a, b Article) int {
	rank := map[string]int{}
	for i, c := range l.lib.Phrases.Categories {
		rank[c.ID] = i - len(l.lib.Phrases.Categories)
	}
	return func(a, b Article) int {
		return cmp.Or(cmp.Compare(rank[a.Category], rank[b.Category]), cmp.Compare(a.Category, b.Category), cmp.Compare(a.ID, b.ID))
	}
}
