package zh

import (
	"strings"
	"unicode/utf8"
)

// Vocabulary is what an Analyzer knows about words, all of it folded.
type Vocabulary struct {
	Polite []string   // words without meaning
	Same   [][]string // words for one thing; the first names the group
	Mends  []Mend     // misspellings
}

// Mend is one misspelling: Wrong becomes Right in a text that has one of Near, or in any when Near is empty.
type Mend struct {
	Wrong, Right string
	Near         []string
}

// Analyzer turns text as typed into the tokens that ranking compares. It is safe for concurrent use.
type Analyzer struct {
	folder *Folder
	pinyin *Pinyin
	mends  []Mend // group of wrong → its mend
	wrong  Words
	polite Words
	same   Words
	groups []string // group of same → its name
}

// NewAnalyzer makes an analyzer for one vocabulary.
func NewAnalyzer(v Vocabulary) (*Analyzer, error) {
	folder, err := NewFolder()
	if err != nil {
		return nil, err
	}
	a := Analyzer{folder: folder, pinyin: NewPinyin(), mends: v.Mends, polite: NewWords([][]string{v.Polite}), same: NewWords(v.Same)}
	wrong := make([][]string, len(v.Mends))
	for i, m := range v.Mends {
		wrong[i] = []string{m.Wrong}
	}
	a.wrong = NewWords(wrong)
	for _, words := range v.Same {
		a.groups = append(a.groups, words[0])
	}
	return &a, nil
}

// Pinyin is the table by which the analyzer reads characters.
func (a *Analyzer) Pinyin() *Pinyin { return a.pinyin }

// Fold returns text folded, with its misspelt words mended.
func (a *Analyzer) Fold(text string) string {
	folded := a.folder.Fold(text)
	return a.wrong.Replace(folded, func(g int) string {
		m := a.mends[g]
		if len(m.Near) > 0 && !containsAny(folded, m.Near) {
			return m.Wrong
		}
		return m.Right
	})
}

func containsAny(s string, subs []string) bool {
	for _, sub := range subs {
		if strings.Contains(s, sub) {
			return true
		}
	}
	return false
}

// Kind is one way to look at a text; each has its own tokens.
type Kind int

// The kinds of tokens.
const (
	Chars     Kind = iota // units
	Concepts              // lexicon groups, units where no word is known
	Bigrams               // two neighbouring units
	Trigrams              // three neighbouring units
	Syllables             // toneless pinyin of each unit, Latin words and numbers as they are
	Kinds                 // how many kinds there are
)

// Tokens are the tokens of one text, by kind, in the text's order and with their repeats.
type Tokens [Kinds][]string

// Text is a folded text and its tokens.
type Text struct {
	Folded string
	Tokens Tokens
}

// Read folds a text and takes it apart.
func (a *Analyzer) Read(text string) Text {
	folded := a.Fold(text)
	return Text{folded, a.Tokens(folded)}
}

// LongNumber stands for every number of more digits than any code or amount has.
const LongNumber = "#"

const longNumber = 6 // digits

// Tokens returns the tokens of folded text, politeness left out unless nothing else was said.
func (a *Analyzer) Tokens(folded string) Tokens {
	core, units := a.core(folded)
	return Tokens{
		Chars:     chars(core, units),
		Concepts:  a.concepts(core),
		Bigrams:   ngrams(core, units, 2),
		Trigrams:  ngrams(core, units, 3),
		Syllables: a.syllables(core, units),
	}
}

// Grams returns only the Chars and the Bigrams of Tokens: all that an index needs.
func (a *Analyzer) Grams(folded string) Tokens {
	core, units := a.core(folded)
	return Tokens{Chars: chars(core, units), Bigrams: ngrams(core, units, 2)}
}

// core is the text without politeness, and its units.
func (a *Analyzer) core(folded string) (string, []Unit) {
	core := a.polite.Remove(folded)
	if units := Units(make([]Unit, 0, 32), core); len(units) > 0 {
		return core, units
	}
	return folded, Units(nil, folded)
}

// chars are the units; a long number adds what stands for all such.
func chars(core string, units []Unit) []string {
	out := make([]string, 0, len(units))
	for _, u := range units {
		out = append(out, core[u.Start:u.End])
		if u.Kind == Number && u.End-u.Start > longNumber {
			out = append(out, LongNumber)
		}
	}
	return out
}

// ngrams are the runs of n units, as pieces of text; what stands between two units is left out.
func ngrams(text string, units []Unit, n int) []string {
	if len(units) < n {
		return nil
	}
	grams := make([]string, 0, len(units)-n+1)
	for i := 0; i+n <= len(units); i++ {
		run := units[i : i+n]
		gram := text[run[0].Start:run[n-1].End]
		if !adjoining(run) {
			gram = ""
			for _, u := range run {
				gram += text[u.Start:u.End]
			}
		}
		grams = append(grams, gram)
	}
	return grams
}

func adjoining(run []Unit) bool {
	for i := 1; i < len(run); i++ {
		if run[i].Start != run[i-1].End {
			return false
		}
	}
	return true
}

// concepts are the lexicon's groups and, between them, the units.
func (a *Analyzer) concepts(text string) []string {
	var out []string
	rest := 0
	flush := func(end int) {
		for _, u := range Units(nil, text[rest:end]) {
			out = append(out, text[rest+u.Start:rest+u.End])
		}
	}
	for i := 0; i < len(text); {
		end, g := a.same.At(text, i)
		if end == i {
			i++
			for i < len(text) && text[i]&0xc0 == 0x80 {
				i++
			}
			continue
		}
		flush(i)
		out = append(out, a.groups[g])
		i, rest = end, end
	}
	flush(len(text))
	return out
}

// syllables are the units as they sound.
func (a *Analyzer) syllables(text string, units []Unit) []string {
	out := make([]string, len(units))
	for i, u := range units {
		out[i] = text[u.Start:u.End]
		if u.Kind == Han {
			r, _ := utf8.DecodeRuneInString(out[i])
			if readings := a.pinyin.Readings(r); len(readings) > 0 {
				out[i] = readings[0]
			}
		}
	}
	return out
}
