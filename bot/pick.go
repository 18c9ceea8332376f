package bot

import (
	"slices"
	"strings"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// The ids of the options that are no articles.
const (
	humanOption   = "human" // a person at once
	yesOption     = "yes"
	noOption      = "no"
	skipOption    = "skip"
	confirmOption = "confirm"
	cancelOption  = "cancel"
	resumeOption  = "resume"
)

// optionCue is the short reply that an option stands for; "" for an article.
func optionCue(id string) kb.Cue {
	switch id {
	case humanOption:
		return kb.CueNow
	case yesOption, confirmOption, resumeOption:
		return kb.CueYes
	case noOption:
		return kb.CueNo
	case skipOption:
		return kb.CueSkip
	case cancelOption:
		return kb.CueCancel
	}
	return ""
}

// aroundPick is what may stand around what picks an option.
const aroundPick = " \n.。,、!~"

// trimPick leaves of a text what may pick an option.
func trimPick(text string) string { return strings.Trim(zh.FoldLight(text), aroundPick) }

// pick finds the option that a message chooses: by its number, its title, its place, or words of one
// title.
func (v *vocabulary) pick(offered []chat.Option, text string) (chat.Option, bool) {
	if len(offered) == 0 {
		return chat.Option{}, false
	}
	text = trimPick(text)
	for i, o := range offered {
		title, _ := v.faces.Split(o.Title)
		if text != "" && text == zh.FoldLight(title) || v.ordinal(text, len(offered)) == i {
			return o, true
		}
	}
	if o, ok := v.pickByPlace(topicsOf(offered), text); ok {
		return o, true
	}
	return v.pickByWords(offered, text)
}

// picks tells whether a message chooses an option, or several.
func (v *vocabulary) picks(offered []chat.Option, text string) bool {
	_, ok := v.pick(offered, text)
	return ok || len(v.pickAll(offered, text)) > 1
}

// pickByPlace takes "后面那个" as the last topic, "前面那个" as the first and "中间那个" as the second of three.
func (v *vocabulary) pickByPlace(topics []chat.Option, text string) (chat.Option, bool) {
	n := len(topics)
	text = strings.TrimSuffix(strings.TrimRight(text, v.Particles), v.Picks.Link)
	switch {
	case n < 2:
	case slices.Contains(v.Picks.Final, text):
		return topics[n-1], true
	case slices.Contains(v.Picks.First, text):
		return topics[0], true
	case slices.Contains(v.Picks.Middle, text):
		return topics[n/2], n == 3
	}
	return chat.Option{}, false
}

// pickByWords takes "到账那个" as the one option whose title has all its characters.
func (v *vocabulary) pickByWords(offered []chat.Option, text string) (chat.Option, bool) {
	i := slices.IndexFunc(v.Picks.Pointers, func(p string) bool { return strings.HasSuffix(text, p) })
	if i < 0 {
		return chat.Option{}, false
	}
	words := strings.TrimSuffix(strings.TrimSuffix(text, v.Picks.Pointers[i]), v.Picks.Link)
	match := slices.DeleteFunc(slices.Clone(offered), func(o chat.Option) bool {
		title := zh.FoldLight(o.Title)
		return words == "" || strings.ContainsFunc(words, func(r rune) bool { return !strings.ContainsRune(title, r) })
	})
	if len(match) != 1 {
		return chat.Option{}, false
	}
	return match[0], true
}

// pickAll are the topics that a message wants together ("都要"); nil for none. Two of them can be one
// ("第一个和第三个").
func (v *vocabulary) pickAll(offered []chat.Option, text string) []chat.Option {
	topics := topicsOf(offered)
	if len(topics) == 0 {
		return nil
	}
	text = trimPick(text)
	if slices.Contains(v.Picks.All, text) {
		return topics
	}
	var out []chat.Option
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(v.Picks.Joints, r) }) {
		i := v.ordinal(part, len(topics))
		if i < 0 {
			return nil
		}
		out = append(out, topics[i])
	}
	return out
}

// topicsOf are the options that are articles.
func topicsOf(offered []chat.Option) []chat.Option {
	return slices.DeleteFunc(slices.Clone(offered), func(o chat.Option) bool { return optionCue(o.ID) != "" })
}

// isPointless tells whether a folded message points at an option, where none is offered that fits.
func (v *vocabulary) isPointless(folded string) bool {
	text := strings.Trim(folded, aroundPick)
	return v.ordinal(text, maxOrdinal) >= 0 || slices.Contains(v.Picks.Vague, text)
}

// maxOrdinal is how many options have a number.
const maxOrdinal = 9

// ordinal is the place of the one of n options that text names by its place; -1 for none.
func (v *vocabulary) ordinal(text string, n int) int {
	if i, ok := v.ordinals[text]; ok && i < n {
		return i
	}
	if n > 1 && slices.Contains(v.Picks.Last, text) {
		return n - 1
	}
	return -1
}

// newOrdinals are the forms of the first maxOrdinal places, in figures and in numerals.
func newOrdinals(r *kb.Reading) map[string]int {
	ordinals := map[string]int{}
	numerals := []rune(r.Picks.Numerals)
	for i := maxOrdinal - 1; i >= 0; i-- { // what names two places names the first
		numbers := []string{string(rune('1' + i))}
		if i < len(numerals) {
			numbers = append(numbers, string(numerals[i]))
		}
		for _, number := range numbers {
			ordinals[number] = i
			for _, form := range r.Picks.Ordinals {
				ordinals[fill(form, "n", number)] = i
			}
		}
	}
	return ordinals
}
