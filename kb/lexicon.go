package kb

import (
	"strconv"
	"strings"

	"github.com/yingda/yingda/finding"
)

// Lexicon is how customers put things: which words mean the same, which are misspelt, which are
// only polite. It is read from lexicon.txt; the file's head explains the form.
type Lexicon struct {
	Polite []string            // said out of politeness, or filler: carries no meaning
	Typos  []Typo              // misspelt words, mended before anything else
	Same   [][]string          // words for one thing; the first names the group
	Names  map[string][]string // class → names that exclude each other, such as banks
	Kinds  map[string][]string // kind of question → words that ask it, such as how → 怎么办
}

// Typo is one misspelt word.
type Typo struct {
	Wrong, Right string
	Near         []string // mended only in a question that also has one of these; empty: always
}

// parseLexicon reads lexicon.txt.
func parseLexicon(file string, data []byte) (Lexicon, finding.List) {
	p := lexiconParser{file: file, lex: Lexicon{Names: map[string][]string{}, Kinds: map[string][]string{}}, seen: map[string]int{}}
	for i, line := range strings.Split(string(data), "\n") {
		p.line = i + 1
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			p.parseLine(line)
		}
	}
	return p.lex, p.findings
}

type lexiconParser struct {
	file     string
	line     int
	section  string
	lex      Lexicon
	seen     map[string]int // section+word → line, to find a word that stands twice
	findings finding.List
}

func (p *lexiconParser) parseLine(line string) {
	if name, ok := strings.CutPrefix(line, "["); ok {
		p.section = strings.TrimSuffix(name, "]")
		return
	}
	key, list, keyed := strings.Cut(line, ":")
	words := strings.Fields(list)
	switch p.section {
	case "polite":
		p.lex.Polite = append(p.lex.Polite, p.dropRepeated(strings.Fields(line))...)
	case "same":
		if words = p.dropRepeated(strings.Fields(line)); len(words) > 0 {
			p.lex.Same = append(p.lex.Same, words)
		}
	case "typos", "names", "kinds":
		if !keyed || len(words) == 0 {
			p.report("no \"key: words\" in ["+p.section+"]", "write a key, a colon and its words")
			return
		}
		p.parseKeyed(strings.TrimSpace(key), words)
	default:
		p.report("unknown section ["+p.section+"]", "use polite, typos, same, names or kinds")
	}
}

func (p *lexiconParser) parseKeyed(key string, words []string) {
	switch p.section {
	case "names":
		p.lex.Names[key] = append(p.lex.Names[key], words...)
	case "kinds":
		p.lex.Kinds[key] = append(p.lex.Kinds[key], words...)
	case "typos":
		// "费率 ?手续费,多少: 汇率" mends only next to one of the words behind the question mark.
		right, near, _ := strings.Cut(key, " ?")
		for _, w := range p.dropRepeated(words) {
			t := Typo{Wrong: w, Right: strings.TrimSpace(right)}
			if near != "" {
				t.Near = strings.FieldsFunc(near, func(r rune) bool { return r == ',' || r == ' ' })
			}
			p.lex.Typos = append(p.lex.Typos, t)
		}
	}
}

// dropRepeated drops and reports the words that the section already has.
func (p *lexiconParser) dropRepeated(words []string) []string {
	out := words[:0]
	for _, w := range words {
		if first, dup := p.seen[p.section+w]; dup {
			p.report("「"+w+"」 stands twice in ["+p.section+"], first on line "+strconv.Itoa(first), "keep one of them")
			continue
		}
		p.seen[p.section+w] = p.line
		out = append(out, w)
	}
	return out
}

func (p *lexiconParser) report(text, fix string) {
	p.findings = append(p.findings, finding.Finding{File: p.file, Line: p.line, Level: finding.Error, Text: text, Fix: fix})
}
