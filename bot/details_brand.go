package bot

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/yingda/yingda/kb"
)

// brand reads the terminal's brand and model: "联迪A8", "新大陆的ME31", or a model that only one brand has.
func (t *telling) brand() {
	low := strings.ToLower(t.text)
	if value := t.brandIn(low); value != "" {
		t.out[kb.SlotBrandModel] = value
	}
	if !strings.Contains(t.out[kb.SlotBrandModel], " ") { // "me 31", "ME-31"
		if value := t.brandIn(squeeze(low)); strings.Contains(value, " ") {
			t.out[kb.SlotBrandModel] = value
		}
	}
}

// brandIn is the brand and model that a text in lower case names, "" for none.
func (t *telling) brandIn(text string) string {
	name, rest := "", text
	for _, b := range t.brands {
		if b.model == "" && containsWord(text, b.folded) {
			name = b.brand
			_, rest, _ = strings.Cut(text, b.folded)
			break
		}
	}
	for _, b := range t.brands {
		switch {
		case b.model == "":
		case name == b.brand && containsWord(rest, b.folded):
			return name + " " + strings.ToUpper(b.model)
		case name == "" && (len(b.folded) > shortModel || t.wants(kb.SlotBrandModel)) && containsWord(text, b.folded):
			return b.brand + " " + strings.ToUpper(b.model)
		}
	}
	if m := t.model.FindStringIndex(rest); name != "" && m != nil && m[0] <= maxGap && !strings.ContainsAny(rest[:m[0]], ",。;!?") {
		return name + " " + strings.ToUpper(rest[m[0]:m[1]]) // a model that is not in the list
	}
	return name
}

const (
	shortModel = 3  // bytes: models that short (A8) need their brand beside them
	maxGap     = 21 // bytes between a brand and its model: "新大陆的机器型号是 ME99"
)

// containsWord is strings.Contains, where a word of letters and digits must not be part of a longer one.
func containsWord(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(word)
		before := i == 0 || !alnum(text[i-1]) || !alnum(word[0])
		after := end == len(text) || !alnum(text[end]) || !alnum(word[len(word)-1])
		if before && after {
			return true
		}
		from = end
	}
}

// brandName is one way to name a brand of terminals, or one of its models.
type brandName struct {
	folded string // lower case, without blanks and dashes
	brand  string
	model  string // as it is written; "" for a name of the brand
}

func newBrands(brands map[string][]string) []brandName {
	var out []brandName
	fold := func(s string) string { return strings.ToLower(squeeze(s)) }
	for brand, names := range brands {
		out = append(out, brandName{folded: fold(brand), brand: brand})
		for _, n := range names {
			b := brandName{folded: fold(n), brand: brand}
			if isModel(n) {
				b.model = n
			}
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b brandName) int {
		return cmp.Or(len(b.folded)-len(a.folded), cmp.Compare(a.folded, b.folded), cmp.Compare(a.brand, b.brand))
	})
	return out
}

// isModel tells a model (ME31) from another name of the brand (landi).
func isModel(name string) bool {
	return countDigits(name) > 0 || !strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) || unicode.IsLower(r) })
}
