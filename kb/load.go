package kb

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
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

	// For eval alone.
	goldenFile   = "golden.tsv"
	baselineFile = "golden.baseline.json"
)

// Load reads the guide in fsys. A guide without its own lexicon, phrases or hosts uses those of
// base, the bundled guide; its response codes and its
// outside questions are its own or none. progress, when not nil, is told
// how many of the article files are read.
//
// The findings are those of reading alone; Validate finds the rest. The error is for files that
// cannot be read at all. The library is usable when neither is bad: List.Err and error are nil.
func Load(fsys, base fs.FS, progress func(done, total int)) (*Library, finding.List, error) {
	l := loader{fsys: fsys, base: base, digest: sha256.New(), lib: NewLibrary(nil, "")}
	err := errors.Join(l.loadLexicon(), l.loadCodes(), l.loadPhrases(), l.loadLines(&l.lib.Hosts, hostsFile), l.loadLines(&l.lib.Outside, outsideFile))
	if err = errors.Join(err, l.loadArticles(progress)); err != nil {
		return nil, nil, err
	}
	l.lib.Revision = l.revision()
	l.findings.Sort()
	return l.lib, l.findings, nil
}

// Revision is that of the library which Load would make of the same files. Nothing is parsed.
func Revision(fsys, base fs.FS) (string, error) {
	l := loader{fsys: fsys, base: base, digest: sha256.New()}
	found, err := listFolder(fsys)
	if err != nil {
		return "", err
	}
	for _, name := range slices.Concat(besides(), found.articles) {
		if _, err := l.readFile(name); err != nil {
			return "", err
		}
	}
	return l.revision(), nil
}

type loader struct {
	fsys, base fs.FS
	digest     hash.Hash
	lib        *Library
	findings   finding.List
}

// revision is the hash over all files that were read, in their order.
func (l *loader) revision() string { return hex.EncodeToString(l.digest.Sum(nil)[:12]) }

// readFile returns a file of the guide and adds it to the revision; nil where it does not exist.
func (l *loader) readFile(name string) ([]byte, error) {
	data, err := fs.ReadFile(l.fsys, name)
	if errors.Is(err, fs.ErrNotExist) && l.base != nil && slices.Contains(fromBase(), name) {
		data, err = fs.ReadFile(l.base, name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the guide: %w", err)
	}
	fmt.Fprintf(l.digest, "%s %d\n", name, len(data))
	l.digest.Write(data)
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

func (l *loader) report(file string, line int, text, fix string) {
	l.findings = append(l.findings, finding.Finding{File: file, Line: line, Level: finding.Error, Text: text, Fix: fix})
}

// decode reads strict YAML into target; false where something is wrong with it, which is reported.
func (l *loader) decode(file string, data []byte, target any) bool {
	found := decodeYAML(file, data, target)
	l.findings = append(l.findings, found...)
	return len(found) == 0
}

func (l *loader) loadLexicon() error {
	data, err := l.readFile(lexiconFile)
	var found finding.List
	l.lib.Lexicon, found = parseLexicon(lexiconFile, data)
	l.findings = append(l.findings, found...)
	return err
}

func (l *loader) loadCodes() error {
	data, err := l.readFile(codesFile)
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

// loadPhrases reads what the bot says; a sentence or section that the guide's own file lacks is the base's.
func (l *loader) loadPhrases() error {
	if l.base != nil {
		data, err := fs.ReadFile(l.base, phrasesFile)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("read the guide: %w", err)
		}
		p := &l.lib.Phrases
		if err := yaml.Unmarshal(data, p); err != nil {
			return fmt.Errorf("read the bundled %s: %w", phrasesFile, err)
		}
		p.Categories, p.Intents = nil, nil // these belong to a guide; the sentences fit any
		for i := range p.Triggers {
			p.Triggers[i].fromBase = true
		}
		for i := range p.Dangers {
			p.Dangers[i].fromBase = true
		}
	}
	_, err := fs.Stat(l.fsys, phrasesFile)
	l.lib.ownPhrases = err == nil
	data, err := l.readFile(phrasesFile)
	if err != nil || data == nil {
		return err
	}
	base := maps.Clone(l.lib.Phrases.Details) // YAML replaces a whole entry of a map
	if l.decode(phrasesFile, data, &l.lib.Phrases) {
		for slot, d := range l.lib.Phrases.Details {
			if d.Labels == nil {
				d.Labels = base[slot].Labels
			}
			if d.Mentions == nil {
				d.Mentions = base[slot].Mentions
			}
			l.lib.Phrases.Details[slot] = d
		}
		for _, name := range l.lib.Phrases.missing() {
			l.report(phrasesFile, 1, "nothing to say for "+name, "write the sentence")
		}
	}
	return nil
}

// loadLines reads a file of one thing a line; "#" begins a comment.
func (l *loader) loadLines(target *[]string, name string) error {
	data, err := l.readFile(name)
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			*target = append(*target, line)
		}
	}
	return err
}

// loadArticles reads every article file.
func (l *loader) loadArticles(progress func(done, total int)) error {
	found, err := listFolder(l.fsys)
	if err != nil {
		return err
	}
	files := found.articles
	for _, name := range found.misnamed {
		l.report(name, 1, "not read: an article's name ends in .md", "rename it to "+strings.TrimSuffix(path.Base(name), path.Ext(name))+".md")
	}
	for _, name := range found.stray {
		l.findings = append(l.findings, finding.Finding{File: name, Line: 1, Level: finding.Warning, Text: "no part of a guide: it is not read", Fix: "move it elsewhere; an article's name ends in .md"})
	}
	for i, file := range files {
		data, err := l.readFile(file)
		if err != nil {
			return err
		}
		art, faults := Parse(file, data)
		l.findings = append(l.findings, faults...)
		l.add(art)
		if progress != nil {
			progress(i+1, len(files))
		}
	}
	slices.SortStableFunc(l.lib.Articles, l.byCategory())
	l.lib.indexArticles()
	if len(files) == 0 {
		l.report(guideDir, 1, "the guide has no articles", "put them into guide/<category>/<id>.md")
	}
	return nil
}

// listing is what stands in the folder of a guide's articles, by paths.
type listing struct {
	articles []string
	misnamed []string // Markdown whose names do not end in .md
	stray    []string // what is no Markdown, and is not read
}

// listFolder finds a guide's articles, and what stands among them. Hidden files and READMEs are nobody's.
func listFolder(fsys fs.FS) (f listing, err error) {
	root := guideDir
	if _, err := fs.Stat(fsys, root); errors.Is(err, fs.ErrNotExist) {
		root = "."
	}
	err = fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
		base := path.Base(name)
		hidden := strings.HasPrefix(base, ".") && name != "."
		switch {
		case err != nil:
			return err
		case hidden && d.IsDir():
			return fs.SkipDir
		case !hidden && !d.IsDir() && !strings.EqualFold(strings.TrimSuffix(base, path.Ext(base)), "README"):
			f.add(name)
		}
		return nil
	})
	if err != nil {
		return listing{}, fmt.Errorf("read the guide: %w", err)
	}
	return f, nil
}

func (f *listing) add(name string) {
	switch ext := path.Ext(name); {
	case ext == ".md":
		f.articles = append(f.articles, name)
	case strings.EqualFold(ext, ".md"), strings.EqualFold(ext, ".markdown"), strings.EqualFold(ext, ".mdown"), strings.EqualFold(ext, ".mkd"):
		f.misnamed = append(f.misnamed, name)
	case !slices.Contains(append(besides(), goldenFile, baselineFile), name):
		f.stray = append(f.stray, name)
	}
}

// besides are the files of a guide beside its articles, in the order in which they are read; each may be missing.
func besides() []string { return []string{lexiconFile, codesFile, phrasesFile, hostsFile, outsideFile} }

// fromBase are those of them that are the base's where a guide has none.
func fromBase() []string { return []string{lexiconFile, phrasesFile, hostsFile} }

// add keeps one article; a second one with the same id is a finding.
func (l *loader) add(art Article) {
	if first, dup := l.lib.byID[art.ID]; dup {
		l.report(art.File, 1, fmt.Sprintf("the id %q is taken by %s", art.ID, l.lib.Articles[first].File), "rename one of the files")
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
