package bot

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yingda/yingda/chat"
	"github.com/yingda/yingda/desk"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/zh"
)

// vocabulary is a guide's words for reading messages, ready to be looked up. It is safe for concurrent
// use.
type vocabulary struct {
	kb.Reading
	cues     map[kb.Cue]map[string]bool // whole messages, as core leaves them
	cueRunes map[rune]bool              // the characters of all cues
	progress []string
	mentions map[kb.Slot][]string
	kinds    map[string][]string
	aspects  map[string]*regexp.Regexp
	faces    *zh.Faces
	program  pattern
	asking   wordList       // the words of a question that names nothing
	polite   []string       // long ones first
	vague    map[rune]bool  // the characters of both
	ordinals map[string]int // the ways to name an option by its place, counted from 0
}

func newVocabulary(lib *kb.Library) *vocabulary {
	p := &lib.Phrases
	v := &vocabulary{
		Reading: p.Reading, cues: map[kb.Cue]map[string]bool{}, cueRunes: map[rune]bool{}, progress: p.Words[kb.CueProgress], mentions: map[kb.Slot][]string{},
		kinds: lib.Lexicon.Kinds, aspects: map[string]*regexp.Regexp{}, polite: byLength(lib.Lexicon.Polite),
		faces: zh.NewFaces(), program: newPattern(p.Reading.Program),
	}
	h := &p.Handover
	titles := map[kb.Cue][]string{
		kb.CueYes: {h.Yes, h.Confirm, h.ResumeYes}, kb.CueNo: {h.No}, kb.CueSkip: {h.Skip}, kb.CueNow: {h.Now}, kb.CueCancel: {h.CancelIt},
	}
	for _, cue := range kb.Cues() {
		v.cues[cue] = map[string]bool{}
		for _, word := range slices.Concat(p.Words[cue], titles[cue]) {
			v.cues[cue][v.core(word)] = true
		}
		maps.Copy(v.cueRunes, charactersOf(slices.Collect(maps.Keys(v.cues[cue]))))
	}
	for slot, d := range p.Details {
		v.mentions[slot] = d.Mentions
	}
	for _, a := range p.Reading.Aspects {
		if re, err := regexp.Compile(a.Pattern); err == nil { // a guide with another one is refused
			v.aspects[a.Kind] = re
		}
	}
	words := slices.Clone(p.Reading.FollowUp.Fillers)
	for _, kind := range slices.Sorted(maps.Keys(v.kinds)) {
		words = append(words, v.kinds[kind]...)
	}
	v.asking = newWordList(words)
	v.vague = charactersOf(slices.Concat(words, v.polite))
	v.ordinals = newOrdinals(&p.Reading)
	return v
}

// hear reads a text.
func (v *vocabulary) hear(text string) utterance { return newUtterance(text, v.Particles) }

// core is that of an utterance.
func (v *vocabulary) core(text string) string { return coreOf(zh.FoldLight(text), v.Particles) }

// says tells whether the whole message says cue. It may be said again and again, and a sound be drawn out: 收到收到 is
// 收到, 好好的 is 好的, and 不用了，谢谢 is 不用了. What agrees or ends something is not asked: 取消？ is no 取消.
func (v *vocabulary) says(cue kb.Cue, said utterance) bool {
	core := said.core
	if core == "" || (cue == kb.CueYes || cue == kb.CueCancel || cue == kb.CueWithdraw) && said.isUnsure() {
		return false
	}
	isSpelled := !strings.ContainsFunc(core, func(r rune) bool { return !v.cueRunes[r] })
	if isSpelled && (v.cues[cue][core] || v.cues[cue][unrepeated(core)] || v.cues[cue][squeeze(core)]) {
		return true
	}
	return cue != kb.CueAck && v.saysBesidePoliteness(cue, said)
}

// saysBesidePoliteness tells whether every clause of a message says cue, thanks and greetings aside: 不用了，谢谢, 算了，不弄了.
func (v *vocabulary) saysBesidePoliteness(cue kb.Cue, said utterance) bool {
	found := false
	for _, clause := range said.clauses {
		word := v.core(clause)
		for _, p := range v.polite {
			if utf8.RuneCountInString(p) > 1 && !v.cues[cue][word] { // one character alone, such as 了, is part of a word
				word = strings.TrimSuffix(strings.TrimPrefix(word, p), p)
			}
		}
		if word != "" && !v.cues[cue][word] {
			return false
		}
		found = found || word != ""
	}
	return found
}

// nod tells whether a message, whose faces are taken out, says no more than a nod does.
func (v *vocabulary) nod(said utterance, face zh.Sense) Nod {
	switch {
	case zh.Blank(said.text) && face == zh.SenseNone:
		return NodBlank
	case isWordy(said.text) && !zh.Blank(said.text) && !v.says(kb.CueAck, said):
		return NodNone
	case said.isUnsure():
		return NodAsks
	}
	return NodHeard
}

// faceCue is what a face alone says where yes and no make sense; "" for neither.
func faceCue(face zh.Sense, expected []kb.Cue) kb.Cue {
	cue := map[zh.Sense]kb.Cue{zh.SensePositive: kb.CueYes, zh.SenseNegative: kb.CueNo}[face]
	if slices.Contains(expected, cue) {
		return cue
	}
	return ""
}

// isOnly tells whether a clause says one word and nothing else but politeness.
func (v *vocabulary) isOnly(clause, word string) bool {
	return removeAll(removeAll(v.core(clause), []string{word}), v.polite) == ""
}

// maxAside is how many runes may stand beside a question that is not about the guide.
const maxAside = 8

// asksForProgram tells whether a message asks who answers, and wants nothing else.
func (v *vocabulary) asksForProgram(said utterance) bool {
	groups, ok := v.program.match(said.clauses, said.chars, v.isOnly)
	if !ok {
		return false
	}
	rest := v.program.beside(said.clauses, groups, v.isOnly)
	return utf8.RuneCountInString(removeAll(rest, v.polite)) <= maxAside && !containsAny(rest, v.Person)
}

// firstCue is the first of cues that the whole message says, or that the option says which it picks.
func (v *vocabulary) firstCue(said utterance, offered []chat.Option, cues []kb.Cue) kb.Cue {
	if o, ok := v.pick(offered, said.text); ok {
		if cue := optionCue(o.ID); cue != "" {
			return cue
		}
	}
	if i := slices.IndexFunc(cues, func(c kb.Cue) bool { return v.says(c, said) }); i >= 0 {
		return cues[i]
	}
	return ""
}

// asks tells whether a folded text looks like a question.
func (v *vocabulary) asks(folded string) bool { return containsAny(folded, v.Question) }

// asksForPerson tells whether the whole message, a few signs aside, is the wish for a person. The index
// knows many more wordings; this holds even for a guide that teaches it none.
func (v *vocabulary) asksForPerson(text string) bool {
	return slices.Contains(v.Person, strings.Trim(text, " !?.,。！？，、~"))
}

// namesOnly tells whether a text is the number of a ticket and no more.
func (v *vocabulary) namesOnly(ticket *desk.Ticket, text string) bool {
	if ticket == nil {
		return false
	}
	number, rest := TicketNumber(text, v.Ticket)
	return number == ticket.Number && !isWordy(removeAll(rest, slices.Concat(v.Ticket, strings.Split(v.Numbers.Links, ""))))
}

// isContactAlone tells whether a text with a masked telephone number says no more than that it is the customer's.
func (v *vocabulary) isContactAlone(text string) bool {
	rest := removeAll(v.core(text), byLength(slices.Concat(v.mentions[kb.SlotContact], v.polite)))
	return strings.Trim(rest, "0123456789"+v.Numbers.Links) == ""
}

// isOwnContact tells whether a masked telephone number in a text is the customer's own: it says so, or
// says nothing else. The number of a caller who wants money is not where to call back.
func (v *vocabulary) isOwnContact(text string) bool {
	const signs = 4 // runes that may stand around a number
	return containsAny(text, v.OwnContact) || utf8.RuneCountInString(strings.Trim(text, "0123456789* -+.。,，")) <= signs
}

// mentioned are the slots that a folded text speaks of by name: behind "金额写错了" a number needs no
// further word.
func (v *vocabulary) mentioned(folded string) []kb.Slot {
	folded = strings.ToLower(folded)
	var out []kb.Slot
	for _, slot := range kb.Slots() {
		if containsAny(folded, v.mentions[slot]) {
			out = append(out, slot)
		}
	}
	return out
}

// corrected takes "不是，我说的是押金" apart; rest is what was meant, the whole text when it corrects nothing.
func (v *vocabulary) corrected(text string) (rest string, ok bool) {
	bare := strings.Trim(text, " ,，.。!?！？~")
	if slices.Contains(v.Correction.Whole, bare) {
		return "", true
	}
	for _, mark := range v.Correction.Marks {
		if _, after, found := strings.Cut(bare, mark); found && after != "" {
			return strings.TrimLeft(after, " ,，:："), true
		}
	}
	return text, false
}

// isVague tells whether a folded text asks something and names nothing: it has question words or
// fillers, and besides these only politeness.
func (v *vocabulary) isVague(folded string) bool {
	rest := v.withoutLasting(folded)
	if strings.ContainsFunc(rest, func(r rune) bool { return isWordRune(r) && !v.vague[r] }) {
		return false // no word that is taken out has it
	}
	rest = v.asking.removeFrom(rest)
	return rest != folded && !isWordy(removeAll(rest, v.polite))
}

// withoutLasting takes out how long something lasts ("都三天了"): that names no topic either.
func (v *vocabulary) withoutLasting(folded string) string {
	f := &v.FollowUp
	for _, unit := range f.Lasting {
		before, after, ok := strings.Cut(folded, unit)
		if short := strings.TrimRight(before, f.Numerals); ok && short != before {
			return short + f.Lasts + strings.TrimPrefix(after, f.Done)
		}
	}
	return folded
}

// aspect is the kind of a question that asks one thing of its topic, when or how much; "" for others.
func (v *vocabulary) aspect(folded string) string {
	for _, a := range v.Aspects {
		if containsAny(folded, v.kinds[a.Kind]) {
			return a.Kind
		}
	}
	return ""
}

// maxSentences is how many sentences of an article answer a question about one aspect.
const maxSentences = 3

// sentences are those of an article that answer a question about one aspect.
func (v *vocabulary) sentences(a *kb.Article, aspect string) []string {
	text := a.Lead
	for _, s := range a.Sections() {
		text += "\n" + s.Text
	}
	var out []string
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("。；？\n", r) }) {
		one = strings.TrimSpace(strings.TrimLeft(one, "0123456789. ·"))
		if len(out) < maxSentences && v.aspects[aspect] != nil && v.aspects[aspect].MatchString(one) {
			out = append(out, one)
		}
	}
	return out
}
